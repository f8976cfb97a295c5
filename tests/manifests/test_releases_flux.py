"""Flux HelmReleases: their charts, names, namespaces, and where each value comes from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from release_projects import by_name, fixture_project, place, text_project

from kubelint.manifests.layered import unknown_layer
from kubelint.manifests.releases import references as references_module
from kubelint.manifests.releases.embedded import values_in
from kubelint.manifests.releases.flux import shortened
from kubelint.manifests.releases.whole_lists import whole_lists


@pytest.fixture(scope="module")
def charts():
    return by_name(fixture_project("flux-charts").releases)


@pytest.fixture(scope="module")
def references():
    (release,) = fixture_project("flux-references").releases
    return release


@pytest.mark.parametrize(
    ("name", "chart"),
    [
        ("coredns", ("coredns", "oci://registry.example/charts", ">=1.40.0 <2.0.0", None)),
        ("web", ("web-frontend", None, "0.4.2", "charts/web")),
        ("cache", ("valkey", "https://charts.example/stable", "2.x", None)),
        ("queue", ("nats", None, "1.2.3", None)),
        ("elsewhere", (None, None, None, None)),
        ("a-name-that-is-quite-long-already", (None, None, None, None)),
    ],
)
def test_which_chart(charts, name, chart):
    assert charts[name].chart[:4] == chart


def test_the_wrapper_names_the_chart_where_a_finding_would_be(charts):
    assert place(charts["coredns"].chart.at) == "apps/dns/helmrelease.yaml:10:11"
    assert place(charts["web"].chart.at) == "apps/shop.yaml:10:14"


@pytest.mark.parametrize(
    ("name", "release", "namespace"),
    [
        ("coredns", "coredns", "kube-system"),
        ("web", "shop-web", "shop"),
        ("cache", "shop-cache", "shop"),
        (
            "a-name-that-is-quite-long-already",
            "a-namespace-with-a-long-name-a-name-that-abf5c849e022",
            "a-namespace-with-a-long-name",
        ),
    ],
)
def test_name_and_namespace(charts, name, release, namespace):
    assert (charts[name].name, charts[name].namespace) == (release, namespace)


@given(st.text(alphabet="abcdefgh-", max_size=120))
def test_long_names_are_shortened_to_what_helm_takes(name):
    short = shortened(name)
    assert len(short) <= 53 and (short == name if len(name) <= 53 else short[:40] == name[:40])


def test_inline_values_are_where_they_are_written(charts):
    values = charts["coredns"].values
    assert values.get("replicaCount").integer == 2
    assert place(values.get("replicaCount")) == "apps/dns/helmrelease.yaml:12:19"
    assert place(values.get("image", "repository")) == "apps/dns/helmrelease.yaml:13:25"
    assert place(values.get("autoscaler", "enabled")) == "apps/dns/helmrelease.yaml:18:16"
    assert place(values.get("autoscaler", "resources", "limits", "memory")) == "apps/dns/helmrelease.yaml:16:17"
    assert values.get("clusterIP").unknown and not values.hidden and values.get("absent").absent


def test_a_chart_of_the_tree_has_defaults_below(charts):
    values = charts["web"].values
    assert values.get("replicas").integer == 3
    assert place(values.get("image", "tag")) == "charts/web/values.yaml:3:8"
    assert [source.form for source in charts["web"].sources] == ["inline", "defaults"]


def test_other_values_files_of_a_chart_elsewhere_hide_its_defaults(charts):
    assert charts["cache"].values.hidden and charts["cache"].values.get("replicas").unknown


def test_references_go_below_inline_values_the_later_above_the_earlier(references):
    values = references.values
    assert place(values.get("replicas")) == "app/helmrelease.yaml:31:15"
    assert values.get("image").value == {"repository": "registry.example/web", "tag": "2.2"}
    assert place(values.get("image", "repository")) == "app/base.yaml:4:15"
    assert place(values.get("image", "tag")) == "app/configmap.yaml:9:12"
    assert place(values.get("resources", "limits", "memory")) == "app/configmap.yaml:12:24"
    assert not values.hidden and values.get("other").absent


def test_a_target_path_sets_one_value(references):
    values = references.values
    assert values.get("service", "port").integer == 8080
    assert place(values.get("service", "port")) == "app/helmrelease.yaml:19:13"
    assert values.get("admin", "password").unknown and values.get("admin", "user").text == "root"


def test_where_each_came_from(references):
    assert [source.form for source in references.sources] == [
        "inline",
        "outside",
        "ConfigMap",
        "ConfigMap",
        "generator",
    ]


def test_overlays_that_differ_are_unknown():
    (release,) = fixture_project("flux-overlays").releases
    assert release.values.get("environment").unknown and release.values.get("replicas").unknown
    assert [source.form for source in release.sources] == ["outside", "generator"]
    assert place(release.sources[1].values.get("replicas")) == "base/base.yaml:1:11"


def test_what_a_patch_may_set_is_unknown_and_the_patch_is_a_part():
    base, patch = fixture_project("flux-patched").releases
    assert (base.partial, patch.partial) == (False, True)
    assert base.chart.name == "web" and base.chart.version is None
    assert base.values.get("replicas").unknown and base.values.get("image", "tag").unknown
    assert base.values.get("image", "repository").text == "registry.example/web"
    assert base.values.get("image").value["repository"] == "registry.example/web"
    assert base.values.get("other").absent
    assert patch.values.get("replicas").integer == 3
    assert place(patch.values.get("replicas")) == "patch.yaml:11:15"


HEAD = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n"
MAP = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-values, namespace: NAMESPACE}\ndata: {values.yaml: 'a: 1'}\n"
)
REFERENCE = "  valuesFrom: [{kind: ConfigMap, name: web-values}]\n"


@pytest.mark.parametrize(
    "spec",
    [
        "  values: [1, 2]\n",
        "  values: text\n",
        "  values: 3\n",
        "  values: ${VALUES}\n",
        "  valuesFrom: {kind: ConfigMap}\n",
        "  valuesFrom: [1, null, [], {kind: ConfigMap}, {kind: ConfigMap, name: 3}]\n",
        "  valuesFrom: [{kind: Secret, name: a}]\n",
        "  valuesFrom: [{kind: ConfigMap, name: '${NAME}'}]\n",
        "  valuesFrom: [{kind: ConfigMap, name: missing, optional: true}]\n",
        "  valuesFrom: [{kind: ConfigMap, name: missing, targetPath: '${PATH}'}]\n",
        "  valuesFrom: [{kind: ConfigMap, name: missing, targetPath: '[['}]\n",
        "  chart: [1]\n  valuesFrom: ${REFERENCES}\n",
    ],
)
def test_what_is_outside_or_odd_is_unknown(spec):
    (release,) = text_project(web=HEAD + spec).releases
    assert release.values.get("a").unknown and not release.values.get("a").absent
    assert release.chart.name is None


@pytest.mark.parametrize("spec", ["  values: {}\n", "  values:\n", "  interval: 1h\n", "  values: {a: null}\n"])
def test_nothing_given_is_nothing(spec):
    (release,) = text_project(web=HEAD + spec).releases
    assert release.values.get("a").absent


@pytest.mark.parametrize(
    "text", ["spec: 3", "spec: [a]", "spec: {chart: 3, chartRef: x}", "spec: {chartRef: {name: 3}}"]
)
def test_odd_specs_do_no_harm(text):
    (release,) = text_project(web=HEAD.removesuffix("spec:\n") + text + "\n").releases
    assert release.chart.name is None and release.name in ("web", None)


@pytest.mark.parametrize(("namespace", "known"), [("shop", True), ("other", False), ("null", True)])
def test_a_config_map_counts_in_the_namespace_of_the_release(namespace, known):
    (release,) = text_project(web=HEAD + REFERENCE, map=MAP.replace("NAMESPACE", namespace)).releases
    assert (release.values.get("a").integer == 1) is known
    assert release.values.get("a").unknown is not known


def test_clusters_that_differ_are_unknown_and_each_sees_its_own():
    one = MAP.replace("NAMESPACE", "shop")
    two = one.replace("a: 1", "a: 2")
    shared = {"clusters__one__map": one, "clusters__two__map": two}
    (release,) = text_project(apps__web=HEAD + REFERENCE, **shared).releases
    assert release.values.get("a").unknown
    (release,) = text_project(clusters__two__web=HEAD + REFERENCE, **shared).releases
    assert release.values.get("a").integer == 2


GENERATOR = "resources: [web.yaml]\nconfigMapGenerator: [{name: web-values, ENTRY}]\n"


@pytest.mark.parametrize(
    ("entry", "known"),
    [
        ("files: [values.yaml]", 7),
        ("files: [./values.yaml]", 7),
        ("files: [values.yaml=other.yaml]", 8),
        ("literals: ['values.yaml={a: 9}']", 9),
        ("files: [values.yaml=missing.yaml]", None),
        ("files: [values.yaml=../../outside.yaml]", None),
        ("files: [values.yaml=broken.yaml]", None),
        ("files: [values.yaml=list.yaml]", None),
        ("files: [other.yaml]", None),
        ("envs: [values.env]", None),
        ("files: ['${FILE}']", None),
        ("files: 3", None),
    ],
)
def test_generated(entry, known):
    (release,) = text_project(
        app__kustomization=GENERATOR.replace("ENTRY", entry),
        app__web=HEAD + REFERENCE,
        app__values="a: 7\n",
        app__other="a: 8\n",
        app__broken="a: 1\n---\n{",
        app__list="[1]\n",
    ).releases
    assert release.values.get("a").integer == known
    assert release.values.get("a").unknown is (known is None)


def test_a_literal_is_pointed_at_as_a_whole():
    entry = "literals: ['values.yaml={a: 9}']"
    (release,) = text_project(app__kustomization=GENERATOR.replace("ENTRY", entry), app__web=HEAD + REFERENCE).releases
    assert place(release.values.get("a")) == "app/kustomization.yaml:2:52"


def test_kustomizations_that_include_each_other():
    (release,) = text_project(
        a__kustomization=GENERATOR.replace("[web", "[../b, web").replace("ENTRY", "files: [values.yaml]"),
        b__kustomization="resources: [../a]\n",
        a__web=HEAD + REFERENCE,
        a__values="a: 1\n",
    ).releases
    assert release.values.get("a").integer == 1


def test_other_repositories_in_the_tree_are_not_asked():
    project = text_project(
        **{
            "web": HEAD + REFERENCE,
            "vendored__.github__workflows__ci": "on: push\njobs: {a: {runs-on: x, steps: []}}\n",
            "vendored__map": MAP.replace("NAMESPACE", "shop"),
        }
    )
    (release,) = project.releases
    assert release.values.get("a").unknown


@pytest.mark.parametrize("group", ["helm.fluxcd.io/v1", "example.com/v1"])
def test_helm_releases_of_others_are_none(group):
    assert text_project(web=HEAD.replace("helm.toolkit.fluxcd.io/v2", group)).releases == []


def test_a_target_path_into_a_list_leaves_the_rest_of_it_unknown():
    spec = "  values: {a: [{b: 1}, {b: 2}]}\n  valuesFrom: [{kind: Secret, name: s, targetPath: 'a[0].b'}]\n"
    (release,) = text_project(web=HEAD + spec).releases
    assert release.values.get("a").unknown
    field = release.root
    assert whole_lists([(("x", 0), unknown_layer(field))], [field])[0][0] == ("x", 0)


def test_inline_values_and_a_target_path_contest_each_other():
    spec = "  values: {a: 1, b: 2}\n  valuesFrom: [{kind: ConfigMap, name: web-values, targetPath: a}]\n"
    (release,) = text_project(web=HEAD + spec, map=MAP.replace("NAMESPACE", "shop")).releases
    assert release.values.get("a").unknown and release.values.get("b").integer == 2


KUSTOMIZATION = "resources: [web.yaml]\npatches: [{target: {kind: HelmRelease}, patch: PATCH}]\n"
APPENDED = "'[{op: add, path: /spec/valuesFrom/-, value: {kind: Secret, name: s, KEY: a}}]'"


@pytest.mark.parametrize(("key", "integer"), [("valuesKey", 1), ("targetPath", None)])
def test_a_reference_that_a_patch_adds_goes_below_inline_values_unless_it_sets_a_path(key, integer):
    (release,) = text_project(
        kustomization=KUSTOMIZATION.replace("PATCH", APPENDED.replace("KEY", key)),
        web=HEAD + REFERENCE + "  values: {a: 1}\n",
        map=MAP.replace("NAMESPACE", "shop").replace("a: 1", "b: 1"),
    ).releases
    assert release.values.get("a").integer == integer and release.values.get("b").unknown


def test_kustomizations_rename_and_move():
    (release,) = text_project(
        kustomization="resources: [web.yaml]\nnamePrefix: my-\nnamespace: elsewhere\n", web=HEAD + "  values: {}\n"
    ).releases
    assert (release.name, release.namespace) == ("my-web", "elsewhere")


def test_components_go_before_what_includes_them_and_after_bases():
    generated = "configMapGenerator: [{name: web-values, behavior: merge, files: [KEY]}]\n"
    head = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    files = {
        "base__kustomization": GENERATOR.replace("ENTRY", "files: [values.yaml]"),
        "base__web": HEAD + REFERENCE,
        "base__values": "a: 1\n",
        "part__kustomization": head + generated.replace("KEY", "values.yaml"),
        "part__values": "a: 2\n",
        "top__kustomization": "resources: [../base]\ncomponents: [../part]\n",
        "top__values": "a: 3\n",
    }
    (release,) = text_project(**files).releases
    assert release.values.get("a").integer == 2
    files["top__kustomization"] += generated.replace("KEY", "values.yaml")
    (release,) = text_project(**files).releases
    assert release.values.get("a").integer == 3 and place(release.values.get("a")) == "top/values.yaml:1:4"


def test_generators_of_the_same_name_beside_other_releases():
    entry = "files: [values.yaml]"
    files = {}
    for app in ("one", "two"):
        files[f"{app}__kustomization"] = f"namespace: {app}\n" + GENERATOR.replace("ENTRY", entry)
        files[f"{app}__web"] = (HEAD + REFERENCE).replace(", namespace: shop", "")
        files[f"{app}__values"] = f"a: {len(files)}\n"
    one, two = text_project(**files).releases
    assert (one.namespace, two.namespace) == ("one", "two")
    assert one.values.get("a").integer == 2 and two.values.get("a").integer == 5


@pytest.mark.parametrize("at", ["resources", "components", "configMapGenerator", "patches"])
@pytest.mark.parametrize("text", ["3", "x", "{a: 1}", "[[1]]", "[null]", "[{name: web-values}]", "[{name: [1]}]"])
def test_odd_kustomizations_do_no_harm(at, text):
    (release,) = text_project(kustomization=f"{at}: {text}\n", web=HEAD + REFERENCE).releases
    assert release.values.get("a").unknown or release.values.get("a").absent


def test_a_config_map_is_read_once_for_all_that_take_values_from_it(monkeypatch):
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r{}, namespace: b}}\n"
        "spec: {{chart: {{spec: {{chart: x}}}}, valuesFrom: [{{kind: ConfigMap, name: m}}]}}\n"
    )
    shared = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, namespace: b}\ndata: {values.yaml: 'a: 1'}\n"
    read = []
    monkeypatch.setattr(references_module, "values_in", lambda field: read.append(field) or values_in(field))
    project = text_project(cm=shared, **{f"r{number}": release.format(number) for number in range(3)})
    assert [found.values.get("a").value for found in project.releases] == [1, 1, 1] and len(read) == 1
