"""Which images are known to be for one architecture, and what becomes of the pods that run them: each trap once."""

from __future__ import annotations

import json
from textwrap import indent
from typing import Any

import pytest
from linting import ids, lint_texts, lint_tree

from kubelint.checks import Severity
from kubelint.manifests import ClusterSettings, Document, ImageFacts, NodeFacts, Project
from kubelint.sources import read_documents
from kubelint_rules.scheduling.image_arch_mismatch import ImageArchMismatch
from kubelint_rules.scheduling.preferred_only_arch import PreferredOnlyArch
from kubelint_rules.scheduling.single_arch_image_unconstrained import SingleArchImageUnconstrained
from kubelint_rules.scheduling.unsatisfiable_arch import UnsatisfiableArch

ARCH = "kubernetes.io/arch"
REQUIRED, PREFERRED = (f"{word}DuringSchedulingIgnoredDuringExecution" for word in ("required", "preferred"))
FREE, BOUND, WISH, CLASH = (
    "single-arch-image-unconstrained",
    "image-arch-mismatch",
    "preferred-only-arch",
    "unsatisfiable-arch",
)
RULES = (FREE, BOUND, WISH, CLASH)
IMAGE = "registry.example/shop/web:1.4"
AMD, ARM = f"{IMAGE}-amd64", f"{IMAGE}-arm64"


def node(name: str, architecture: str, *taints: dict[str, Any]) -> dict[str, Any]:
    labels = {ARCH: architecture, "kubernetes.io/hostname": name}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"taints": taints},
    }


def workload(image: str = AMD, kind: str = "Deployment", **spec: Any) -> dict[str, Any]:
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": image}], **spec},
    }
    body = {"selector": {"matchLabels": {"app": "web"}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web", "namespace": "shop"}, "spec": body}


def affinity(*terms: dict[str, Any]) -> dict[str, Any]:
    return {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": list(terms)}}}


def wish(**expression: Any) -> dict[str, Any]:
    entry = {"key": ARCH, "operator": "In", "values": ["amd64"], **expression}
    return {"nodeAffinity": {PREFERRED: [{"weight": 1, "preference": {"matchExpressions": [entry]}}]}}


def arch(*values: str, operator: str = "In", key: str = ARCH) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


MIXED = [node("alder", "amd64"), node("birch", "arm64")]
TAINT = {"key": "arch", "value": "arm64", "effect": "NoSchedule"}


def namespace(selector: str) -> dict[str, Any]:
    annotations = {"scheduler.alpha.kubernetes.io/node-selector": selector}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "annotations": annotations}}


def runtime_class(architecture: str) -> dict[str, Any]:
    scheduling = {"nodeSelector": {ARCH: architecture}}
    return {
        "apiVersion": "node.k8s.io/v1",
        "kind": "RuntimeClass",
        "metadata": {"name": "edge"},
        "handler": "crun",
        "scheduling": scheduling,
    }


def found(*documents: dict[str, Any], files: dict[str, str] | None = None, **settings: Any) -> set[str]:
    texts = {"all.yaml": "\n---\n".join(map(json.dumps, documents)), **(files or {})}
    return set(ids(lint_texts(texts, select=RULES, **settings)))


JOB = {"restartPolicy": "Never", "containers": [{"name": "main", "image": AMD}]}
CASES: list[tuple[str, list[dict[str, Any]], set[str]]] = [
    ("nothing binds it", [*MIXED, workload()], {FREE}),
    ("an init container", [*MIXED, workload(IMAGE, initContainers=[{"name": "a", "image": AMD}])], {FREE}),
    (
        "a job",
        [
            *MIXED,
            {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a"}, "spec": {"template": {"spec": JOB}}},
        ],
        {FREE},
    ),
    ("a DaemonSet", [*MIXED, workload(kind="DaemonSet")], {FREE}),
    ("bound", [*MIXED, workload(nodeSelector={ARCH: "amd64"})], set()),
    ("bound by the old label", [*MIXED, workload(nodeSelector={"beta.kubernetes.io/arch": "amd64"})], set()),
    ("bound by required affinity", [*MIXED, workload(affinity=affinity(arch("amd64")))], set()),
    ("bound by NotIn", [*MIXED, workload(affinity=affinity(arch("arm64", operator="NotIn")))], set()),
    ("one term leaves it free", [*MIXED, workload(affinity=affinity(arch("amd64"), arch(operator="Exists")))], {FREE}),
    ("Exists binds nothing", [*MIXED, workload(affinity=affinity(arch(operator="Exists")))], {FREE}),
    ("bound by host", [*MIXED, workload(nodeSelector={"kubernetes.io/hostname": "alder"})], set()),
    ("bound by node name", [*MIXED, workload(nodeName="alder")], set()),
    ("bound to a node that nobody knows", [*MIXED, workload(nodeName="cedar")], set()),
    ("bound by a label that nobody knows", [*MIXED, workload(nodeSelector={"pool": "video"})], set()),
    ("bound by an instance type", [*MIXED, workload(nodeSelector={"node.kubernetes.io/instance-type": "m7"})], set()),
    ("bound by its namespace", [*MIXED, namespace(f"{ARCH}=amd64"), workload()], set()),
    ("its namespace binds to something else", [*MIXED, namespace("kubernetes.io/os=linux"), workload()], {FREE}),
    ("bound by its runtime class", [*MIXED, runtime_class("amd64"), workload(runtimeClassName="edge")], set()),
    ("a runtime class that is not there", [*MIXED, workload(runtimeClassName="edge")], set()),
    ("kept off by a taint", [node("alder", "amd64"), node("birch", "arm64", TAINT), workload()], set()),
    (
        "the taint is tolerated",
        [node("alder", "amd64"), node("birch", "arm64", TAINT), workload(tolerations=[{"operator": "Exists"}])],
        {FREE},
    ),
    (
        "a taint that is only a preference",
        [node("alder", "amd64"), node("birch", "arm64", {**TAINT, "effect": "PreferNoSchedule"}), workload()],
        {FREE},
    ),
    (
        "a node of that architecture without the taint",
        [node("alder", "amd64"), node("birch", "arm64", TAINT), node("cedar", "arm64"), workload()],
        {FREE},
    ),
    ("one architecture", [node("alder", "amd64"), workload()], set()),
    ("nothing is known", [workload()], set()),
    ("nothing is told of the image", [*MIXED, workload(IMAGE)], set()),
    ("a digest tells nothing", [*MIXED, workload(f"{IMAGE}@sha256:{'0' * 64}")], set()),
    ("a template", [*MIXED, workload("registry.example/shop/web:${TAG}-amd64")], set()),
    ("the registry's own architecture", [*MIXED, workload("amd64.registry.example/shop/web:1")], set()),
    ("an emulator", [*MIXED, workload("registry.example/tools/qemu-arm64:9")], set()),
    ("32 bits on 64", [node("a", "arm"), node("b", "arm64"), workload(f"{IMAGE}-armhf")], set()),
    ("64 bits on 32", [node("a", "arm"), node("b", "arm64"), workload(ARM)], {FREE}),
    ("only preferred", [*MIXED, workload(affinity=wish())], {WISH}),
    ("not preferred", [*MIXED, workload(affinity=wish(operator="NotIn", values=["arm64"]))], {WISH}),
    ("prefers something else", [*MIXED, workload(affinity=wish(key="zone", values=["a"]))], {FREE}),
    ("preferred, and nothing is told of the image", [*MIXED, workload(IMAGE, affinity=wish())], set()),
    ("preferred and required", [*MIXED, workload(affinity=wish(), nodeSelector={ARCH: "amd64"})], set()),
    ("preferred in a cluster of one architecture", [node("alder", "amd64"), workload(affinity=wish())], set()),
    ("bound to the wrong one", [*MIXED, workload(ARM, nodeSelector={ARCH: "amd64"})], {BOUND}),
    ("bound to the wrong one, nothing known of nodes", [workload(ARM, nodeSelector={ARCH: "amd64"})], {BOUND}),
    ("bound to the wrong one by its host", [*MIXED, workload(ARM, nodeName="alder")], {BOUND}),
    ("bound to the wrong one by its namespace", [*MIXED, namespace(f"{ARCH}=amd64"), workload(ARM)], {BOUND}),
    ("bound to two, one of them right", [*MIXED, workload(ARM, affinity=affinity(arch("arm64", "arm")))], set()),
    ("bound to a variable", [*MIXED, workload(ARM, nodeSelector={ARCH: "${ARCH}"})], set()),
    ("one node is told of, more may be", [node("alder", "amd64"), workload(ARM)], set()),
    ("two images that exclude each other", [workload(initContainers=[{"name": "a", "image": ARM}])], {BOUND}),
    (
        "two places that exclude each other",
        [workload(nodeSelector={ARCH: "amd64"}, affinity=affinity(arch("arm64")))],
        {CLASH},
    ),
    ("two labels", [workload(nodeSelector={ARCH: "amd64", "beta.kubernetes.io/arch": "arm64"})], {CLASH}),
    ("no such architecture", [workload(nodeSelector={ARCH: "x86_64"})], set()),
    ("an empty term", [workload(affinity=affinity({}))], set()),
]


@pytest.mark.parametrize(("documents", "rules"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_case(documents: list[dict[str, Any]], rules: set[str]) -> None:
    assert found(*documents) == rules


def test_every_image_that_runs_nowhere_is_told() -> None:
    pods = workload(ARM, nodeSelector={ARCH: "amd64"})
    containers = pods["spec"]["template"]["spec"]["containers"]
    containers += [{"name": "fits", "image": AMD}, {"name": "side", "image": f"{ARM}.2"}]
    found = lint_texts({"web.yaml": json.dumps(pods)}, select=(BOUND,)).findings
    assert [one.structure for one in found] == [
        f"spec.template.spec.containers[{name}].image" for name in ("web", "side")
    ]


def declared(*architectures: str, **nodes: str) -> dict[str, Any]:
    facts = {name: NodeFacts(architecture) for name, architecture in nodes.items()}
    return {"cluster": ClusterSettings(architectures=architectures, nodes=facts)}


def lint_declared(settings: dict[str, Any], *documents: dict[str, Any]) -> set[str]:
    sources = read_documents("all.yaml", "\n---\n".join(map(json.dumps, documents))).documents
    project = Project([Document(source) for source in sources], settings["cluster"])
    rules = (SingleArchImageUnconstrained, ImageArchMismatch, PreferredOnlyArch, UnsatisfiableArch)
    return {finding.rule for rule in rules for finding in rule().check(project)}


DECLARED = [
    ("mixed", declared("amd64", "arm64"), [workload()], {FREE}),
    ("mixed by nodes", declared(a="amd64", b="arm64"), [workload()], {FREE}),
    ("one, the right one", declared("amd64"), [workload()], set()),
    ("one, the wrong one", declared("arm64"), [workload()], {BOUND}),
    ("a declaration outweighs nodes", declared("amd64"), [*MIXED, workload()], set()),
    ("requires what is not there", declared("amd64"), [workload(IMAGE, nodeSelector={ARCH: "arm64"})], {CLASH}),
    ("requires what is there", declared("amd64", "arm64"), [workload(IMAGE, nodeSelector={ARCH: "arm64"})], set()),
    ("undeclared", declared(), [node("a", "amd64"), workload(IMAGE, nodeSelector={ARCH: "arm64"})], set()),
    (
        "a DaemonSet for whoever has such nodes",
        declared("amd64"),
        [workload(IMAGE, "DaemonSet", nodeSelector={ARCH: "arm64"})],
        set(),
    ),
    (
        "one alternative is there",
        declared("amd64"),
        [workload(IMAGE, affinity=affinity(arch("amd64"), arch("arm64")))],
        set(),
    ),
]


@pytest.mark.parametrize(
    ("settings", "documents", "rules"), [case[1:] for case in DECLARED], ids=[case[0] for case in DECLARED]
)
def test_declared(settings: dict[str, Any], documents: list[dict[str, Any]], rules: set[str]) -> None:
    assert lint_declared(settings, *documents) == rules


def workflow(*steps: str, runs_on: str = "ubuntu-latest", more: str = "", name: str = "image") -> dict[str, str]:
    body = "".join(f"      - {indent(step, '        ').strip()}\n" for step in steps)
    text = f"on: push\njobs:\n  image:\n    runs-on: {runs_on}\n{indent(more, '    ')}    steps:\n{body}"
    return {f".github/workflows/{name}.yaml": text}


def action(*inputs: str, tags: str = IMAGE) -> str:
    given = "".join(f"  {line}\n" for line in (f"tags: {tags}", *inputs))
    return f"uses: docker/build-push-action@v6\nwith:\n  push: true\n{given}"


BOTH = "platforms: 'linux/amd64,linux/arm64'"
BUILDX = "uses: docker/setup-buildx-action@v3\nwith: {driver: remote, endpoint: 'tcp://builder.example:1'}"
META = "id: meta\nuses: docker/metadata-action@v5\nwith: {images: registry.example/shop/web}"
BUILDS: list[tuple[str, dict[str, str], bool]] = [
    ("the runner's architecture", workflow(action()), True),
    ("the runner's architecture, arm64", workflow(action(), runs_on="ubuntu-24.04-arm"), True),
    ("a runner that says it", workflow(action(), runs_on="[self-hosted, linux, X64]"), True),
    ("a runner that says nothing", workflow(action(), runs_on="[self-hosted, linux]"), False),
    ("a runner of somebody's own name", workflow(action(), runs_on="big-runner"), False),
    ("platforms", workflow(action("platforms: linux/amd64"), runs_on="big-runner"), True),
    ("both platforms", workflow(action(BOTH)), False),
    ("both platforms, a line each", workflow(action("platforms: |\n    linux/amd64\n    linux/arm64")), False),
    ("platforms with variants", workflow(action("platforms: linux/amd64/v3")), True),
    ("platforms made elsewhere", workflow(action("platforms: ${{ inputs.platforms }}")), False),
    ("platforms of the environment", workflow(action("platforms: ${{ env.P }}"), more="env: {P: linux/amd64}\n"), True),
    ("never pushed", workflow(action("push: false").replace("  push: true\n", "")), False),
    ("pushed on some events", workflow(action().replace("true", "${{ github.ref == 'main' }}")), True),
    ("a builder elsewhere", workflow(BUILDX, action()), False),
    ("switched off", workflow(f"if: false\n{action()}"), False),
    ("tags of another action", workflow(META, action(tags="${{ steps.meta.outputs.tags }}")), True),
    ("tags of an unknown step", workflow(action(tags="${{ steps.other.outputs.tags }}")), False),
    ("a name with an expression", workflow(action(tags="registry.example/${{ github.repository_owner }}/web:1")), True),
    ("another image", workflow(action(tags="registry.example/shop/web2:1")), False),
    ("an image of that name elsewhere", workflow(action(tags="registry.example/other/web:1")), False),
    ("a registry that is unknown", workflow(action(tags="${{ vars.REGISTRY }}/shop/web:1")), False),
    ("a name that is unknown", workflow(action(tags="registry.example/${{ github.repository }}")), False),
    (
        "a matrix of both",
        workflow(action("platforms: ${{ matrix.p }}"), more="strategy: {matrix: {p: [linux/amd64, linux/arm64]}}\n"),
        False,
    ),
    (
        "a matrix of one",
        workflow(action("platforms: ${{ matrix.p }}"), more="strategy: {matrix: {p: [linux/amd64]}}\n"),
        True,
    ),
    (
        "two workflows",
        {**workflow(action()), **workflow(action(), runs_on="ubuntu-24.04-arm", name="other")},
        False,
    ),
    (
        "builds that are put together",
        workflow(action(), "run: docker buildx imagetools create -t registry.example/shop/web:1.4 a b"),
        False,
    ),
    ("docker build", workflow(f"run: docker build -t {IMAGE} ."), True),
    ("docker buildx", workflow(f"run: docker buildx build --platform linux/arm64 --push -t {IMAGE} ."), True),
    (
        "docker buildx for both",
        workflow(f"run: docker buildx build --platform linux/amd64,linux/arm64 -t {IMAGE} ."),
        False,
    ),
    ("podman", workflow(f"run: podman build --arch=arm64 --tag={IMAGE} ."), True),
    ("a name that the shell makes", workflow('run: docker build -t "$IMAGE" .'), False),
    ("manifests put together", workflow(f"run: |\n  docker build -t {IMAGE} .\n  docker manifest create x y"), False),
    ("a script that anybody may run", {"build.sh": f"#!/bin/sh\ndocker build -t {IMAGE} .\n"}, False),
    ("a script that says it", {"build.sh": f"#!/bin/sh\ndocker build --platform linux/arm64 -t {IMAGE} .\n"}, True),
    (
        "the Dockerfile says it",
        {
            **workflow(action(BOTH, "context: .")),
            "Dockerfile": "FROM --platform=linux/amd64 a\n",
        },
        True,
    ),
    (
        "the Dockerfile is built upon an image of one",
        {
            **workflow(action(BOTH, "file: Dockerfile")),
            "Dockerfile": "FROM arm64v8/a\n",
        },
        True,
    ),
    (
        "the builder's platform",
        {
            **workflow(action(BOTH)),
            "Dockerfile": "FROM --platform=$BUILDPLATFORM a AS b\nFROM c\nCOPY --from=b x y\n",
        },
        False,
    ),
    (
        "an earlier stage is of one",
        {
            **workflow(action(BOTH)),
            "Dockerfile": "FROM --platform=linux/amd64 a AS b\nFROM c\n",
        },
        False,
    ),
    (
        "a stage that is not the last",
        {
            **workflow(action(BOTH, "target: b")),
            "Dockerfile": "FROM b AS b\nFROM --platform=linux/amd64 a\n",
        },
        False,
    ),
]


def lint_builds(files: dict[str, str], tmp_path: Any, *documents: dict[str, Any]) -> set[str]:
    files = {"cluster/all.yaml": "\n---\n".join(map(json.dumps, documents)), **files}
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return set(ids(lint_tree(tmp_path, select=RULES)))


@pytest.mark.parametrize(("files", "single"), [case[1:] for case in BUILDS], ids=[case[0] for case in BUILDS])
def test_builds(files: dict[str, str], single: bool, tmp_path: Any) -> None:
    assert lint_builds(files, tmp_path, *MIXED, workload(IMAGE)) == ({FREE} if single else set())


def test_a_build_for_one_of_two_outweighs_no_tag(tmp_path: Any) -> None:
    """A tag names one of several builds; the builds tell what the tree knows of all others."""
    both = workflow(action(BOTH))
    assert lint_builds(both, tmp_path, *MIXED, workload(AMD)) == {FREE}


def test_a_build_outweighs_a_tag_that_contradicts_it(tmp_path: Any) -> None:
    files = workflow(action("platforms: linux/arm64"))
    assert lint_builds(files, tmp_path, *MIXED, workload(AMD, nodeSelector={ARCH: "arm64"})) == set()


def test_a_workload_that_requires_both_leaves_its_image_to_the_build(tmp_path: Any) -> None:
    pod = workload(IMAGE, affinity=affinity(arch("amd64", "arm64")))
    assert lint_builds(workflow(action()), tmp_path, *MIXED, pod) == set()
    assert found(*MIXED, workload(AMD, affinity=affinity(arch("amd64", "arm64")))) == {FREE}


@pytest.mark.parametrize(
    ("images", "image", "rules"),
    [
        (ImageFacts(single_arch={"amd64": ("registry.example/shop/*",)}), IMAGE, {FREE}),
        (ImageFacts(single_arch={"arm64": (IMAGE,)}), IMAGE, {FREE}),
        (ImageFacts(single_arch={"riscv64": ("registry.example/*",)}), IMAGE, set()),  # it runs on no node: no choice
        (ImageFacts(single_arch={"amd64": ("docker.io/library/*",)}), "nginx:1.27", {FREE}),
        (ImageFacts(single_arch={"amd64": ("other/*",)}), IMAGE, set()),
        (ImageFacts(single_arch={"arm64": ("registry.example/*",)}), AMD, {FREE}),
        (ImageFacts(multi_arch=("registry.example/*",)), AMD, set()),
        (ImageFacts(multi_arch=("other/*",)), AMD, {FREE}),
        (ImageFacts(("registry.example/*",), {"amd64": (IMAGE,)}), IMAGE, {FREE}),
        (ImageFacts(), IMAGE, set()),
    ],
)
def test_what_is_declared_of_images_comes_first(images: ImageFacts, image: str, rules: set[str]) -> None:
    assert found(*MIXED, workload(image), cluster=ClusterSettings(images=images)) == rules


def test_what_is_declared_of_images_holds_for_every_rule() -> None:
    only = ClusterSettings(images=ImageFacts(single_arch={"amd64": ("registry.example/*",)}))
    assert found(*MIXED, workload(IMAGE, affinity=wish()), cluster=only) == {WISH}
    assert found(*MIXED, workload(IMAGE, nodeSelector={ARCH: "arm64"}), cluster=only) == {BOUND}
    for_all = ClusterSettings(images=ImageFacts(multi_arch=("registry.example/*",)))
    assert found(*MIXED, workload(AMD, affinity=wish()), cluster=for_all) == set()
    assert found(*MIXED, workload(AMD, nodeSelector={ARCH: "arm64"}), cluster=for_all) == set()


def test_an_image_that_is_declared_to_run_anywhere_outweighs_its_build(tmp_path: Any) -> None:
    settings = "cluster: {images: {multi-arch: [registry.example/shop/*]}}\n"
    assert lint_builds(workflow(action()), tmp_path, *MIXED, workload(IMAGE)) == {FREE}
    files = {**workflow(action()), "kubelint.yaml": settings}
    assert lint_builds(files, tmp_path, *MIXED, workload(IMAGE)) == set()


def patched(value: str, path: str = "nodeSelector") -> dict[str, str]:
    patch = f"[{{op: add, path: /spec/template/spec/{path}, value: {value}}}]"
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [all.yaml]\n"
    return {"kustomization.yaml": f"{head}patches:\n  - target: {{kind: Deployment}}\n    patch: '{patch}'\n"}


def test_a_patch_that_may_bind_it() -> None:
    assert found(*MIXED, workload(), files=patched("{kubernetes.io/arch: amd64}")) == set()
    assert found(*MIXED, workload(), files=patched("5", "terminationGracePeriodSeconds")) == {FREE}


def test_a_patch_that_may_change_the_image() -> None:
    assert found(*MIXED, workload(), files=patched("a", "containers/0/image")) == set()


def test_an_image_that_a_kustomization_renames() -> None:
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [all.yaml]\n"
    files = {"kustomization.yaml": f"{head}images: [{{name: registry.example/shop/web, newTag: 1.5-arm64}}]\n"}
    assert found(*MIXED, workload(IMAGE), files=files) == {FREE}
    assert found(*MIXED, workload(AMD, nodeSelector={ARCH: "arm64"}), files=files) == set()


def test_the_namespaces_of_another_cluster_bind_nothing() -> None:
    files = {
        "clusters/home/web.yaml": "\n---\n".join(map(json.dumps, [*MIXED, workload()])),
        "clusters/away/namespace.yaml": json.dumps(namespace(f"{ARCH}=amd64")),
    }
    assert found(files=files) == {FREE}


def test_what_contradicts_a_namespace_is_a_warning() -> None:
    documents = (namespace(f"{ARCH}=amd64"), workload(IMAGE, nodeSelector={ARCH: "arm64"}))
    report = lint_texts({"all.yaml": "\n---\n".join(map(json.dumps, documents))}, select=(CLASH,))
    assert [finding.severity for finding in report.findings] == [Severity.WARNING]


def test_one_workload_is_reported_once() -> None:
    """What one of the rules knows of an image is not repeated by the one that knows nothing of it."""
    report = lint_texts({"all.yaml": "\n---\n".join(map(json.dumps, [*MIXED, workload()]))}, select=("scheduling",))
    assert ids(report) == [FREE]
