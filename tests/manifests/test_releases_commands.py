import pytest
from releasing import Tree

WEB = {
    "deploy/web/Chart.yaml": "name: web\nversion: 0.3.0\n",
    "deploy/web/values.yaml": "replicas: 1\nport: 80\n",
    "deploy/small.yaml": "replicas: 2\ncolour: red\n",
    "deploy/blue.yaml": "colour: blue\n",
}
FILE = ".github/workflows/ship.yaml"


def workflow(*lines, head="      - run: |\n", job=""):
    text = "on: push\njobs:\n  ship:\n    runs-on: ubuntu-latest\n" + job + "    steps:\n" + head
    return Tree({FILE: text + "".join(f"          {line}\n" for line in lines), **WEB})


def test_says_what_is_installed_where():
    tree = workflow(
        "helm repo add dns https://charts.example.org/dns",
        "helm upgrade --install cluster-dns dns/coredns --version 1.39.2 -n kube-system --wait",
    )
    release = tree.release("helm upgrade")
    assert release.chart[:4] == ("coredns", "https://charts.example.org/dns", "1.39.2", None)
    assert (release.name, release.namespace) == ("cluster-dns", "kube-system")
    assert tree.where(release.chart.at) == f"{FILE}:8:46 dns/coredns"
    assert release.values.absent


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("helm upgrade dns x/coredns --set replicaCount=1", "7:57 1"),
        ("helm upgrade dns x/coredns --set=port=53,replicaCount=1", "7:65 1"),
        ("helm upgrade dns x/coredns --set 'a={x,y},replicaCount=1,b=2'", "7:66 1"),
        ('helm upgrade dns x/coredns --set "replicaCount=1"', "7:58 1"),
        ('helm upgrade dns x/coredns --set "replicaCount=1,image.tag=$TAG"', "7:58 1"),
    ],
)
def test_knows_the_place_of_a_value(line, place):
    tree = workflow(line)
    value = tree.release("helm upgrade").values.get("replicaCount")
    assert value.integer == 1
    assert tree.where(value) == f"{FILE}:{place}"


@pytest.mark.parametrize(
    ("head", "line", "place"),
    [
        ("      - run: >\n", "helm upgrade dns x/coredns\n          --set replicaCount=1", "8:30 1"),
        ("", "\n      - run: helm upgrade dns x/coredns --set replicaCount=1", "7:60 1"),
        ("", '\n      - run: "helm upgrade dns x/coredns --set replicaCount=1"', "7:61 1"),
    ],
)
def test_knows_the_place_in_every_kind_of_string(head, line, place):
    tree = workflow(line, head=head)
    value = tree.release("helm upgrade").values.get("replicaCount")
    assert value.integer == 1 and tree.where(value) == f"{FILE}:{place}"


def test_values_of_a_chart_of_the_tree():
    tree = workflow(
        "helm upgrade web ./deploy/web -f deploy/small.yaml \\",
        "  --values deploy/blue.yaml --set port=8080 --set-string tag=5 --set-literal 'note=a,b' --set-file x=y",
    )
    release = tree.release("helm upgrade")
    assert release.chart[:4] == ("web", None, "0.3.0", "deploy/web")
    assert [item.form for item in release.sources] == ["assignments", "file", "file", "defaults"]
    assert tree.where(release.values.get("colour")) == "deploy/blue.yaml:1:9 blue"
    found = {key: field.value for key, field in release.values.items() if not field.unknown}
    assert found == {"replicas": 2, "colour": "blue", "port": 8080, "tag": "5", "note": "a,b"}
    assert release.values.get("x").unknown
    assert len(tree.releases()) == 1


@pytest.mark.parametrize(
    "lines",
    [
        ("cd deploy", "helm install web ./web -f small.yaml,blue.yaml"),
        ("helm install --generate-name deploy/web -f deploy/small.yaml,deploy/blue.yaml",),
        ("helm template deploy/web -f deploy/small.yaml -f deploy/blue.yaml | kubectl apply -f -",),
        ("helm secrets upgrade web deploy/web -f deploy/small.yaml -f deploy/blue.yaml",),
        ("sudo helm -n shop upgrade -i --atomic web deploy/web --values=deploy/small.yaml --values=deploy/blue.yaml",),
    ],
)
def test_finds_files_from_where_the_command_runs(lines):
    release = workflow(*lines).release("helm upgrade")
    assert release.chart.folder == "deploy/web"
    assert release.values.value == {"replicas": 2, "port": 80, "colour": "blue"}


@pytest.mark.parametrize(
    "options",
    [
        "-f $FILE",
        '-f "${{ env.FILE }}"',
        "-f gone.yaml",
        "-f https://example.org/x.yaml",
        "$EXTRA",
        "${{ inputs.arguments }}",
        "--set $NAME=1",
        "--reuse-values",
        "--set-json '{}'",
        "-f -",
    ],
)
def test_what_cannot_be_read_is_unknown(options):
    values = workflow(f"helm upgrade dns x/coredns {options}").release("helm upgrade").values
    assert values.get("replicaCount").unknown and not values.get("replicaCount").absent


def test_one_unknown_value_leaves_the_others():
    values = workflow("helm upgrade dns x/coredns --set tag=$TAG --set replicas=2").release("helm upgrade").values
    assert values.get("tag").unknown and values.get("replicas").integer == 2 and values.get("other").absent


@pytest.mark.parametrize(
    ("chart", "options", "name", "repository"),
    [
        ("oci://registry.example.org/charts/metrics", "", "metrics", "oci://registry.example.org/charts"),
        ("metrics", "--repo https://charts.example.org", "metrics", "https://charts.example.org"),
        ("stable/metrics", "", "metrics", None),
        ("deploy/gone", "", None, None),
        ("metrics", "", None, None),
        ("./metrics", "", None, None),
        ("metrics-1.0.0.tgz", "", None, None),
        ("$CHART", "", None, None),
    ],
)
def test_charts_and_their_repositories(chart, options, name, repository):
    release = workflow(f"helm upgrade x {chart} {options}").release("helm upgrade")
    assert release.chart[:2] == (name, repository)


@pytest.mark.parametrize(
    "line",
    [
        "helm list",
        "helm repo update",
        "helm",
        "helm upgrade x x/y --dry-run",
        "helm upgrade x x/y --dry-run=server",
        "helm diff upgrade x x/y",
        "echo helm upgrade x x/y",
        "# helm upgrade x x/y",
        "helm uninstall x",
    ],
)
def test_other_commands_install_nothing(line):
    assert workflow(line).releases("helm upgrade") == []


@pytest.mark.parametrize(
    "line",
    [
        "helm upgrade",
        "helm upgrade x",
        "helm upgrade x y z a b",
        "helm upgrade --set",
        "helm upgrade x y --set '' --set = --set , --set 'a[' --values",
        "helm upgrade $X --unknown y z",
        "helm upgrade x y --set a='b",
        "xargs helm upgrade x",
        "ssh host helm upgrade x ./deploy/web -f deploy/small.yaml",
        "helm upgrade x y --set-literal = --set-literal a --set-json a --set-file b",
        "helm upgrade x '' -f ''",
    ],
)
def test_odd_input_is_no_crash(line):
    for release in workflow(line).releases():
        assert release.display and release.values.get("a", 0, "b") is not None
        assert release.values.value is None or isinstance(release.values.value, dict)
