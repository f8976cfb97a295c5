import pytest
from releasing import Tree

from kubelint.manifests.releases.charts import read_charts

UMBRELLA = """\
apiVersion: v2
name: platform
version: 1.0.0
dependencies:
- name: coredns
  version: ~1.39.0
  repository: https://charts.example.org/dns
- name: metrics
  alias: numbers
  version: 2.x
  repository: oci://registry.example.org/charts
  condition: numbers.enabled
- name: web
  version: 0.3.0
  repository: file://../web
"""
WEB = "apiVersion: v2\nname: web\nversion: 0.3.0\n"


def umbrella(values="{}\n", **files):
    return Tree(
        {
            "charts/platform/Chart.yaml": UMBRELLA,
            "charts/platform/values.yaml": values,
            "charts/web/Chart.yaml": WEB,
            "charts/web/values.yaml": "replicas: 1\nport: 80\n",
            **files,
        }
    )


def by_name(releases):
    return {release.chart.name: release for release in releases}


def test_a_chart_directory_as_it_is():
    tree = umbrella(**{"charts/web/ci/small-values.yaml": "replicas: 3\n", "charts/web/ci/x/big-values.yaml": "a: 1\n"})
    web, platform = (tree.project.charts[folder] for folder in ("charts/web", "charts/platform"))
    assert (web.name, web.version, web.is_library, web.parent) == ("web", "0.3.0", False, None)
    assert web.values.value == {"replicas": 1, "port": 80}
    assert [field.document.file for field in web.ci] == ["charts/web/ci/small-values.yaml"]
    assert [(item.key, item.version, item.condition, item.folder) for item in platform.dependencies] == [
        ("coredns", "~1.39.0", None, None),
        ("numbers", "2.x", "numbers.enabled", None),
        ("web", "0.3.0", None, "charts/web"),
    ]
    assert [chart.folder for chart in read_charts(tree.project)] == ["charts/platform", "charts/web"]


def test_a_chart_is_a_release_and_so_is_what_it_depends_on():
    tree = umbrella("coredns:\n  replicaCount: 1\nnumbers: {a: b}\nweb:\n  replicas: 2\n")
    chart = tree.release("chart")
    found = by_name(tree.releases("dependency"))
    assert (chart.chart[:4], chart.name) == (("platform", None, "1.0.0", "charts/platform"), None)
    assert found["coredns"].chart[:4] == ("coredns", "https://charts.example.org/dns", "~1.39.0", None)
    assert tree.where(found["coredns"].values.get("replicaCount")) == "charts/platform/values.yaml:2:17 1"
    assert tree.where(found["coredns"].chart.at) == "charts/platform/Chart.yaml:5:9 coredns"
    assert found["metrics"].values.value == {"a": "b"}
    assert found["web"].values.value == {"replicas": 2, "port": 80}
    assert tree.where(found["web"].values.get("port")) == "charts/web/values.yaml:2:7 80"
    assert len(tree.releases()) == 4


@pytest.mark.parametrize(
    ("values", "there"),
    [
        ("{}\n", True),
        ("numbers: {enabled: true}\n", True),
        ("numbers: {enabled: false}\n", False),
        ("numbers: {enabled: 'false'}\n", True),
        ("numbers: {enabled: '{{ x }}'}\n", True),
        ("numbers: 5\n", True),
    ],
)
def test_a_condition_switches_a_dependency_off(values, there):
    assert ("metrics" in by_name(umbrella(values).releases("dependency"))) is there


@pytest.mark.parametrize(
    ("values", "there"),
    [("tags: {extra: false}\n", False), ("tags: {extra: false, more: true}\n", True), ("{}\n", True)],
)
def test_tags_switch_a_dependency_off(values, there):
    text = "name: a\ndependencies:\n- {name: b, tags: [extra, more]}\n"
    tree = Tree({"Chart.yaml": text, "values.yaml": values})
    assert bool(tree.releases("dependency")) is there


def test_what_stands_in_charts_is_a_dependency():
    tree = Tree(
        {
            "app/Chart.yaml": "name: app\ndependencies:\n- {name: dns, version: 1.x, repository: https://example.org}\n",
            "app/values.yaml": "dns: {replicas: 2}\nextra: {a: 2}\n",
            "app/charts/dns/Chart.yaml": "name: dns\nversion: 1.4.0\n",
            "app/charts/dns/values.yaml": "replicas: 1\nport: 53\n",
            "app/charts/extra/Chart.yaml": "name: extra\nversion: 0.1.0\n",
            "app/charts/extra/values.yaml": "a: 1\n",
        }
    )
    found = by_name(tree.releases("dependency"))
    assert found["dns"].values.value == {"replicas": 2, "port": 53}
    assert found["dns"].chart.folder == "app/charts/dns"
    assert found["extra"].values.value == {"a": 2}
    assert [release.chart.name for release in tree.releases("chart")] == ["app"]


def test_old_charts_list_requirements_elsewhere():
    tree = Tree(
        {
            "Chart.yaml": "apiVersion: v1\nname: a\n",
            "values.yaml": "b: {c: 1}\n",
            "requirements.yaml": "dependencies:\n- {name: b, version: 1.0.0, repository: https://example.org}\n",
        }
    )
    release = tree.release("dependency")
    assert release.values.value == {"c": 1} and tree.where(release.chart.at) == "requirements.yaml:2:10 b"


def test_a_release_reaches_the_dependencies_of_its_chart():
    tree = umbrella(
        "coredns: {replicaCount: 1, port: 53}\n",
        **{
            "apps/platform.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: platform}\n"
            "spec:\n  destination: {namespace: kube-system}\n  source:\n    path: charts/platform\n"
            "    helm:\n      values: |\n        coredns:\n          replicaCount: 2\n        web: {replicas: 4}\n"
        },
    )
    found = by_name(tree.releases("dependency"))
    assert set(found) == {"coredns", "metrics", "web"}
    assert found["coredns"].values.value == {"replicaCount": 2, "port": 53}
    assert tree.where(found["coredns"].values.get("replicaCount")) == "apps/platform.yaml:11:25 2"
    assert tree.where(found["coredns"].values.get("port")) == "charts/platform/values.yaml:1:34 53"
    assert found["web"].values.value == {"replicas": 4, "port": 80}
    assert (found["web"].name, found["web"].namespace) == ("platform", "kube-system")
    assert tree.releases("chart") == []


def test_a_release_of_a_chart_that_needs_itself_ends():
    tree = Tree(
        {
            "a.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {path: web}}\n",
            "web/Chart.yaml": "name: web\ndependencies: [{name: web, repository: 'file://../web'}]\n",
        }
    )
    assert [release.wrapper for release in tree.releases()] == ["Application", "dependency"]


def test_what_is_not_a_mapping_hides_what_is_below():
    tree = umbrella(
        "coredns: {replicaCount: 1}\n",
        **{
            "apps/platform.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: platform}\n"
            "spec:\n  source:\n    path: charts/platform\n    helm:\n      valuesObject: {coredns: '{{ x }}'}\n"
        },
    )
    assert by_name(tree.releases("dependency"))["coredns"].values.get("replicaCount").unknown


def test_charts_that_need_each_other_end():
    tree = Tree(
        {
            f"{one}/Chart.yaml": f"name: {one}\ndependencies:\n- {{name: {other}, repository: 'file://../{other}'}}\n"
            for one, other in ("ab", "ba", "cc")
        }
    )
    found = [(release.wrapper, release.chart.name) for release in tree.releases()]
    assert found == [("chart", "a"), ("dependency", "b"), ("dependency", "a"), ("chart", "c"), ("dependency", "c")]


def test_charts_that_need_many_end():
    def chart(number):
        below = "".join(
            f"- {{name: c{number + 1}, alias: {alias}, repository: 'file://../c{number + 1}'}}\n" for alias in "xyz"
        )
        return f"name: c{number}\ndependencies:\n{below}"

    tree = Tree({f"c{number}/Chart.yaml": chart(number) for number in range(20)})
    assert 0 < len(tree.releases()) < 3000


def test_a_library_installs_nothing():
    assert Tree({"Chart.yaml": "name: a\ntype: library\n"}).releases() == []


def test_a_chart_without_values_has_none():
    release = Tree({"a/Chart.yaml": "name: a\n"}).release("chart")
    assert release.values.get("replicas").absent


@pytest.mark.parametrize(
    "text",
    [
        "[]\n",
        "text\n",
        "name: {a: b}\n",
        "name: '{{ x }}'\ndependencies: text\n",
        "name: a\ndependencies: {a: b}\n",
        "name: a\ndependencies: [null, 1, [], {}, {name: 5}, {name: a.b}, {name: x, condition: [1], tags: {a: b}}]\n",
        "name: a\ndependencies: [{name: b, repository: 'file://../../../..'}, {name: c, repository: 'file://'}]\n",
        "name: a\ndependencies: [{name: b, repository: 'file:///etc'}, {name: c, condition: '..,,.'}]\n",
        "name: a\ntype: [library]\n",
        "",
    ],
)
@pytest.mark.parametrize("values", ["", "[]\n", "5\n", "b: [1]\n", "a: {\n", "tags: 5\n"])
def test_odd_input_is_no_crash(text, values):
    for folder in ("", "x/", "charts/"):
        for release in Tree({f"{folder}Chart.yaml": text, f"{folder}values.yaml": values}).releases():
            assert release.display and release.values.get("a", 0, "b") is not None


KUSTOMIZATION = """\
namespace: kube-system
helmCharts:
- name: coredns
  repo: https://charts.example.org/dns
  version: 1.39.2
  releaseName: dns
  valuesFile: dns.yaml
  additionalValuesFiles: [more.yaml]
  valuesInline:
    replicaCount: 1
"""


def kustomized(merge=""):
    return Tree(
        {
            "dns/kustomization.yaml": KUSTOMIZATION + merge,
            "dns/dns.yaml": "replicaCount: 2\na: 2\nb: 2\n",
            "dns/more.yaml": "replicaCount: 3\na: 3\n",
        }
    )


def test_kustomize_inflates_charts():
    tree = kustomized()
    release = tree.release("helmCharts")
    assert release.chart[:4] == ("coredns", "https://charts.example.org/dns", "1.39.2", None)
    assert (release.name, release.namespace) == ("dns", "kube-system")
    assert tree.where(release.values.get("replicaCount")) == "dns/kustomization.yaml:10:19 1"
    assert release.values.value == {"replicaCount": 1, "a": 3, "b": 2}


@pytest.mark.parametrize(
    ("merge", "values"),
    [
        ("  valuesMerge: merge\n", {"replicaCount": 3, "a": 3, "b": 2}),
        ("  valuesMerge: replace\n", {"replicaCount": 1}),
    ],
)
def test_kustomize_merges_as_asked(merge, values):
    assert kustomized(merge).release("helmCharts").values.value == values


def test_kustomize_inflates_charts_of_the_tree():
    tree = Tree(
        {
            "x/kustomization.yaml": "helmGlobals: {chartHome: ../home}\nhelmCharts: [{name: web}]\n",
            "home/web/Chart.yaml": WEB,
            "home/web/values.yaml": "replicas: 1\n",
        }
    )
    release = tree.release("helmCharts")
    assert release.chart.folder == "home/web" and release.values.value == {"replicas": 1}
    assert len(tree.releases()) == 1


@pytest.mark.parametrize("entry", ["5", "[1]", "{a: b}", "{name: [x], valuesFile: {}, valuesInline: [1]}", "null"])
def test_odd_entries_of_kustomize_are_no_crash(entry):
    text = f"helmGlobals: 5\nhelmCharts:\n- {entry}\n- {{name: x, additionalValuesFiles: text, version: 1.0}}\n"
    for release in Tree({"kustomization.yaml": text}).releases():
        assert release.values.get("a") is not None
