import pytest
from releasing import Tree

HELMFILE = """\
repositories:
- name: dns
  url: https://charts.example.org/dns
- name: mirror
  url: registry.example.org/charts
  oci: true
releases:
- name: cluster-dns
  namespace: kube-system
  chart: dns/coredns
  version: ~1.39.0
"""


def helmfile(more="", path="helmfile.yaml", **files):
    return Tree({path: HELMFILE + more, **files})


def test_says_what_is_installed_where():
    tree = helmfile()
    release = tree.release("helmfile")
    assert release.chart[:4] == ("coredns", "https://charts.example.org/dns", "~1.39.0", None)
    assert (release.name, release.namespace, release.display) == (
        "cluster-dns",
        "kube-system",
        "helmfile cluster-dns",
    )
    assert tree.where(release.chart.at) == "helmfile.yaml:10:10 dns/coredns"
    assert release.values.absent


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ("  values:\n  - replicaCount: 1\n", "helmfile.yaml:13:19 1"),
        ("  values: [{replicaCount: 1}]\n", "helmfile.yaml:12:27 1"),
        ("  values:\n  - values/dns.yaml\n", "values/dns.yaml:2:15 1"),
        ("  set:\n  - name: replicaCount\n    value: 1\n", "helmfile.yaml:14:12 1"),
        ("  set:\n  - name: replicaCount\n    value: '1'\n", "helmfile.yaml:14:12 '1'"),
    ],
)
def test_knows_the_place_of_a_value(more, place):
    tree = helmfile(more, **{"values/dns.yaml": "# ours\nreplicaCount: 1\n"})
    value = tree.release("helmfile").values.get("replicaCount")
    assert value.integer == 1
    assert tree.where(value) == place


def test_later_values_win_and_assignments_most():
    values = helmfile(
        "  values:\n  - a.yaml\n  - {b: 2, c: 2, d: 2}\n  - b.yaml\n"
        "  set: [{name: d, value: x}, {name: list, values: [1, z]}, {name: text, value: '{a,b}'}]\n"
        "  setString: [{name: number, value: '5'}]\n",
        **{"a.yaml": "a: 1\nb: 1\n", "b.yaml": "c: 3\n"},
    ).release("helmfile")
    assert values.values.value == {
        "a": 1, "b": 2, "c": 3, "d": "x", "list": [1, "z"], "text": "{a,b}", "number": "5",
    }  # fmt: skip
    assert [item.form for item in values.sources] == ["assignments", "file", "inline", "file"]


@pytest.mark.parametrize(
    "more",
    [
        "  values: [gone.yaml]\n",
        "  values: ['{{ .Environment.Name }}.yaml']\n",
        "  values: [values.yaml.gotmpl]\n",
        "  values: [/etc/values.yaml]\n",
        "  values: [https://example.org/values.yaml]\n",
        "  values: ['{{ toYaml .Values | nindent 2 }}']\n",
        "  values: '{{ .Values }}'\n",
        "  values: {a: b}\n",
        "  values: [sealed.yaml]\n",
        "  secrets: [secrets.yaml]\n",
        "  inherit: [{template: default}]\n",
        "  valuesTemplate: [{a: b}]\n",
        "  set: [{name: '{{ .name }}', value: x}]\n",
    ],
)
def test_what_cannot_be_read_is_unknown(more):
    tree = helmfile(more, **{"sealed.yaml": "replicaCount: ENC[x]\nsops: {mac: x}\n"})
    values = tree.release("helmfile").values
    assert values.get("replicaCount").unknown and not values.get("replicaCount").absent


def test_references_to_vaults_are_unknown():
    values = helmfile("  set: [{name: a, value: ref+vault://x}, {name: b, file: c}]\n").release("helmfile").values
    assert values.get("a").unknown and values.get("b").unknown and values.get("c").absent


@pytest.mark.parametrize(
    ("chart", "name", "repository"),
    [
        ("mirror/metrics", "metrics", "oci://registry.example.org/charts"),
        ("oci://registry.example.org/charts/metrics", "metrics", "oci://registry.example.org/charts"),
        ("other/metrics", "metrics", None),
        ("./gone/metrics", None, None),
        ("https://example.org/metrics-1.0.0.tgz", None, "https://example.org"),
        ("git::https://example.org/x.git@metrics?ref=main", None, None),
        ("'{{ .chart }}'", None, None),
    ],
)
def test_charts_and_their_repositories(chart, name, repository):
    tree = Tree({"helmfile.d/a.yaml": HELMFILE.replace("dns/coredns", chart)})
    assert tree.release("helmfile").chart[:2] == (name, repository)


def test_a_chart_of_the_tree():
    tree = Tree(
        {
            "deploy/helmfile.yaml": "namespace: shop\nreleases:\n- {name: web, chart: ./charts/web, namespace: x}\n",
            "deploy/charts/web/Chart.yaml": "name: web\nversion: 0.3.0\n",
            "deploy/charts/web/values.yaml": "replicas: 1\n",
        }
    )
    release = tree.release("helmfile")
    assert release.chart[:4] == ("web", None, "0.3.0", "deploy/charts/web")
    assert release.namespace == "shop"
    assert tree.where(release.values.get("replicas")) == "deploy/charts/web/values.yaml:1:11 1"
    assert len(tree.releases()) == 1


def test_anchors_lead_to_where_the_value_is_written():
    tree = Tree(
        {
            "helmfile.yaml": "templates:\n  default: &default\n    namespace: shop\n    values:\n    - replicas: 1\n"
            "releases:\n- name: web\n  chart: shop/web\n  <<: *default\n"
        }
    )
    release = tree.release("helmfile")
    assert release.namespace == "shop"
    assert tree.where(release.values.get("replicas")) == "helmfile.yaml:5:17 1"


def test_several_documents_and_files():
    tree = Tree(
        {
            "helmfile.yaml": "repositories: [{name: shop, url: https://example.org}]\n---\n"
            "releases: [{name: a, chart: shop/a}]\nhelmfiles: [apps/*.yaml, {path: more/one.yaml}, helmfile.yaml]\n",
            "apps/b.yaml": "releases: [{name: b, chart: shop/b}]\n",
            "more/one.yaml": "releases: [{name: c, chart: shop/c}]\n",
            "more/two.yaml": "releases: [{name: d, chart: shop/d}]\n",
            "helmfile.d/values/x.yaml": "releases: [{name: no chart}]\n",
            "helmfile.d/object.yaml": "apiVersion: v1\nkind: X\nreleases: [{name: e, chart: f/e}]\n",
        }
    )
    assert [release.name for release in tree.releases()] == ["a", "b", "c"]
    assert tree.releases()[0].chart.repository == "https://example.org"


@pytest.mark.parametrize("installed", ["false", "true", "'{{ .x }}'"])
def test_what_is_switched_off_is_not_installed(installed):
    assert bool(helmfile(f"  installed: {installed}\n").releases()) is (installed != "false")


def test_a_file_that_only_templates_installs_nothing():
    assert helmfile("helmDefaults: {args: [--include-crds, --no-hooks]}\n").releases() == []


@pytest.mark.parametrize(
    "text",
    [
        "releases: text\n",
        "releases: {a: b}\n",
        "releases: [null, 5, [], {}, {chart: 5}, {chart: [x]}, {chart: '', name: ''}, {chart: /, name: {a: b}}]\n",
        "releases: [{chart: a/b, values: [null, 5, [1], '', [], {a: b}, '..']}]\n",
        "releases: [{chart: a/b, set: {a: b}, setString: x, secrets: {a: b}}]\n",
        "releases: [{chart: a/b, set: [1, {}, {name: 5}, {name: a, values: {b: c}}, {name: b}]}]\n",
        "releases: [{chart: a/b, set: [{name: 'a[', value: 1}, {name: a, value: {b: c}}, {name: a, value: [1]}]}]\n",
        "repositories: {a: b}\nreleases: [{chart: a/b}]\nhelmDefaults: 5\n",
        "repositories: [1, {name: a, url: [x]}]\nreleases: [{chart: a/b}]\nhelmfiles: [1, {a: b}, '[', '../../x']\n",
    ],
)
def test_odd_input_is_no_crash(text):
    for release in Tree({"helmfile.yaml": text}).releases():
        assert release.display and release.values.get("a", 0, "b") is not None
        assert release.values.value is None or isinstance(release.values.value, dict)
