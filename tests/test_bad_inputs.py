"""One tree with everything that charts, releases, kustomizations, inventories and workflows can have wrong."""

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile

import pytest

CHART = "apiVersion: v2\nname: {name}\nversion: 0.1.0\n"
DEPENDENT = CHART + "dependencies:\n- {{name: {other}, version: 0.1.0, repository: 'file://../{other}'}}\n"
HELM_RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: {name}, namespace: shop}}
spec:
  chart: {{spec: {{chart: {chart}, sourceRef: {{kind: HelmRepository, name: charts}}}}}}
  values: {values}
"""
GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\ndata: {a: '1', a: '2'}\n"
FILES = {
    "good.yaml": GOOD,
    "k3s/dns.yaml": """\
apiVersion: helm.cattle.io/v1
kind: HelmChartConfig
metadata: {name: rke2-coredns, namespace: kube-system}
spec:
  valuesContent: |-
    replicaCount: 2
    tolerations: [a, b
    nodeSelector: {}
""",
    "k3s/list.yaml": """\
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: "{{ name }}", namespace: 5}
spec: {chart: [coredns], valuesContent: "- a\\n- b\\n", set: [1, 2], version: {a: b}}
""",
    "releases/named.yaml": HELM_RELEASE.format(name="'{{ .Values.name }}'", chart="'${CHART}'", values="{a: b}"),
    "releases/list.yaml": HELM_RELEASE.format(name="list", chart="coredns", values="[a, b]"),
    "releases/text.yaml": HELM_RELEASE.format(name="text", chart="coredns", values="just text"),
    "releases/number.yaml": HELM_RELEASE.format(name="5", chart="5", values="5"),
    "releases/null.yaml": HELM_RELEASE.format(name="~", chart="~", values="~"),
    "releases/application.yaml": """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: [a]}
spec:
  source: {chart: coredns, helm: {values: [a], parameters: {name: x}, valueFiles: [../../../../etc/passwd, 5]}}
  sources: {a: b}
""",
    "helmfile.yaml": "bases: [helmfile.yaml]\nreleases: [{name: '{{ x }}', chart: ./a, values: [helmfile.yaml]}, 5]\n",
    "overlays/a/kustomization.yaml": "resources: [../b, ., ../..]\npatches: [{path: gone.yaml}, {path: /etc/passwd}]\n",
    "overlays/b/kustomization.yaml": 'resources: [../a, ../../.., "new\\nline", 5, ~]\ncomponents: [../a, ../b]\n',
    "charts/a/Chart.yaml": DEPENDENT.format(name="a", other="b"),
    "charts/b/Chart.yaml": DEPENDENT.format(name="b", other="a"),
    "charts/broken/Chart.yaml": CHART.format(name="broken"),
    "charts/broken/templates/a.yaml": "{{ include `nothing` . }}\n",
    "charts/bomb/Chart.yaml": DEPENDENT.format(name="bomb", other="layers"),
    "charts/bomb/templates/a.yaml": "a: b\n",
    "charts/large/Chart.yaml": CHART.format(name="large"),
    "charts/large/templates/map.yaml": GOOD.replace("good", "{{ .Values.k19999 }}"),
    "charts/large/values.yaml": "".join(f"k{number}: v{number}\n" for number in range(20_000)),
    "inventory/hosts.ini": "[nodes]\nn[a:zz]\nn[1:99999999]\nn[z:a]\nn[1:\n[nodes:children]\nnodes\nothers\n"
    "[others:children]\nnodes\n",
    ".github/workflows/expressions.yaml": """\
name: ${{ github.ref }}
on: ${{ fromJSON('["push"]') }}
env: ${{ fromJSON(vars.env) }}
jobs:
  ${{ matrix.job }}:
    runs-on: ${{ fromJSON(needs.plan.outputs.runners)[matrix.os] }}
    strategy: ${{ fromJSON(needs.plan.outputs.strategy) }}
    steps: ${{ fromJSON(needs.plan.outputs.steps) }}
  other:
    runs-on: [self-hosted, "${{ matrix.arch }}"]
    needs: ${{ inputs.needs }}
    strategy: {matrix: "${{ fromJSON(inputs.matrix) }}"}
    steps:
      - ${{ inputs.step }}
      - uses: ${{ inputs.action }}
        with: ${{ inputs.with }}
      - run: |
          helm ${{ inputs.command }} upgrade ${{ inputs.name }} '${{ inputs.chart }} -f "${{ inputs.file }}
          cat <<${{ inputs.word }}
          $(( ${{ inputs.number }}
        shell: ${{ inputs.shell }}
""",
}
NOT_LINTED = {
    "charts/broken/templates/a.yaml": "is not linted: it is the template of a chart; `--render` makes objects of those",
    "charts/bomb/templates/a.yaml": "is not linted: nothing in it is of Kubernetes",
    "inventory/hosts.ini": "is no manifest; it was read as text",
}
"""What is said of files that hold nothing to lint, where they are named."""


def archive(name: str, size: int) -> bytes:
    """A chart's archive of `size` bytes of nothing, unpacked."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, data in ((f"{name}/Chart.yaml", CHART.format(name=name).encode()), (f"{name}/zeros", bytes(size))):
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return gzip.compress(out.getvalue(), 1)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    root = tmp_path_factory.mktemp("tree")
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / ".git").mkdir()
    (root / "charts/bomb/charts").mkdir()
    (root / "charts/bomb/charts/layers-0.1.0.tgz").write_bytes(archive("layers", 100 * 2**20))
    (root / "charts/broken/templates/loop").symlink_to("loop")
    (root / "charts/sparse").mkdir()
    (root / "charts/sparse/Chart.yaml").write_text(CHART.format(name="sparse"))
    with (root / "charts/sparse/data.bin").open("wb") as stream:
        stream.truncate(100 * 2**20)
    (root / "group_vars").mkdir()
    (root / "group_vars/all.yaml").write_bytes(b"\x00\x01\x02" * 100)
    (root / "inventory/hosts").write_bytes(b"\x7fELF\x00\x01" * 100)
    return root


def kubelint(root, *arguments):
    environment = {**os.environ, "KUBELINT_CACHE_DIR": str(root.parent / "cache")}
    command = [sys.executable, "-m", "kubelint", *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module", params=["never", "auto"])
def linted(tree, request):
    return kubelint(tree, "check", "--format", "json", "--render", request.param, ".")


@pytest.fixture(scope="module")
def report(linted):
    return json.loads(linted.stdout)


def test_the_exit_code_says_findings_and_nothing_crashed(linted, report):
    assert linted.returncode == 1 and "Traceback" not in linted.stderr and linted.stderr == ""
    assert "internal-error" not in {finding["rule"] for finding in report["findings"]}


def test_values_that_are_not_yaml_are_a_finding_where_they_break(report):
    found = [finding for finding in report["findings"] if finding["rule"] == "unreadable-document"]
    assert [(finding["path"], finding["line"], finding["column"]) for finding in found] == [("k3s/dns.yaml", 8, 17)]


def test_a_healthy_file_beside_them_is_still_reported(report):
    found = [finding for finding in report["findings"] if finding["path"] == "good.yaml"]
    assert [(finding["rule"], finding["line"], finding["column"]) for finding in found] == [("duplicate-key", 4, 16)]


def test_what_is_not_rendered_is_named(tree):
    report = json.loads(kubelint(tree, "check", "--format", "json", ".").stdout)
    skipped = {entry["path"]: entry["reason"] for entry in report["summary"]["skipped"]}
    reasons = {name: skipped[f"charts/{name}/Chart.yaml"] for name in ("a", "b", "broken", "bomb", "sparse")}
    if not any("no Helm here" in reason for reason in skipped.values()):
        assert reasons == {
            "a": "not rendered: its dependency `b` is not in `charts/`",
            "b": "not rendered: its dependency `a` is not in `charts/`",
            "broken": "not rendered: a link in the chart leads back to itself",
            "bomb": "not rendered: it is larger than 64 MiB unpacked",
            "sparse": "not rendered: it is larger than 64 MiB unpacked",
        }


@pytest.mark.parametrize("name", FILES)
def test_each_file_on_its_own(tree, name):
    result = kubelint(tree, "check", "--format", "json", "--render", "never", name)
    assert result.returncode in (0, 1)
    if name in NOT_LINTED:
        assert result.stderr == f"kubelint: {name} {NOT_LINTED[name]}\n"
    else:
        assert result.stderr == ""
    paths = {finding["path"] for finding in json.loads(result.stdout)["findings"]}
    assert paths <= {name} and ("good.yaml" in paths) == (name == "good.yaml")


def test_what_is_known_of_the_nodes_is_still_told(tree):
    result = kubelint(tree, "config", "show", "--facts")
    assert result.returncode == 0 and "Traceback" not in result.stderr
    assert result.stdout.startswith("read: ") or "\nread: " in result.stdout
