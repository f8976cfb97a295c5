"""HelmChart and HelmChartConfig of k3s and RKE2, and values in strings that cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linting import FIXTURES, lint_texts, lint_tree
from release_projects import by_name, fixture_project, place, text_project


@pytest.fixture(scope="module")
def strings():
    return by_name(fixture_project("k3s-strings").releases)


@pytest.fixture(scope="module")
def layers():
    (release,) = fixture_project("k3s-layers").releases
    return release


@pytest.mark.parametrize(
    ("name", "replicas", "where"),
    [
        ("literal", 2, "charts.yaml:14:17"),
        ("folded", 3, "charts.yaml:27:17"),
        ("single", 4, "charts.yaml:39:61"),
        ("double", 5, "charts.yaml:48:64"),
    ],
)
def test_values_stand_inside_of_the_string(strings, name, replicas, where):
    field = strings[name].values.get("deployment", "replicas")
    assert field.integer == replicas
    assert place(field) == where
    assert [source.form for source in strings[name].sources] == ["text"]


@pytest.mark.parametrize(
    ("name", "chart", "namespace"),
    [
        ("literal", ("traefik", "https://charts.example/stable", "30.1.0", None), "ingress"),
        ("folded", ("web", "https://charts.example/static", "1.4.0+up2", None), "kube-system"),
        ("single", ("queue", "oci://registry.example/charts", None, None), "kube-system"),
        ("double", ("queue", None, None, None), "kube-system"),
    ],
)
def test_which_chart_and_where(strings, name, chart, namespace):
    release = strings[name]
    assert (release.chart[:4], release.name, release.namespace) == (chart, name, namespace)


def test_set_above_the_configuration_above_values_above_their_text(layers):
    values = layers.values
    assert [source.form for source in layers.sources] == ["assignments", "text", "inline", "text"]
    assert (values.get("replicas").integer, place(values.get("replicas"))) == (3, "chart.yaml:11:15")
    assert (values.get("color").text, place(values.get("color"))) == ("blue", "config.yaml:9:12")
    assert (values.get("size").text, place(values.get("size"))) == ("medium", "chart.yaml:21:11")


def test_set_is_typed_as_the_controller_types_it(layers):
    values = layers.values
    assert values.get("image", "tag").text == "1.10"
    assert values.get("service", "enabled").boolean is True
    assert values.get("annotations", "example.com/owner").text == "a,b"
    assert place(values.get("annotations", "example.com/owner")) == "chart.yaml:14:37"


def test_set_of_one_item_leaves_a_list_unknown(layers):
    assert layers.values.get("ports").unknown


def test_a_configuration_without_its_chart_is_about_the_packaged_one():
    (release,) = fixture_project("k3s-packaged").releases
    assert release.wrapper == "HelmChartConfig" and release.chart[:4] == ("rke2-coredns", None, None, None)
    assert release.namespace == "kube-system"
    assert place(release.chart.at) == "manifests/coredns.yaml:4:9"
    assert place(release.values.get("replicaCount")) == "manifests/coredns.yaml:8:19"
    assert place(release.values.get("autoscaler", "min")) == "manifests/coredns.yaml:10:12"


HEAD = "apiVersion: helm.cattle.io/v1\nkind: KIND\nmetadata: {name: web, namespace: kube-system}\nspec: SPEC\n"
CHART, CONFIG = HEAD.replace("KIND", "HelmChart"), HEAD.replace("KIND", "HelmChartConfig")


def chart(spec, **more):
    return text_project(a=CHART.replace("SPEC", spec), **more).releases


@pytest.mark.parametrize(
    "spec",
    [
        "{valuesContent: '[1, 2]'}",
        "{valuesContent: text}",
        "{valuesContent: 'a: {'}",
        "{valuesContent: 3}",
        "{valuesContent: {a: 1}}",
        "{valuesContent: '{{ .Values }}'}",
        "{valuesContent: '${VALUES}'}",
        "{valuesContent: !vault x}",
        "{valuesContent: 'b: %{CLUSTER_DNS}%'}",
        "{values: [1]}",
        "{values: {a: 1}, valuesSecrets: [{name: s, keys: [k]}]}",
        "{set: [1]}",
        "{set: {a: 1.5}}",
        "{set: {a: true}}",
        "{set: {a: [1]}}",
        "{set: {a: '${A}'}}",
        "{set: {'${A}': '1'}}",
    ],
)
def test_what_is_outside_or_odd_is_unknown(spec):
    (release,) = chart(spec)
    assert release.values.get("a").unknown and not release.values.get("a").absent


@pytest.mark.parametrize("spec", ["{valuesContent: ''}", "{valuesContent: '# none'}", "{values: {}}", "3", "{set: {}}"])
def test_nothing_given_is_nothing(spec):
    (release,) = chart(spec)
    assert release.values.get("a").absent


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("a: 1", 1),
        ("--- \na: 1\n---\na: 2\n", 1),
        ("a: ${A}\nb: 1", None),
        ("# {{ note }}\na: 1", 1),
    ],
)
def test_values_content(text, known):
    (release,) = chart(f"{{valuesContent: {text!r}}}".replace("'", '"'))
    assert release.values.get("a").integer == known


@pytest.mark.parametrize("spec", ["{chart: '${X}'}", "{chart: 3}", "{chart: x, chartContent: aGk=}", "{}"])
def test_charts_that_are_unknown(spec):
    (release,) = chart(spec)
    assert release.chart.name is None


def test_a_configuration_of_one_cluster_for_a_chart_that_all_share():
    config = CONFIG.replace("SPEC", "{valuesContent: 'a: 2'}")
    shared, own = chart("{valuesContent: 'a: 1, \\nb: 3'}".replace("1, \\n", "1\n\n  "), clusters__one__c=config)
    assert shared.values.get("a").unknown and own.values.get("a").integer == 2
    assert own.wrapper == "HelmChartConfig" and own.scope == "clusters/one" and own.values.get("b").integer == 3


def test_configurations_of_other_namespaces_are_not_asked():
    config = CONFIG.replace("SPEC", "{valuesContent: 'a: 2'}").replace("kube-system", "other")
    release, other = chart("{valuesContent: 'a: 1'}", c=config)
    assert release.values.get("a").integer == 1 and other.values.get("a").integer == 2


@given(st.text(max_size=60), st.text(max_size=20))
def test_no_text_does_harm(content, key):
    text = CHART.replace("SPEC", "{valuesContent: C, set: {K: 1}}")
    project = text_project(a=text)
    project.documents[0].root.value["spec"] = {"valuesContent": content, "set": {key: content}}
    (release,) = project.releases
    assert isinstance(dict(release.values.items()), dict)
    assert len(project.unread) <= 1


def test_text_that_is_no_yaml_is_a_finding_where_it_breaks():
    report = lint_tree(FIXTURES / "projects" / "releases" / "k3s-unreadable", select=("unreadable-document",))
    found = [(f.place.path, f.place.start.line, f.place.start.column, f.message) for f in report.findings]
    assert found == [
        ("applications.yaml", 12, 17, "cannot be read: did not find expected ',' or ']'"),
        ("charts.yaml", 11, 13, "cannot be read: did not find expected ',' or '}'"),
        ("charts.yaml", 19, 25, "cannot be read: found a tab character that violates indentation"),
    ]


def test_secrets_in_text_that_is_no_yaml_are_masked():
    text = CHART.replace("SPEC", '\n  chart: web\n  valuesContent: |\n    a: [1\n    token: "Fh3kq9xWv72pLmTz81QaRd"')
    report = lint_texts({"a.yaml": text}, select=("unreadable-document",))
    (finding,) = report.findings
    assert finding.place.start.line == 8 and report.masked["a.yaml"]
