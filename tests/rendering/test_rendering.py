"""Charts in a tree: what is rendered with what, what is found in it, and where."""

import io
import json
import subprocess
import sys
import tarfile

import pytest
from invented import invented
from linting import ids
from rendering.trees import CHART, fake_helm, lint, places, reasons, tree, without_any, without_helm

from kubelint.cli.main import run
from kubelint.rendering.engines import HelmBinary
from kubelint.rendering.tree import render_charts

DNS = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: coredns
  namespace: kube-system
  labels: {k8s-app: kube-dns}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {k8s-app: kube-dns}
  template:
    metadata:
      labels: {k8s-app: kube-dns}
    spec:
      nodeSelector: {kubernetes.io/arch: amd64}
      containers:
        - name: coredns
          image: "coredns/coredns:{{ .Values.tag | default "1.12.1" }}"
"""
PLAIN = DNS.replace("{{ .Values.replicas }}", "1").replace('{{ .Values.tag | default "1.12.1" }}', "1.12.1")
ROLE = """\
{{- if .Values.rbac }}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .Release.Name }}-web
rules:
  - apiGroups: [""]
    resources: ["pods"]
    verbs: ["get"]
    resources: ["secrets"]
{{- end }}
"""
MAP = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-map\ndata:\n  a: {{ .Values.a | quote }}\n"
)


@pytest.fixture(autouse=True)
def library(monkeypatch, tmp_path):
    without_helm(monkeypatch, tmp_path)


def chart(values="replicas: 1\n", folder="charts/web", **templates):
    files = {"Chart.yaml": CHART, "values.yaml": values}
    files |= {f"templates/{name}.yaml": text for name, text in templates.items()}
    return {f"{folder}/{name}": text for name, text in files.items()}


def single_replica(report):
    return [place for place in places(report) if place[0] == "dns-single-replica"]


def test_findings_stand_in_the_template(tmp_path):
    report = lint(tree(tmp_path, chart(dns=DNS)))
    assert single_replica(report) == [
        ("dns-single-replica", "charts/web/templates/dns.yaml", 8, "{{ .Values.replicas }}")
    ]
    (finding,) = [finding for finding in report.findings if finding.meta.id == "dns-single-replica"]
    assert finding.object.display == "Deployment kube-system/coredns" and finding.field == "spec.replicas"
    assert finding.rendered_from == "charts/web/values.yaml" and finding.fixes == ()
    assert report.objects == 1
    assert [entry for entry in report.skipped if "templates/" in entry.path] == []


def test_never_renders_nothing(tmp_path):
    report = lint(tree(tmp_path, chart(dns=DNS)), render="never")
    assert ids(report) == []
    assert [entry.reason for entry in report.skipped if "templates/" in entry.path] == ["helm-template"]


def test_each_ci_values_file_is_rendered_and_what_it_repeats_is_told_once(tmp_path):
    files = chart("replicas: 2\n", dns=DNS) | {
        "charts/web/ci/one-values.yaml": "replicas: 1\n",
        "charts/web/ci/same-values.yaml": "replicas: 1\ntag: x\n",
        "charts/web/ci/other.yaml": "replicas: [\n",
    }
    report = lint(tree(tmp_path, files), select=("dns-single-replica",))
    assert [(finding.meta.id, finding.rendered_from) for finding in report.findings] == [
        ("dns-single-replica", "charts/web/ci/one-values.yaml")
    ]


def test_libraries_and_charts_in_charts_are_not_rendered_on_their_own(tmp_path):
    files = chart(dns="# nothing\n") | chart(folder="charts/web/charts/sub", dns=DNS)
    files["charts/lib/Chart.yaml"] = CHART + "type: library\n"
    files["charts/lib/templates/_x.tpl"] = '{{ fail "never" }}'
    files["charts/web/Chart.yaml"] = CHART
    files["charts/web/charts/sub/Chart.yaml"] = CHART.replace("web", "sub")
    report = lint(tree(tmp_path, files))
    assert single_replica(report) == [
        ("dns-single-replica", "charts/web/charts/sub/templates/dns.yaml", 8, "{{ .Values.replicas }}")
    ]
    assert reasons(report) == []


RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: dns
  namespace: kube-system
spec:
  chart:
    spec:
      chart: ./charts/web
      sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}
  values:
    replicas: 1
"""
SOURCE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  url: https://git.example.com/home/cluster
"""


def test_releases_render_the_chart_with_their_values(tmp_path):
    files = chart("replicas: 2\n", dns=DNS, map=MAP) | {
        "clusters/home/dns.yaml": RELEASE,
        "clusters/home/source.yaml": SOURCE,
        "clusters/away/dns.yaml": RELEASE.replace(
            "replicas: 1", "replicas: 1\n  valuesFrom: [{kind: Secret, name: x}]"
        ),
    }
    report = lint(tree(tmp_path, files), select=("dns-single-replica",))
    found = [finding for finding in report.findings if finding.place.path.startswith("charts/")]
    assert [(finding.rendered_from, finding.place.start.line) for finding in found] == [("clusters/home/dns.yaml", 8)]
    assert reasons(report) == [
        ("charts/web/Chart.yaml", "not rendered for HelmRelease kube-system/dns: its values are not all known")
    ]


def test_a_packed_dependency_is_where_the_chart_asks_for_it(tmp_path):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in chart("replicas: 1\n", folder="sub", dns=DNS).items():
            entry = tarfile.TarInfo(name)
            data = text.replace("name: web", "name: sub").encode()
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    asked = "dependencies:\n  - name: other\n    version: 1.0.0\n  - name: sub\n    alias: dns\n    version: 0.1.0\n"
    root = tree(tmp_path, chart(map=MAP) | {"charts/web/charts/other/Chart.yaml": CHART.replace("web", "other")})
    tree(root, {"charts/web/Chart.yaml": CHART + asked})
    (root / "charts/web/charts/sub-0.1.0.tgz").write_bytes(packed.getvalue())
    report = lint(root)
    assert single_replica(report) == [("dns-single-replica", "charts/web/Chart.yaml", 7, "sub")]
    assert reasons(report) == [] and report.objects == 2


def test_renderings_of_one_chart_do_not_meet(tmp_path):
    budget = (
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: dns, namespace: kube-system}\n"
        "spec: {maxUnavailable: 1, selector: {matchLabels: {k8s-app: kube-dns}}}\n"
    )
    files = chart("replicas: 2\nbudget: true\n", dns=DNS, budget="{{ if .Values.budget }}\n" + budget + "{{ end }}\n")
    files["charts/web/ci/without-values.yaml"] = "budget: false\n"
    root = tree(tmp_path, files)
    rule = "dns-without-disruption-budget"
    assert [finding.rendered_from for finding in lint(root, select=(rule,)).findings] == [
        "charts/web/ci/without-values.yaml"
    ]
    tree(root, {"charts/budget.yaml": budget})
    assert lint(root, select=(rule,)).findings == []


def test_suppressions_in_templates_hold(tmp_path):
    comment = "# kubelint: ignore[dns-single-replica] one is enough here\n  "
    template = DNS.replace("replicas: {{", comment + "replicas: {{")
    files = chart(dns=template) | {"charts/web/ci/two-values.yaml": "replicas: 2\n"}
    report = lint(tree(tmp_path, files))
    assert "dns-single-replica" not in ids(report) and report.suppressed == 1
    assert "unused-suppression" not in ids(report)


def test_suppressions_that_no_rendering_needs_are_told_once(tmp_path):
    template = "# kubelint: ignore-file[dns-single-replica] no reason\n" + DNS
    files = chart("replicas: 2\n", dns=template) | {"charts/web/ci/three-values.yaml": "replicas: 3\n"}
    report = lint(tree(tmp_path, files))
    unused = [place for place in places(report) if place[0] == "unused-suppression"]
    assert unused == [("unused-suppression", "charts/web/templates/dns.yaml", 1, unused[0][3])]


def test_comments_that_rendering_takes_out_hold(tmp_path):
    comment = "{{- /* kubelint: ignore[dns-single-replica] one is enough here */}}\n  "
    files = chart(dns=DNS.replace("replicas: {{", comment + "replicas: {{"))
    report = lint(tree(tmp_path, files))
    assert "dns-single-replica" not in ids(report) and report.suppressed == 1
    report = lint(tree(tmp_path, files | {"charts/web/values.yaml": "replicas: 2\n"}))
    assert "unused-suppression" not in ids(report)  # other values may need it


def test_annotations_suppress(tmp_path):
    note = '  annotations: {kubelint.dev/ignore.dns-single-replica: "home"}\n'
    report = lint(tree(tmp_path, chart(dns=DNS.replace("  labels: {k8s-app: kube-dns}\nspec", note + "spec"))))
    assert "dns-single-replica" not in ids(report)


def test_paths_of_the_configuration_are_those_of_templates(tmp_path):
    root = tree(tmp_path, chart(dns=DNS) | {"kubelint.yaml": "per-file-ignores: {'**/templates/**': [dns]}\n"})
    assert "dns-single-replica" not in ids(lint(root))
    tree(root, {"kubelint.yaml": "exclude: ['**/templates/dns.yaml']\n"})
    assert ids(lint(root)) == []


def test_paths_say_what_is_reported(tmp_path):
    root = tree(tmp_path, chart(dns=DNS, other=MAP))
    assert len(single_replica(lint(root, paths=("charts/web/templates/dns.yaml",)))) == 1
    report = lint(root, paths=("charts/web/templates/other.yaml",))
    assert ids(report) == [] and report.objects == 1 and report.files == ["charts/web/templates/other.yaml"]


def test_fingerprints_do_not_depend_on_how_many_renderings_there_are(tmp_path):
    root = tree(tmp_path, chart(dns=DNS))
    first = [finding.fingerprint for finding in lint(root).findings]
    tree(root, chart(folder="charts/a", map=MAP))
    assert [finding.fingerprint for finding in lint(root).findings] == first


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        (
            "templates/a.yaml",
            '{{ required "set `who`" .Values.who }}',
            "execution error at (web/templates/a.yaml:1:3): set `who`",
        ),
        ("templates/a.yaml", "{{ if }}", "parse error at (web/templates/a.yaml:1): missing value for if"),
        (
            "templates/a.yaml",
            '{{ include "x" . }}',
            'web/templates/a.yaml:1:3: no template "x" associated with template "gotpl"',
        ),
        ("values.yaml", "a: [\n", None),
        (
            "Chart.yaml",
            CHART + "dependencies: [{name: redis, version: 1.0.0}]\n",
            "its dependency `redis` is not in `charts/`",
        ),
        (
            "requirements.yaml",
            "dependencies: [{name: redis, version: 1.0.0}]\n",
            "its dependency `redis` is not in `charts/`",
        ),
    ],
)
def test_a_chart_that_fails_is_one_note_and_the_rest_is_linted(tmp_path, file, text, reason):
    broken = chart(folder="broken", a="{{ .Values.a }}\n") | {f"broken/{file}": text}
    report = lint(tree(tmp_path, broken | chart(dns=DNS)))
    assert len(single_replica(report)) == 1 and not report.crashed
    (note,) = reasons(report)
    assert note[0] == "broken/Chart.yaml"
    assert reason is None or note[1] == f"not rendered: {reason}"
    assert ("broken/templates/a.yaml", "helm-template") in report.skipped


def test_a_note_of_our_own_is_shown_whole(tmp_path):
    files = chart("dns: {not: 1, charts: 2}\n", a="a: 1\n")
    files["charts/web/Chart.yaml"] += "dependencies: [{name: coredns, alias: dns, version: 1.0.0}]\n"
    report = lint(tree(tmp_path, files))
    assert reasons(report) == [("charts/web/Chart.yaml", "not rendered: its dependency `coredns` is not in `charts/`")]


def test_a_note_quotes_no_value(tmp_path):
    secret = invented("password")
    template = '{{ fail (printf "cannot use %v, nor %s, as web-password" .Values.db (b64enc .Values.db.password)) }}'
    values = f"db: {{password: {json.dumps(secret)}, port: 5432}}\n"
    files = chart(values, a=template) | {
        "charts/web/ci/x-values.yaml": "db: {password: AnotherOne77, deep: [{x: Third99x}]}\n"
    }
    report = lint(tree(tmp_path, files))
    assert len(reasons(report)) == 2
    told = json.dumps(reasons(report))
    assert "web-password" in told and "********" in told
    for word in (secret, "AnotherOne77", "Third99x", "5432"):
        assert word not in told


def test_fake_helm(tmp_path, monkeypatch):
    script = f"print('---\\n# Source: web/templates/dns.yaml\\n' + {PLAIN!r})"
    fake_helm(tmp_path / "bin", monkeypatch, script)
    report = lint(tree(tmp_path / "tree", chart(dns=DNS)))
    assert single_replica(report)[0][1:] == ("charts/web/templates/dns.yaml", 8, "{{ .Values.replicas }}")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("time.sleep(60)", "timed out after 1 s"),
        ("sys.exit('Error: \\x1b[31mno\\nreally')", "[31mno really"),
        ("print('garbage')", "the output of helm is not a rendered chart"),
        ("sys.stdout.buffer.write(bytes(range(256)))", "the output of helm is not a rendered chart"),
        ("sys.exit('Error: ' + 'x' * 5000)", "x" * 199 + "…"),
    ],
)
def test_fake_helm_that_fails(tmp_path, monkeypatch, script, reason):
    fake_helm(tmp_path / "bin", monkeypatch, script)
    monkeypatch.setattr(HelmBinary.__init__, "__defaults__", (1.0,))
    report = lint(tree(tmp_path / "tree", chart(dns=DNS) | {"raw.yaml": PLAIN}))
    assert reasons(report) == [("charts/web/Chart.yaml", f"not rendered: {reason}")]
    assert [place[1] for place in single_replica(report)] == ["raw.yaml"]


def test_without_an_engine(tmp_path, monkeypatch, capsys):
    without_any(monkeypatch, tmp_path)
    root = tree(tmp_path / "tree", chart(dns=DNS) | {"map.yaml": MAP.replace("{{ .Release.Name }}", "x")})
    assert reasons(lint(root)) == [("charts/web/Chart.yaml", "not rendered: no Helm here")]
    assert run(["check", str(root), "--render", "always"]) == 2
    assert "no engine to render charts: install helm, or kubelint with its extra `helm`" in capsys.readouterr().err
    assert run(["check", str(root), "--render", "never"]) == 0


def test_trees_without_charts_need_no_engine(tmp_path, monkeypatch):
    without_any(monkeypatch, tmp_path)
    root = tree(
        tmp_path / "tree", {"map.yaml": MAP.replace("{{ .Release.Name }}", "x").replace("{{ .Values.a | quote }}", "x")}
    )
    assert run(["check", str(root), "--render", "always"]) == 0


def test_a_tree_without_charts_imports_nothing_for_them(tmp_path):
    tree(tmp_path, {"map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
    code = f"import sys; from kubelint.cli.main import run; run(['check', {str(tmp_path)!r}]); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert {"kubelint.rendering.tree", "kubelint.rendering.process", "helm_python"}.isdisjoint(found.split())


def test_renderings_are_cached(tmp_path, monkeypatch, cache):
    root = tree(tmp_path / "tree", chart(dns=DNS))
    first = lint(root)
    assert len(list(cache.rglob("*.json"))) == 1
    monkeypatch.setattr("kubelint.rendering.sdk.HelmLibrary.render", None)
    assert places(lint(root)) == places(first)
    for entry in cache.rglob("*.json"):
        entry.write_text("{}")
    assert lint(root).crashed  # the library is asked again


def test_what_the_chart_depends_on_changes_the_key(tmp_path, cache):
    root = tree(tmp_path / "tree", chart(dns=DNS))
    lint(root)
    tree(root, {"charts/web/values.yaml": "replicas: 2\n"})
    assert single_replica(lint(root)) == [] and len(list(cache.rglob("*.json"))) == 2
    tree(root, {"charts/web/values.yaml": "replicas: 1\n"})
    assert len(single_replica(lint(root))) == 1 and len(list(cache.rglob("*.json"))) == 2


SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}-db
stringData:
  password: {{ .Values.password }}
"""
ENVIRONMENT = DNS + "          env: [{name: DB_PASSWORD, value: {{ .Values.password | quote }}}]\n"


@pytest.mark.parametrize("template", [SECRET, ENVIRONMENT], ids=["secret", "env"])
def test_secrets_are_neither_cached_nor_shown(tmp_path, cache, template, capsys):
    value = invented("password")
    root = tree(tmp_path / "tree", chart(f"password: {value}\nreplicas: 1\n", a=template))
    report = lint(root)
    assert "secret-in-helm-values" in ids(report)  # told where it is given, not again where it is used
    assert not {"plaintext-secret", "secret-in-env"} & set(ids(report))
    assert list(cache.rglob("*.json")) == []
    for name in ("full", "concise", "json"):
        for select in ([], ["--select", "dns"], ["--select", "ALL"]):
            run(["check", str(root), "--format", name, "--show-files", *select])
    captured = capsys.readouterr()
    assert value not in captured.out + captured.err


def test_literals_in_templates_are_masked_where_other_rules_show_the_line(tmp_path, capsys):
    value = invented("password")
    template = SECRET.replace("{{ .Values.password }}", value + "\n  password: " + value)
    root = tree(tmp_path / "tree", chart(a=template))
    for select in ([], ["--select", "duplicate-key"]):
        run(["check", str(root), *select])
    out = capsys.readouterr().out
    assert "duplicate-key" in out and value not in out


def test_what_a_chart_makes_up_is_no_secret_in_the_repository(tmp_path, cache):
    template = SECRET.replace("{{ .Values.password }}", "{{ randAlphaNum 24 | quote }}")
    root = tree(
        tmp_path / "tree",
        chart(a=template) | chart(folder="key", a=template.replace("randAlphaNum 24", 'genPrivateKey "ecdsa"')),
    )
    report = lint(root)
    assert report.findings == [] and report.objects == 2 and reasons(report) == []


def test_duplicate_keys_and_broken_yaml_are_found_in_templates(tmp_path):
    broken = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: {{ .Release.Name }}}\ndata: [\n"
    report = lint(tree(tmp_path, chart("rbac: true\n", role=ROLE, broken=broken)))
    found = [place[:3] for place in places(report)]
    assert ("duplicate-key", "charts/web/templates/role.yaml", 7) in found or any(
        place[:2] == ("duplicate-key", "charts/web/templates/role.yaml") for place in found
    )
    assert any(place[:2] == ("unreadable-document", "charts/web/templates/broken.yaml") for place in found)


def test_templates_that_are_yaml_already_are_read_once(tmp_path):
    report = lint(tree(tmp_path, chart(dns=PLAIN)))
    assert len(single_replica(report)) == 1 and report.objects == 1


def test_same_input_same_report(tmp_path):
    root = tree(tmp_path, chart(dns=DNS, role=ROLE, secret=SECRET) | chart(folder="b", dns=DNS))
    assert [finding.order for finding in lint(root).findings] == [finding.order for finding in lint(root).findings]


def test_no_chart_is_too_odd(tmp_path):
    odd = {
        "a/Chart.yaml": "",
        "b/Chart.yaml": "[]",
        "c/Chart.yaml": "name: [x]\ndependencies: {a: b}\n",
        "d/Chart.yaml": "name: {{ .x }}\ndependencies: [1, {name: 2}, {name: {}}]\n",
        "e/Chart.yaml": CHART,
        "e/values.yaml": "- a list\n",
        "e/ci/x-values.yaml": "just text\n",
        "f/Chart.yaml": CHART + "dependencies: [{name: web, version: 1, repository: 'file://.'}]\n",
        "Chart.yaml": CHART.replace("web", "../../up"),
        "templates/a.yaml": MAP,
    }
    report = lint(tree(tmp_path, odd))
    assert not report.crashed and len(reasons(report)) >= 4


def test_there_is_an_end_to_all_rendering(tmp_path, monkeypatch):
    monkeypatch.setattr("kubelint.rendering.tree.BUDGET", 0.0)
    report = lint(tree(tmp_path, chart(dns=DNS)))
    assert reasons(report) == [("charts/web/Chart.yaml", "not rendered: 0 s of rendering are used up")]


def test_the_project_is_what_is_rendered_for(tmp_path):
    from kubelint.manifests import Project

    assert render_charts(tmp_path, Project([]), "always", lambda files: False).files == ()


def test_what_the_disk_says_is_not_mixed_with_standard_input(tmp_path, monkeypatch, capsys):
    template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: '1', a: '2'}\n"
    root = tree(tmp_path, {"web/Chart.yaml": CHART, "web/templates/a.yaml": template})
    given = "# one line more\n" + template.replace("a: '2'", "b: '2'")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
    name = str(root / "web/templates/a.yaml")
    assert run(["check", "-", "--stdin-filename", name, "--root", str(root), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []
