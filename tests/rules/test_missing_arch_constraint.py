"""What is reported in each state of knowledge about a cluster's architectures."""

from __future__ import annotations

import pytest

from kubelint.checks import Finding, Severity
from kubelint.manifests import ClusterSettings, Document, ImageFacts, NodeFacts, Project
from kubelint.sources import read_documents
from kubelint_rules.scheduling.missing_arch_constraint import MissingArchConstraint
from kubelint_rules.scheduling.survey import State, clusters_of

NODE = "{{apiVersion: v1, kind: Node, metadata: {{name: {0}, labels: {{kubernetes.io/arch: {0}}}}}}}"


def pod(name: str, architecture: str | None = None, image: str = "registry.example/a:1") -> str:
    selector = f"nodeSelector: {{kubernetes.io/arch: {architecture}}}, " if architecture else ""
    spec = f"{{{selector}containers: [{{name: main, image: '{image}'}}]}}"
    return f"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}, spec: {spec}}}"


def project(*documents: str, file: str = "all.yaml", settings: ClusterSettings | None = None) -> Project:
    sources = read_documents(file, "\n---\n".join(documents)).documents
    return Project([Document(source) for source in sources], settings)


def findings(given: Project, **options: object) -> list[Finding]:
    return list(MissingArchConstraint(MissingArchConstraint.Options(**options)).check(given))


FREE, AMD, ARM = pod("free"), pod("amd", "amd64"), pod("arm", "arm64")
CHART = "{{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {{name: {0}}}, spec: {{values: {1}}}}}"
CHARTS = [CHART.format(name, "{}") for name in ("x", "y", "z")]
APP_SPEC = "{{chart: {{spec: {{chart: app-template, version: 4.1.0}}}}, targetNamespace: web, values: {0}}}"
APP_VALUES = "{{{0}controllers: {{a: {{containers: {{x: {{image: {{repository: registry.example/a, tag: 1}}}}}}}}}}}}"
AMD_OPTIONS = "defaultPodOptions: {nodeSelector: {kubernetes.io/arch: amd64}}, "


def app(name: str, options: str = "") -> str:
    head = f"apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {{name: {name}}}"
    return f"{{{head}, spec: {APP_SPEC.format(APP_VALUES.format(options))}}}"


BOUND_CHARTS = [CHART.format(name, "{nodeSelector: {kubernetes.io/arch: amd64}}") for name in ("u", "v")]
STATES = [
    ("charts do not outvote workloads", [FREE, AMD, *CHARTS], State.CONVENTION),
    ("charts make no convention among workloads", [FREE, *BOUND_CHARTS, *CHARTS], State.MINORITY),
    ("bound charts do", [FREE, *BOUND_CHARTS], State.CONVENTION),
    ("nothing", [FREE], State.UNKNOWN),
    ("a pod that values define, bound", [FREE, app("a", AMD_OPTIONS)], State.CONVENTION),
    ("pods that values define, most of them free", [AMD, app("a"), app("b")], State.MINORITY),
    ("they count once", [FREE, app("a", AMD_OPTIONS), app("b"), *CHARTS], State.MINORITY),
    ("they outvote charts", [app("a"), app("b", AMD_OPTIONS), *CHARTS], State.CONVENTION),
    ("half", [FREE, AMD], State.CONVENTION),
    ("few", [FREE, pod("other"), AMD], State.MINORITY),
    ("both selected", [FREE, AMD, ARM], State.MIXED),
    ("both selected by few", [FREE, pod("b"), pod("c"), AMD, ARM], State.MINORITY),
    ("one node", [FREE, NODE.format("amd64")], State.SINGLE),
    ("two nodes", [FREE, NODE.format("amd64"), NODE.format("arm64")], State.MIXED),
    ("a node, and a selector for another", [FREE, NODE.format("amd64"), ARM], State.MIXED),
]


@pytest.mark.parametrize(("documents", "state"), [row[1:] for row in STATES], ids=[row[0] for row in STATES])
def test_state(documents: list[str], state: State) -> None:
    (cluster,) = clusters_of(project(*documents))
    assert cluster.state is state


DECLARED = [
    (ClusterSettings(architectures=("amd64",)), State.SINGLE),
    (ClusterSettings(architectures=("amd64", "arm64")), State.MIXED),
    (ClusterSettings(nodes={"a": NodeFacts("amd64"), "b": NodeFacts("arm64")}), State.MIXED),
    (ClusterSettings(nodes={"a": NodeFacts("amd64"), "b": NodeFacts("amd64")}), State.SINGLE),
    (ClusterSettings(nodes={"a": NodeFacts("amd64"), "b": NodeFacts()}), State.CONVENTION),
]


@pytest.mark.parametrize(("settings", "state"), DECLARED)
def test_declared(settings: ClusterSettings, state: State) -> None:
    (cluster,) = clusters_of(project(FREE, AMD, settings=settings))
    assert cluster.state is state


def test_one_note_for_everything_that_nothing_is_known_of() -> None:
    (note,) = findings(project(pod("a"), pod("b"), pod("c")))
    assert note.severity is Severity.INFO
    assert note.message.startswith("3 workloads")


def test_few_are_named_in_one_finding() -> None:
    (note,) = findings(project(FREE, pod("other"), AMD))
    assert (note.severity, "`Pod free` and `Pod other`" in note.message) == (Severity.INFO, True)
    (warning,) = findings(project(FREE, pod("b"), pod("c"), AMD, ARM))
    assert (warning.severity, len(warning.labels)) == (Severity.WARNING, 2)


def test_strict_reports_each_unless_all_nodes_are_alike() -> None:
    assert len(findings(project(pod("a"), pod("b")), strict=True)) == 2
    alike = ClusterSettings(architectures=("amd64",))
    assert findings(project(pod("a"), pod("b"), settings=alike), strict=True) == []


@pytest.mark.parametrize(
    ("image", "pattern", "left"),
    [
        ("nginx:1.27", "docker.io/library/*", 0),
        ("registry.k8s.io/pause:3.9", "registry.k8s.io/pause", 0),
        ("registry.example/a:1", "docker.io/*", 1),
        ("${IMAGE}", "*", 1),
    ],
)
def test_trusted_images(image: str, pattern: str, left: int) -> None:
    trusting = ClusterSettings(images=ImageFacts((pattern,)))
    assert len(findings(project(pod("free", image=image), AMD, settings=trusting))) == left


def test_facts_of_one_cluster_do_not_reach_another() -> None:
    sources = {"clusters/one/a.yaml": [FREE, AMD], "clusters/two/b.yaml": [FREE, pod("more")]}
    documents = [
        Document(source)
        for file, texts in sources.items()
        for source in read_documents(file, "\n---\n".join(texts)).documents
    ]
    found = findings(Project(documents))
    assert [(finding.location.file, finding.severity) for finding in found] == [
        ("clusters/one/a.yaml", Severity.WARNING),
        ("clusters/two/b.yaml", Severity.INFO),
    ]


def test_fix_adds_to_a_selector_that_is_there() -> None:
    selector = FREE.replace("spec: {", "spec: {nodeSelector: {kubernetes.io/os: linux}, ")
    (finding,) = findings(project(selector, AMD))
    (edit,) = finding.fixes[0].edits
    assert (edit.path, edit.key, edit.text) == (("spec", "nodeSelector"), "kubernetes.io/arch", "amd64")
    (finding,) = findings(project(FREE, AMD))
    (edit,) = finding.fixes[0].edits
    assert (edit.path, edit.key, edit.text) == (("spec",), "nodeSelector", "{kubernetes.io/arch: amd64}")


def test_pods_that_values_define_are_findings_as_others_are() -> None:
    (finding,) = findings(project(app("a", AMD_OPTIONS), app("b")))
    assert finding.message.startswith("`HelmRelease b` may be placed on nodes of any architecture, unlike 1 of 2")
    assert finding.location.path == ("spec", "values", "controllers", "a", "pod", "nodeSelector")
    (edit,) = finding.fixes[0].edits
    assert (edit.path[-1], edit.key, edit.text) == ("a", "pod", "{nodeSelector: {kubernetes.io/arch: amd64}}")
    trusting = ClusterSettings(images=ImageFacts(("registry.example/*",)))
    assert findings(project(app("a", AMD_OPTIONS), app("b"), settings=trusting)) == []


def test_pods_that_values_define_are_part_of_the_one_note() -> None:
    (note,) = findings(project(app("a"), pod("b"), CHARTS[0]))
    assert (note.severity, note.message[:11]) == (Severity.INFO, "2 workloads")


def test_the_namespace_of_a_release_binds_its_pods() -> None:
    annotation = "scheduler.alpha.kubernetes.io/node-selector: kubernetes.io/arch=amd64"
    namespace = f"{{apiVersion: v1, kind: Namespace, metadata: {{name: web, annotations: {{{annotation}}}}}}}"
    assert findings(project(AMD, app("a"), namespace)) == []


def test_no_fix_where_several_pods_share_a_selector() -> None:
    several = app("b", "defaultPodOptions: {nodeSelector: {kubernetes.io/os: linux}}, ").replace(
        "controllers: {", "controllers: {c: {containers: {x: {image: 'd:1'}}}, "
    )
    found = findings(project(AMD, pod("also", "amd64"), several))
    assert [(finding.message.partition(" may ")[0], finding.fixes) for finding in found] == [
        ("`HelmRelease b, controller c`", ()),
        ("`HelmRelease b, controller a`", ()),
    ]


def test_a_number_that_names_an_architecture_is_quoted() -> None:
    (finding,) = findings(project(FREE, pod("old", "'386'")))
    assert finding.fixes[0].edits[0].text == '{kubernetes.io/arch: "386"}'


def test_the_default_architecture_is_what_pods_are_bound_to() -> None:
    mixed = ClusterSettings(architectures=("amd64", "arm64"))
    (finding,) = findings(project(FREE, settings=mixed))
    assert finding.fixes == () and "`amd64`" not in str(finding.help_text)
    (finding,) = findings(project(FREE, settings=mixed._replace(default_arch="arm64")))
    assert finding.fixes[0].edits[0].text == "{kubernetes.io/arch: arm64}"
