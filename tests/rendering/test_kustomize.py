"""Kustomizations as kustomize builds them: what is built, what is skipped, and where the fields of it are written."""

import os
import shutil
import sys

import pytest
from linting import REGISTRY, TODAY

from kubelint.cli.workspace import Request, Workspace
from kubelint.engine.linter import Linter
from kubelint.manifests import Document, Project
from kubelint.rendering.kustomize import Tool, build_kustomizations, find_tool, needs_build
from kubelint.rendering.rendered import NoEngine

needs_tool = pytest.mark.skipif(
    not (shutil.which("kustomize") or shutil.which("kubectl")), reason="neither kustomize nor kubectl is on PATH"
)
DNS = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: coredns
  namespace: kube-system
  labels: {k8s-app: kube-dns}
spec:
  replicas: 2
  selector: {matchLabels: {k8s-app: kube-dns}}
  template:
    metadata: {labels: {k8s-app: kube-dns}}
    spec:
      containers:
        - name: coredns
          image: registry.k8s.io/coredns/coredns:v1.12.0
          ports: [{name: dns, containerPort: 53}]
"""
PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: coredns, namespace: kube-system}
spec:
  replicas: 1
  template:
    spec:
      nodeSelector: {kubernetes.io/arch: amd64}
      containers:
        - {name: sidecar, image: "docker.io/example/sidecar:1"}
"""
BASE = {"base/kustomization.yaml": "resources: [dns.yaml]\n", "base/dns.yaml": DNS}
PATCHED = {
    **BASE,
    "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: one.yaml}]\n",
    "prod/one.yaml": PATCH,
}


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def read(root):
    given = Workspace(Request((str(root),), root=str(root), use_config=False), REGISTRY).read()
    return Project(Document(document) for file in given.files for document in file.documents)


def built(root, files, mode="always", tool=None):
    write(root, files)
    return build_kustomizations(root, read(root), mode, tool)


def lint(root, mode="always"):
    workspace = Workspace(Request((str(root),), root=str(root), use_config=False), REGISTRY)
    given = workspace.read()._replace(render=lambda project, _: build_kustomizations(root, project, mode))
    report = Linter(REGISTRY, workspace.settings, TODAY).run(given)
    assert not report.crashed
    return [(finding.meta.id, finding.place.path, finding.place.start.line) for finding in report.findings]


def fake(root, script, **limits):
    """A program that does what the Python `script` says."""
    program = root / "fake-kustomize"
    program.write_text(f"#!{sys.executable}\nimport sys\n{script}\n")
    program.chmod(0o755)
    return Tool((str(program), "build"), **limits)


def spelled(trace):
    return trace.file, ".".join(map(str, trace.path))


@needs_tool
@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("metadata", "name"), ("base/dns.yaml", "metadata.name")),
        (("metadata", "namespace"), ("prod/kustomization.yaml", "namespace")),
        (("spec", "replicas"), ("prod/kustomization.yaml", "replicas.0.count")),
        (("spec", "template", "spec", "nodeSelector"), ("prod/one.yaml", "spec.template.spec.nodeSelector")),
        (
            ("spec", "template", "spec", "nodeSelector", "kubernetes.io/arch"),
            ("prod/one.yaml", "spec.template.spec.nodeSelector.kubernetes.io/arch"),
        ),
        (
            ("spec", "template", "spec", "containers", 0, "image"),
            ("prod/one.yaml", "spec.template.spec.containers.0.image"),
        ),
        (("spec", "template", "spec", "containers", 1, "image"), ("prod/kustomization.yaml", "images.0")),
        (
            ("spec", "template", "spec", "containers", 1, "ports", 0, "name"),
            ("base/dns.yaml", "spec.template.spec.containers.0.ports.0.name"),
        ),
        (("spec", "paused"), ("prod/kustomization.yaml", "patches.1.patch.Inside(document=0).0.value")),
        (("spec", "strategy"), ("base/dns.yaml", "spec.strategy")),
    ],
)
def test_where_fields_are_written(tmp_path, path, place):
    over = """\
resources: [../base]
namespace: dns
replicas: [{name: coredns, count: 3}]
images: [{name: registry.k8s.io/coredns/coredns, newTag: v1.12.1}]
patches:
  - {path: one.yaml}
  - {target: {kind: Deployment}, patch: '[{"op": "add", "path": "/spec/paused", "value": true}]'}
"""
    rendered = built(tmp_path, {**PATCHED, "prod/kustomization.yaml": over})
    assert rendered.skipped == ()
    (file,) = rendered.files
    assert rendered.superseded == {("base/dns.yaml", 0), ("prod/one.yaml", 0)}
    assert (file.written_in, file.belongs_to) == ("base/dns.yaml", "prod/kustomization.yaml")
    assert file.source.documents[0].value["metadata"] == {
        "name": "coredns", "namespace": "dns", "labels": {"k8s-app": "kube-dns"}
    }  # fmt: skip
    assert spelled(file.trace(0, path, "value")) == place


@needs_tool
def test_generated_objects_are_traced_to_their_files(tmp_path):
    over = "resources: [use.yaml]\nnamePrefix: p-\nconfigMapGenerator: [{name: v, files: [v.yaml], literals: [a=b]}]\n"
    use = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {volumes: [{name: v, configMap: {name: v}}]}\n"
    rendered = built(tmp_path, {"kustomization.yaml": over, "use.yaml": use, "v.yaml": "replicas: 2\n"})
    made, pod = sorted(rendered.files, key=lambda file: file.written_in)
    from kubelint.sources import Inside

    trace = made.trace
    assert spelled(trace(0, ("data", "v.yaml", Inside(0), "replicas"), "value")) == ("v.yaml", "replicas")
    assert spelled(trace(0, ("data", "v.yaml"), "value")) == ("kustomization.yaml", "configMapGenerator.0.files.0")
    assert spelled(trace(0, ("data", "a"), "value")) == ("kustomization.yaml", "configMapGenerator.0.literals.0")
    assert spelled(trace(0, ("metadata", "name"), "value")) == ("kustomization.yaml", "configMapGenerator.0.name")
    name = ("spec", "volumes", 0, "configMap", "name")
    assert spelled(pod.trace(0, name, "value"))[0] == "use.yaml"


@needs_tool
def test_findings_point_at_what_decides(tmp_path):
    write(tmp_path, PATCHED)
    for mode in ("auto", "never"):  # a patch of `replicas` is understood without a build, too
        found = [finding for finding in lint(tmp_path, mode) if finding[0] == "dns-single-replica"]
        assert found == [("dns-single-replica", "prod/one.yaml", 5)]


@needs_tool
def test_the_same_finding_of_several_overlays_is_one(tmp_path):
    single = DNS.replace("replicas: 2", "replicas: 1")
    layers = {
        f"{name}/kustomization.yaml": f"resources: [../base]\ncommonAnnotations: {{for: {name}}}\n" for name in "abc"
    }
    write(tmp_path, {**BASE, "base/dns.yaml": single, **layers})
    assert [finding for finding in lint(tmp_path) if finding[0] == "dns-single-replica"] == [
        ("dns-single-replica", "base/dns.yaml", 8)
    ]


@needs_tool
def test_variants_of_one_base_never_meet(tmp_path):
    layers = {f"{name}/kustomization.yaml": "resources: [../base]\n" for name in ("one", "two")}
    other = {"else/kustomization.yaml": "resources: [w.yaml]\n", "else/w.yaml": DNS.replace("coredns", "other")}
    rendered = built(tmp_path, {**BASE, **layers, **other})
    assert sorted((file.belongs_to, file.rendering) for file in rendered.files) == [
        ("else/kustomization.yaml", ""), ("one/kustomization.yaml", "one"), ("two/kustomization.yaml", "two")
    ]  # fmt: skip
    assert rendered.superseded == {("base/dns.yaml", 0), ("else/w.yaml", 0)}


@needs_tool
def test_flux_still_counts_for_what_was_built(tmp_path):
    flux = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: dns}\n"
        "spec: {path: ./prod, targetNamespace: from-flux, sourceRef: {kind: GitRepository, name: flux-system}}\n"
    )
    rendered = built(tmp_path, {**PATCHED, "flux.yaml": flux})
    (file,) = rendered.files
    document = Document(file.source.documents[0])
    document.belongs_to = file.belongs_to
    given = Workspace(Request((str(tmp_path),), root=str(tmp_path)), REGISTRY).read()
    written = [Document(source) for each in given.files for source in each.documents]
    kept = [each for each in written if (each.file, each.index) not in rendered.superseded]
    project = Project([*kept, document])
    (obj,) = project.objects("Deployment")
    assert project.kustomizations.namespaces(obj) == {"from-flux"}
    assert not project.kustomizations.is_open(obj.file)


@needs_tool
def test_secrets_stay_as_written(tmp_path):
    files = {
        "kustomization.yaml": "resources: [a.yaml]\nnamespace: x\nsecretGenerator: [{name: s, literals: [a=b]}]\n",
        "a.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\n" + DNS,
    }
    rendered = built(tmp_path, files)
    assert rendered.superseded == {("a.yaml", 1)}
    values = [document.value for file in rendered.files for document in file.source.documents]
    assert [value["kind"] for value in values] == ["Deployment"]


@needs_tool
def test_what_is_reached_unbuilt_too_is_judged_as_written(tmp_path):
    charts = "resources: [../base]\nhelmCharts: [{name: x}]\n"
    rendered = built(tmp_path, {**PATCHED, "charts/kustomization.yaml": charts})
    assert rendered.superseded == {("prod/one.yaml", 0)}
    assert [path for path, _ in rendered.skipped] == ["charts/kustomization.yaml"]


OBSTACLES = {
    "remote": ("resources: [../base, 'https://example.com/x.yaml']\n", "`https://example.com/x.yaml`"),
    "git": ("resources: ['github.com/example/repo//config?ref=v1']\n", "`github.com/example/repo//config?ref=v1`"),
    "remote component": ("resources: [../base]\ncomponents: ['git@example.com:a/b']\n", "`git@example.com:a/b`"),
    "remote patch": ("resources: [../base]\npatches: [{path: 'http://example.com/p.yaml'}]\n", "`http://example.com"),
    "charts": ("resources: [../base]\nhelmCharts: [{name: x}]\n", "`helmCharts`"),
    "transformer": ("resources: [../base]\ntransformers: [x.yaml]\n", "`transformers`"),
    "generator": ("resources: [../base]\ngenerators: [x.yaml]\n", "`generators`"),
    "outside": ("resources: [../../outside]\n", "`../../outside`"),
    "absolute": ("configMapGenerator: [{name: x, files: [/etc/hostname]}]\n", "`/etc/hostname`"),
    "gone": ("resources: [gone.yaml]\n", "`gone.yaml`"),
    "a key in another case, as Go reads it": ("resources: [../base]\nResources: [../../outside]\n", "`Resources`"),
    "a key in letters that fold": ("resources: [../base]\nre\u017fources: [../../outside]\n", "`re\u017fources`"),
    "a tag": ("resources: [../base, !!binary Li4vYmFzZQ==]\n", "`Li4vYmFzZQ==`"),
}


@pytest.mark.parametrize("case", OBSTACLES)
def test_what_would_leave_the_tree_is_not_built(tmp_path, case):
    text, named = OBSTACLES[case]
    mark = tmp_path / "ran"
    mark.touch()
    tool = fake(tmp_path, f"open({str(mark)!r}, 'a').write(open(sys.argv[2] + '/kustomization.yaml').read())")
    root = tmp_path / "root"
    rendered = built(root, {**BASE, "prod/kustomization.yaml": text}, tool=tool)
    skipped = dict(rendered.skipped)
    assert rendered.files == () and skipped["prod/kustomization.yaml"].startswith("not built: ")
    assert named in skipped["prod/kustomization.yaml"]
    assert "prod" not in mark.read_text()


def test_a_link_out_of_the_tree_is_not_followed(tmp_path):
    write(tmp_path / "out", {"kustomization.yaml": "resources: []\n"})
    write(tmp_path / "root", {"over/kustomization.yaml": "resources: [../base]\n"})
    (tmp_path / "root" / "base").symlink_to(tmp_path / "out")
    rendered = build_kustomizations(tmp_path / "root", read(tmp_path / "root"), "always", fake(tmp_path, "1/0"))
    assert [reason for _, reason in rendered.skipped] == [
        "not built: `../base` in `over/kustomization.yaml` is not in the tree"
    ]


@pytest.mark.parametrize(("folder", "name"), [("vendor/base", "kustomization.yaml"), ("other", "Kustomization")])
def test_a_folder_that_is_not_read_is_not_built(tmp_path, folder, name):
    root = tmp_path / "root"
    entries = f"resources: [../base, ../{folder}]\n"
    files = {**BASE, f"{folder}/{name}": "resources: [../../outside]\n", "over/kustomization.yaml": entries}
    rendered = built(root, files, tool=fake(tmp_path, "1/0"))
    assert dict(rendered.skipped) == {
        "over/kustomization.yaml": f"not built: `../{folder}` in `over/kustomization.yaml` is not read"
    }


@pytest.mark.parametrize("kind", ["large", "pipe"])
def test_files_that_are_too_large_or_none_are_not_built_from(tmp_path, kind):
    root = tmp_path / "root"
    write(root, {"over/kustomization.yaml": "configMapGenerator: [{name: x, files: [data.bin]}]\n"})
    if kind == "pipe":
        os.mkfifo(root / "over/data.bin")
    else:
        with (root / "over/data.bin").open("wb") as stream:
            stream.truncate(5 * 2**30)
    rendered = built(root, {}, tool=fake(tmp_path, "1/0"))
    reason = "its files are larger than 64 MiB" if kind == "large" else "`data.bin` in `over/kustomization.yaml` is not"
    assert reason in dict(rendered.skipped)["over/kustomization.yaml"]


FROM_OUTSIDE = """
import json, os
up = os.path.relpath({folder!r}, os.path.realpath(sys.argv[2]))
origin = "path: " + up + "/outside/a.yaml\\n"
metadata = {{"name": "made", "annotations": {{"config.kubernetes.io/origin": origin}}}}
print(json.dumps({{"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}}))
"""


def test_what_comes_from_outside_is_not_taken(tmp_path):
    tool = fake(tmp_path, FROM_OUTSIDE.format(folder=str(tmp_path)))
    rendered = built(tmp_path / "root", PATCHED, tool=tool)
    assert rendered.files == ()
    assert dict(rendered.skipped) == {
        "prod/kustomization.yaml": "not built: it holds something from outside of the tree"
    }


@needs_tool
def test_what_was_built_is_not_called_unrecognised(tmp_path):
    write(tmp_path, PATCHED)
    workspace = Workspace(Request((str(tmp_path),), root=str(tmp_path), use_config=False), REGISTRY)
    given = workspace.read()._replace(render=lambda project, _: build_kustomizations(tmp_path, project, "always"))
    report = Linter(REGISTRY, workspace.settings, TODAY).run(given)
    assert [entry for entry in report.skipped if entry.reason == "unrecognised"] == []


WELL = "print('''apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: made}''')"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import time; time.sleep(60)", "not built: timed out after 1 s"),
        (
            "sys.exit('first\\nError: no matches for Id Deployment.v1.apps/web.[noNs]; failed')",
            "a patch is for `Deployment.v1.apps/web.[noNs]`, which is not there",
        ),
        ("sys.exit(3)", "not built: kustomize ended with exit code 3"),
        ("print('a: [b')", "not built: what kustomize wrote is not YAML"),
        ("print('just words')", "not built: what kustomize wrote are not Kubernetes objects"),
        ("sys.stdout.buffer.write(bytes(range(256)) * 9)", "not built: what kustomize wrote"),
        ("sys.exit('\\x1b[31mpassword: hunter2\\x1b[0m')", "not built: kustomize ended with exit code 1"),
        ("sys.exit('already registered id: \\x1b[31m')", "not built: kustomize ended with exit code 1"),
    ],
)
def test_programs_that_fail(tmp_path, script, reason):
    rendered = built(tmp_path / "root", PATCHED, tool=fake(tmp_path, script, timeout=1))
    assert rendered.files == () and rendered.superseded == frozenset()
    ((path, said),) = rendered.skipped
    assert path == "prod/kustomization.yaml" and reason in said and "\x1b" not in said


def test_a_program_that_works(tmp_path):
    rendered = built(tmp_path / "root", PATCHED, tool=fake(tmp_path, WELL))
    (file,) = rendered.files
    assert file.source.documents[0].value["metadata"] == {"name": "made"} and rendered.skipped == ()
    assert file.trace(0, ("data",), "value").file == "prod/kustomization.yaml"


def test_one_that_fails_does_not_spoil_the_others(tmp_path):
    folders = [f"k{number}" for number in range(5)]
    files = {f"{name}/kustomization.yaml": "resources: [w.yaml]\n" for name in folders}
    files |= {f"{name}/w.yaml": DNS for name in folders}
    text = "text = open(sys.argv[2] + '/kustomization.yaml').read()"
    script = f"{text}\nif '/k3' in text or text.count('/k') > 1: sys.exit('bad')\n{WELL}"
    rendered = built(tmp_path / "root", files, tool=fake(tmp_path, script))
    assert [path for path, _ in rendered.skipped] == ["k3/kustomization.yaml"] and len(rendered.files) == 4


def test_all_together_have_a_limit(tmp_path):
    files = {f"k{number}/kustomization.yaml": "resources: [../w.yaml]\n" for number in range(3)}
    rendered = built(tmp_path / "root", {**files, "w.yaml": DNS}, tool=fake(tmp_path, "sys.exit('x')", budget=0.0))
    assert {reason for _, reason in rendered.skipped} == {"not built: all together took longer than 0 s"}


def test_what_was_built_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("KUBELINT_CACHE_DIR", str(tmp_path / "cache"))
    count = tmp_path / "count"
    tool = fake(tmp_path, f"open({str(count)!r}, 'a').write('x')\n{WELL}")
    root = tmp_path / "root"
    write(root, PATCHED)

    def build(secret=False):
        rendered = build_kustomizations(root, read(root), "always", tool, lambda files: secret)
        assert [document.value["metadata"] for document in rendered.files[0].source.documents] == [{"name": "made"}]
        return len(count.read_text())

    assert [build(secret=True), build(secret=True), build(), build()] == [1, 2, 3, 3]
    write(root, {"prod/one.yaml": PATCH.replace("replicas: 1", "replicas: 4")})
    assert [build(), build()] == [4, 4]
    write(root, {"base/dns.yaml": DNS.replace("replicas: 2", "replicas: 4")})
    assert build() == 5


def test_without_a_program(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_tool({"PATH": "relative:"}) is None
    assert built(tmp_path / "root", PATCHED, "auto").files == ()
    with pytest.raises(NoEngine, match="install kustomize or kubectl"):
        built(tmp_path / "root", PATCHED, "always")
    assert built(tmp_path / "plain", {"a.yaml": DNS}, "always").files == ()


def test_never_builds_nothing(tmp_path):
    assert built(tmp_path / "root", PATCHED, "never", fake(tmp_path, WELL)).files == ()


def test_auto_builds_what_reading_leaves_unknown(tmp_path):
    write(tmp_path, {**PATCHED, "plain/kustomization.yaml": "resources: [../base]\nnamespace: x\n"})
    roots = read(tmp_path).kustomizations.roots
    assert [(root.folder, needs_build(root)) for root in roots] == [("plain", False), ("prod", True)]


def test_the_program_is_found_on_the_path(tmp_path):
    for name in ("kubectl", "kustomize"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert find_tool({"PATH": str(tmp_path)}).command == (str(tmp_path / "kustomize"), "build")
    (tmp_path / "kustomize").unlink()
    assert find_tool({"PATH": str(tmp_path)}).command == (str(tmp_path / "kubectl"), "kustomize")
