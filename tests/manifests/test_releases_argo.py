import pytest
from releasing import Tree

APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: cluster-dns
  namespace: argocd
spec:
  destination:
    namespace: kube-system
  source:
    repoURL: https://charts.example.org/dns
    chart: coredns
    targetRevision: 1.39.*
    helm:
"""
CHART = "apiVersion: v2\nname: web\nversion: 0.3.0\n"


def application(helm="", **files):
    return Tree({"apps/dns.yaml": APPLICATION + helm, **files})


def source(text):
    """An Application with that source or those sources."""
    head, _, _ = APPLICATION.partition("  source:")
    return head + text


def test_says_what_is_installed_where():
    release = application().release("Application")
    assert release.chart[:4] == ("coredns", "https://charts.example.org/dns", "1.39.*", None)
    assert (release.name, release.namespace) == ("cluster-dns", "kube-system")
    assert release.display == "Application argocd/cluster-dns"
    assert release.values.absent


@pytest.mark.parametrize(
    ("helm", "place"),
    [
        ("      valuesObject:\n        replicaCount: 1\n", "apps/dns.yaml:15:23 1"),
        ("      values: |\n        # ours\n        replicaCount: 1\n", "apps/dns.yaml:16:23 1"),
        ("      values: |-\n\n        replicaCount:   1\n", "apps/dns.yaml:16:25 1"),
        ("      values: >\n        replicaCount:\n          1\n", "apps/dns.yaml:16:11 1"),
        ('      values: "x: y\\nreplicaCount: 1\\n"\n', "apps/dns.yaml:14:36 1"),
        ("      values: 'replicaCount: 1'\n", "apps/dns.yaml:14:30 1"),
        ("      values: {replicaCount: 1}\n", "apps/dns.yaml:14:30 1"),
        ("      parameters:\n      - name: replicaCount\n        value: '1'\n", "apps/dns.yaml:16:16 '1'"),
    ],
)
def test_knows_the_place_of_a_value(helm, place):
    tree = application(helm)
    value = tree.release("Application").values.get("replicaCount")
    assert value.integer == 1
    assert tree.where(value) == place


def test_parameters_win_and_the_object_replaces_the_text():
    values = application(
        "      values: |\n        a: text\n        b: text\n        c: text\n"
        "      valuesObject: {a: object, b: object}\n"
        "      parameters:\n      - {name: a, value: parameter}\n"
    ).release("Application")
    assert values.values.value == {"a": "parameter", "b": "object"}
    assert [item.form for item in values.sources] == ["assignments", "inline"]


def test_reads_parameters_as_helm_does():
    values = (
        application(
            "      parameters:\n"
            "      - {name: replicas, value: '2'}\n"
            "      - {name: port, value: '53', forceString: true}\n"
            "      - {name: 'servers[0].zones', value: '{.,in-addr.arpa}'}\n"
            "      - {name: note, value: 'one, two'}\n"
            "      - {name: app, value: $ARGOCD_APP_NAME}\n"
            "      - {name: empty}\n"
            "      - {value: nothing}\n"
            "      - odd\n"
            "      fileParameters:\n      - {name: zone, path: files/zone.db}\n"
        )
        .release("Application")
        .values
    )
    assert (values.get("replicas").value, values.get("port").value, values.get("empty").value) == (2, "53", "")
    assert values.get("servers", 0, "zones").value == [".", "in-addr.arpa"]
    assert values.get("note").text == "one, two"
    assert values.get("app").unknown and values.get("zone").unknown
    assert values.get("other").absent


def test_an_assignment_into_a_list_that_values_hold_leaves_the_list_unknown():
    values = (
        application(
            "      values: 'a: [{b: 1}, {b: 2}]'\n"
            "      parameters: [{name: 'a[0].b', value: '3'}, {name: 'c[0]', value: x}]\n"
        )
        .release("Application")
        .values
    )
    assert values.get("a", 1, "b").unknown and not values.get("a", 1).absent
    assert values.get("c", 0).text == "x"


def test_the_release_may_have_a_name_and_a_namespace_of_its_own():
    release = application("      releaseName: dns\n      namespace: dns-system\n").release("Application")
    assert (release.name, release.namespace) == ("dns", "dns-system")
    assert application("      releaseName: ${NAME}\n").release("Application").name is None


@pytest.mark.parametrize(
    "helm",
    [
        "      values: |\n        {{- if .x }}\n        a: 1\n        {{- end }}\n",
        "      values: 'a: ['\n",
        "      values: [a]\n",
        "      values: just text\n",
        "      valuesObject: ${VALUES}\n",
        "      parameters: '{{ .parameters }}'\n",
        "      parameters:\n      - {name: '{{ .name }}', value: '1'}\n",
        "      valueFiles: [values-production.yaml]\n",
        "      valueFiles: '{{ .files }}'\n",
        "      valueFiles: [https://example.org/values.yaml]\n",
        "      valueFiles: ['$values/gone.yaml']\n",
    ],
)
def test_what_cannot_be_read_is_unknown(helm):
    values = application(helm).release("Application").values
    assert values.get("replicaCount").unknown and not values.get("replicaCount").absent


@pytest.mark.parametrize(
    "helm", ["      values: ''\n", "      values: |\n        # nothing yet\n", "      valuesObject:\n"]
)
def test_empty_values_are_none(helm):
    assert application(helm).release("Application").values.get("replicaCount").absent


def test_template_text_hides_one_value_only():
    values = application("      values: |\n        a: '{{ .a }}'\n        b: 1\n").release("Application").values
    assert values.get("a").unknown and values.get("b").integer == 1


def test_a_chart_of_the_tree():
    tree = Tree(
        {
            "apps/web.yaml": source(
                "  source:\n    repoURL: https://git.example.org/shop.git\n    path: charts/web\n"
                "    targetRevision: main\n    helm:\n"
                "      valueFiles: [values-small.yaml, ../shared.yaml, /overrides/web.yaml]\n"
            ),
            "charts/web/Chart.yaml": CHART,
            "charts/web/values.yaml": "replicas: 1\nport: 80\n",
            "charts/web/values-small.yaml": "replicas: 2\ncolour: red\n",
            "charts/shared.yaml": "colour: green\n",
            "overrides/web.yaml": "colour: blue\n",
        }
    )
    release = tree.release("Application")
    assert release.chart[:4] == ("web", None, "0.3.0", "charts/web")
    assert [item.form for item in release.sources] == ["file", "file", "file", "defaults"]
    assert release.values.value == {"replicas": 2, "port": 80, "colour": "blue"}
    assert tree.where(release.values.get("colour")) == "overrides/web.yaml:1:9 blue"
    assert tree.where(release.sources[0].at) == "apps/web.yaml:14:55 /overrides/web.yaml"
    assert tree.releases("chart") == []


def test_missing_files_may_be_forgiven():
    helm = "    helm:\n      ignoreMissingValueFiles: {}\n      valueFiles: [values-gone.yaml]\n"
    text = source("  source:\n    path: charts/web\n" + helm)
    files = {"charts/web/Chart.yaml": CHART, "charts/web/values.yaml": "replicas: 1\n"}
    strict = Tree({"a.yaml": text.replace("{}", "false"), **files}).release("Application")
    lenient = Tree({"a.yaml": text.replace("{}", "true"), **files}).release("Application")
    assert strict.values.get("replicas").unknown
    assert lenient.values.get("replicas").integer == 1


def test_patterns_name_several_files():
    tree = Tree(
        {
            "a.yaml": source("  source:\n    path: charts/web\n    helm:\n      valueFiles: ['envs/*.yaml']\n"),
            "charts/web/Chart.yaml": CHART,
            "charts/web/values.yaml": "a: 0\n",
            "charts/web/envs/1.yaml": "a: 1\nb: 1\n",
            "charts/web/envs/2.yaml": "a: 2\n",
            "charts/web/envs/deep/3.yaml": "a: 3\n",
        }
    )
    assert tree.release("Application").values.value == {"a": 2, "b": 1}


def test_several_sources_and_files_of_another():
    tree = Tree(
        {
            "apps/dns.yaml": source(
                "  sources:\n"
                "  - repoURL: https://charts.example.org/dns\n    chart: coredns\n    targetRevision: 1.39.2\n"
                "    helm:\n      valueFiles: [$values/clusters/home/dns.yaml]\n"
                "  - repoURL: https://git.example.org/home.git\n    ref: values\n"
                "  - repoURL: oci://registry.example.org/charts/metrics\n    targetRevision: 2.0.0\n    path: .\n"
                "  - repoURL: https://git.example.org/home.git\n    path: clusters/home/raw\n"
            ),
            "clusters/home/dns.yaml": "replicaCount: 3\n",
        }
    )
    dns, metrics = tree.releases("Application")
    assert tree.where(dns.values.get("replicaCount")) == "clusters/home/dns.yaml:1:15 3"
    assert dns.chart.name == "coredns" and tree.where(dns.chart.at) == "apps/dns.yaml:11:12 coredns"
    assert metrics.chart[:3] == ("metrics", "oci://registry.example.org/charts/metrics", "2.0.0")


def test_a_directory_is_no_release():
    tree = Tree({"a.yaml": source("  source:\n    repoURL: https://git.example.org/x.git\n    path: manifests\n")})
    assert tree.releases() == []


def test_a_chart_of_another_repository_has_values():
    text = source("  source:\n    path: deploy/chart\n    helm:\n      parameters: [{name: a, value: b}]\n")
    release = Tree({"a.yaml": text}).release("Application")
    assert release.chart.name is None and release.values.value == {"a": "b"}


def test_repositories_in_one_tree_stay_apart():
    text = source("  source:\n    path: charts/web\n    helm: {valueFiles: [/x.yaml]}\n")
    files = {"one/apps/a.yaml": text, "two/charts/web/Chart.yaml": CHART, "two/x.yaml": "a: 1\n", "x.yaml": "a: 2\n"}
    release = Tree(files, repositories=("one", "two")).release("Application")
    assert release.chart.folder is None and release.values.get("a").unknown


APPLICATION_SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: dns}
spec:
  generators:
  - list: {elements: [{cluster: home}]}
  template:
    metadata: {name: 'dns-{{ .cluster }}'}
    spec:
      destination: {namespace: kube-system}
      source:
        repoURL: https://charts.example.org/dns
        chart: coredns
        targetRevision: '{{ .version }}'
        helm:
          valuesObject:
            replicaCount: 1
            clusterName: '{{ .cluster }}'
"""


def test_the_template_of_an_application_set():
    tree = Tree({"set.yaml": APPLICATION_SET})
    release = tree.release("ApplicationSet")
    assert (release.name, release.namespace, release.chart.version) == (None, "kube-system", None)
    assert tree.where(release.values.get("replicaCount")) == "set.yaml:17:27 1"
    assert release.values.get("clusterName").unknown


@pytest.mark.parametrize(
    ("more", "unknown"),
    [
        ("  templatePatch: |\n    spec: {source: {helm: {values: x}}}\n", True),
        ("  templatePatch: |\n    {{- if .prune }}\n    syncPolicy: {automated: {}}\n    {{- end }}\n", False),
        ("  templatePatch: |\n    metadata: {annotations: {a: b}}\n", False),
    ],
)
def test_a_patch_of_the_template_hides_what_it_may_set(more, unknown):
    values = Tree({"set.yaml": APPLICATION_SET + more}).release("ApplicationSet").values
    assert values.get("replicaCount").unknown is unknown


def test_a_kustomize_patch_hides_what_it_may_set():
    tree = application(
        "      valuesObject: {replicaCount: 1, other: 2}\n",
        **{
            "apps/kustomization.yaml": "resources: [dns.yaml]\npatches:\n- target: {kind: Application}\n"
            "  patch: |\n    - {op: replace, path: /spec/source/helm/valuesObject/replicaCount, value: 2}\n"
        },
    )
    values = tree.release("Application").values
    assert values.get("replicaCount").unknown and values.get("other").integer == 2


ODD = [
    "  source: text\n",
    "  source: [1]\n",
    "  source: {chart: 5, targetRevision: 1.2}\n",
    "  source: {chart: '{{ chart }}', helm: text}\n",
    "  source: {chart: x, helm: {values: 5, parameters: {a: b}, valueFiles: {a: b}, releaseName: 7}}\n",
    "  source: {chart: x, helm: {parameters: [1, [2], {name: {}}, {name: a, value: {b: c}}]}}\n",
    "  source: {path: ../../.., helm: {valueFiles: [../../../../etc/passwd, '', null, 5, '$', '$/', '**/[']}}\n",
    "  source: {path: '', helm: {valueFiles: ['[', '*']}}\n",
    "  sources: {a: b}\n",
    "  sources: [null, 5, {ref: 5}, {chart: [x]}]\n",
    "  sources: [{ref: v}, {chart: x, helm: {valueFiles: [$v/*.yaml, $v, $v/../../x.yaml]}}]\n",
    "  template: 5\n  templatePatch: [1]\n  generators: {a: b}\n",
]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("kind", ["Application", "ApplicationSet"])
def test_odd_input_is_no_crash(text, kind):
    body = source(text).replace("kind: Application", f"kind: {kind}")
    if kind == "ApplicationSet":
        spec = "".join(f"    {line}\n" for line in body[body.index("spec:") :].splitlines())
        body = f"{body[: body.index('spec:')]}spec:\n  template:\n{spec}"
    for files in ({"Chart.yaml": CHART}, {}):
        for release in Tree({"a.yaml": body, **files}).releases():
            assert release.values.value is None or isinstance(release.values.value, dict)
            assert release.display and release.values.get("a", "b", 0) is not None
