"""Small repositories of every kind, with what is to be said of each by all rules about runners together."""

import pytest
from linting import lint_texts, lint_tree

UNSERVED, OMIT, STRING = "unserved-runs-on", "runner-labels-omit-self-hosted", "runs-on-string-list"
UNDECLARED, CASE = "autoscaler-labels-not-declared", "autoscaler-label-case"
TRIGGER, TARGET = "autoscaler-trigger-ignored", "autoscaler-target-missing"
POD, SCOPE = "runner-labels-in-pod-metadata", "runner-scope-ambiguous"
CONFLICT, VALUE = "scale-set-name-conflict", "unknown-scale-set-value"
RULES = (UNSERVED, OMIT, STRING, UNDECLARED, CASE, TRIGGER, TARGET, POD, SCOPE, CONFLICT, VALUE)

WORKFLOW, ARC = ".github/workflows/ci.yaml", "arc.yaml"
OCI = "oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set"
URL = "githubConfigUrl: https://github.com/oxbow-lab"


def legacy(labels="", name="builders", scope="organization: oxbow-lab", pods="", more=""):
    return f"""---
apiVersion: actions.summerwind.dev/v1alpha1
kind: RunnerDeployment
metadata: {{name: "{name}", namespace: ci}}
spec:
  template:
    {f"metadata: {{labels: {pods}}}" if pods else ""}
    spec:
      {scope}
      {f"labels: {labels}" if labels else ""}
      {more}
"""


WEBHOOK = "scaleUpTriggers: [{githubEvent: {workflowJob: {}}, duration: 30m}]"
QUEUE = "metrics: [{type: TotalNumberOfQueuedAndInProgressWorkflowRuns, repositoryNames: [web]}]"
BUSY = "metrics: [{type: PercentageRunnersBusy, scaleUpThreshold: '0.75'}]"


def scaled(by, name="builders", least=0, namespace="ci"):
    return f"""---
apiVersion: actions.summerwind.dev/v1alpha1
kind: HorizontalRunnerAutoscaler
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  scaleTargetRef: {{name: {name}}}
  minReplicas: {least}
  maxReplicas: 8
  {by}
"""


def flux(name="forge", values="", version="0.14.1", spec="interval: 1h", chart="gha-runner-scale-set"):
    return f"""---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: "{name}", namespace: arc-runners}}
spec:
  {spec}
  chart: {{spec: {{chart: {chart}, version: "{version}", sourceRef: {{kind: HelmRepository, name: arc}}}}}}
  values: {{{URL}, githubConfigSecret: arc-secret, {values}}}
"""


def argo(helm, name="forge", kind="Application"):
    spec = f"""
    destination: {{server: https://kubernetes.default.svc, namespace: arc-runners}}
    source: {{repoURL: ghcr.io/actions/charts, chart: gha-runner-scale-set, targetRevision: 0.14.1, helm: {{{helm}}}}}
"""
    inner = f"  template:\n   metadata: {{name: '{name}'}}\n   spec:{spec}" if kind == "ApplicationSet" else spec
    head = f"apiVersion: argoproj.io/v1alpha1\nkind: {kind}\nmetadata: {{name: '{name}', namespace: argocd}}\n"
    return f"{head}spec:\n{inner}"


def ci(*runs_on, more="", on="push"):
    jobs = "".join(
        f"  job{i}: {{runs-on: {asked}, steps: [{{run: make}}], {more}}}\n" for i, asked in enumerate(runs_on)
    )
    return f"on: {on}\njobs:\n{jobs}"


def tree(runners, *runs_on, more="", **files):
    return {ARC: runners, WORKFLOW: ci(*runs_on, more=more), **{n.replace("__", "/"): t for n, t in files.items()}}


def matrix(rows):
    return f"strategy: {{matrix: {rows}}}"


SCRIPT = f"#!/bin/bash\nset -e\nhelm upgrade --install forge --namespace arc --set githubConfigUrl=$URL \\\n  {OCI}\n"
CALLS_SCRIPT = "on: push\njobs: {arc: {runs-on: ubuntu-latest, steps: [{run: ./scripts/arc.sh}]}}\n"
CALLED = "on: {workflow_call: {inputs: {on: {type: string, default: forge}}}}\n" + ci("'${{ inputs.on }}'")[9:]
OVERLAYS = {
    "base/arc.yaml": flux(),
    "base/kustomization.yaml": "resources: [arc.yaml]\n",
    "overlays/a/kustomization.yaml": "resources: [../../base]\nnamePrefix: smith-\n",
}
HELMFILE = f"releases:\n  - {{name: forge, namespace: arc, chart: '{OCI}', version: 0.14.1, values: [{{{URL}}}]}}\n"
IN_CHART = {
    "charts/r/Chart.yaml": "apiVersion: v2\nname: r\nversion: 0.1.0\n",
    "charts/r/templates/r.yaml": legacy(name="{{ .Release.Name }}") + scaled(WEBHOOK, "builders"),
    WORKFLOW: ci("self-hosted"),
}

SILENT = {
    "default labels": tree(legacy(), "self-hosted", "[self-hosted, linux, x64]", "[self-hosted, Linux, ARM64]"),
    "its own label alone": tree(legacy("[gpu]"), "gpu"),
    "labels in one string, which config.sh splits": tree(legacy("['gpu,self-hosted']"), "[self-hosted, gpu]"),
    "webhook in any case": tree(legacy("[self-hosted, linux, gpu]") + scaled(WEBHOOK), "[self-hosted, Linux, GPU]"),
    "busy runners": tree(legacy("[self-hosted, build]") + scaled(BUSY, least=1), "[self-hosted, linux, build]"),
    "the other autoscaler": tree(
        legacy("[self-hosted]") + legacy("[self-hosted, linux]", "big") + scaled(WEBHOOK) + scaled(WEBHOOK, "big"),
        "[self-hosted, linux]",
    ),
    "release name": tree(flux("x", spec="releaseName: forge"), "forge"),
    "own name beats the target namespace": tree(
        flux("x", "runnerScaleSetName: forge", spec="targetNamespace: y"), "forge"
    ),
    "name in any case": tree(flux("x", "runnerScaleSetName: My-Forge"), "my-forge"),
    "Argo CD release": tree(argo("releaseName: forge, valuesObject: {maxRunners: 2}", "x"), "forge"),
    "Argo CD parameter": tree(argo("parameters: [{name: runnerScaleSetName, value: forge}]", "x"), "forge"),
    "application set": tree(argo("valuesObject: {maxRunners: 2}", "{{name}}-forge", "ApplicationSet"), "home-forge"),
    "helmfile": {"helmfile.yaml": HELMFILE, WORKFLOW: ci("forge")},
    "helmfile with a template": {
        "helmfile.yaml": HELMFILE.replace("forge", "'{{ .Environment.Name }}-forge'"),
        WORKFLOW: ci("x-forge"),
    },
    "helmfile that installs nothing": {
        "helmfile.yaml": HELMFILE.replace("version", "installed: false, version"),
        WORKFLOW: ci("froge"),
    },
    "prefix of a kustomization": {**OVERLAYS, WORKFLOW: ci("smith-forge")},
    "post-build variable": tree(flux("forge-${CLUSTER}"), "forge-home", "forge-away"),
    "values from elsewhere": tree(flux("x", spec="valuesFrom: [{kind: Secret, name: arc}]"), "forge"),
    "values without a release": {"arc/values.yaml": f"{URL}\nmaxRunners: 3\n", WORKFLOW: ci("anything")},
    "another group": tree(flux(), "{group: gpu}", "{group: gpu, labels: [gpu]}", "{group: gpu, labels: self-hosted}"),
    "its group": tree(flux("forge", "runnerGroup: kilns"), "{group: kilns, labels: forge}", "{group: org/Kilns}"),
    "both kinds": tree(legacy() + flux(), "self-hosted"),
    "a set named self-hosted": tree(flux("x", "runnerScaleSetName: self-hosted"), "self-hosted"),
    "labels of a set": tree(flux("x", "scaleSetLabels: [self-hosted, linux]"), "[self-hosted, Linux]", "x"),
    "a range of versions": tree(flux("x", "scaleSetLabels: [gpu, linux]", version=">=0.12.0"), "[gpu, linux]"),
    "an old and a new chart": tree(
        flux("x", version="0.9.3") + flux("y", "scaleSetLabels: [gpu, linux]"), "[gpu, linux]", "x"
    ),
    "actionlint": tree(
        flux("forge-amd64"), "forge-arm64", **{".github__actionlint.yml": "self-hosted-runner: {labels: ['forge-*']}\n"}
    ),
    "hosted and rented": tree(
        flux(), "ubuntu-latest-8-cores", "macos-15-xlarge", "depot-ubuntu-24.04", "runs-on=1/runner=2cpu", "linux-large"
    ),
    "windows and macOS": tree(legacy("[self-hosted, gpu]"), "[self-hosted, windows]", "[self-hosted, macOS]"),
    "expressions": tree(
        flux(), "'${{ vars.ON }}'", "\"${{ github.actor == 'x' && 'froge' || 'y' }}\"", "'${{ env.ON }}-runner'"
    ),
    "a call of another repository": tree(
        flux(),
        **{".github__workflows__a.yaml": "jobs: {a: {uses: o/r/.github/workflows/a.yaml@v1, with: {on: froge}}}\n"},
    ),
    "switched off": tree(flux(), "froge", more="if: false"),
    "no workflows of GitHub": tree(
        flux(), "forge", **{".gitea__workflows__a.yaml": ci("froge"), "docs__a.yaml": ci("froge")}
    ),
    "another repository of the tree": {
        "a/.github/workflows/a.yaml": ci("froge"),
        "b/.github/workflows/b.yaml": ci("x"),
        "b/arc.yaml": flux(),
    },
    "no runners": {
        "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        WORKFLOW: ci("[self-hosted, a]"),
    },
    "the controller": tree(flux(chart="gha-runner-scale-set-controller"), "self-hosted", "froge"),
    "objects of a chart": IN_CHART,
    "namespace of a kustomization": {
        "a/r.yaml": legacy().replace(", namespace: ci", ""),
        "a/h.yaml": scaled(BUSY),
        "a/kustomization.yaml": "namespace: ci\nresources: [r.yaml, h.yaml]\n",
    },
    "names in two groups": tree(
        flux("a", "runnerScaleSetName: x, runnerGroup: a") + flux("b", "runnerScaleSetName: x, runnerGroup: b")
    ),
    "odd requests": tree(
        legacy(), "null", "12", "[]", "''", "[null]", "{labels: null}", "{}", "[[self-hosted]]", "true"
    ),
    "odd workflows": {
        ARC: legacy(),
        WORKFLOW: "- a\n",
        ".github/workflows/b.yaml": "jobs: {a: [], b: null, c: {runs-on: {a: b}}}\n",
    },
    "a list that does not count": tree(flux("x", version="0.9.3"), "x"),
}

SAID = {
    "stock image": (f"{OMIT} warning", tree(legacy("[build]"), "[self-hosted, linux, x64, build]")),
    "own image": (f"{OMIT} warning", tree(legacy("[gpu]", more="image: ghcr.io/oxbow/runner:1"), "[self-hosted, gpu]")),
    "nobody asks": (f"{OMIT} info", tree(legacy("[gpu]"), "ubuntu-latest")),
    "another runner takes it": (
        f"{OMIT} info",
        tree(legacy("[gpu]") + legacy("[self-hosted, gpu]", "b"), "[self-hosted, gpu]"),
    ),
    "beside a set's name": (f"{OMIT} warning", tree(flux(), "[self-hosted, forge]")),
    "values as text": (
        f"{OMIT} warning",
        tree(argo(f'values: "{URL}\\nscaleSetLabels: [gpu]\\n"'), "[self-hosted, gpu]"),
    ),
    "JSON": (f"{OMIT} warning", tree(legacy("[gpu]"), """'${{ fromJSON(''["self-hosted","gpu"]'') }}'""")),
    "a matrix of lists": (
        f"{OMIT} warning",
        tree(legacy("[gpu]"), "'${{ matrix.a }}'", more=matrix("{a: [[self-hosted, gpu], x]}")),
    ),
    "no replicas": (f"{UNDECLARED} error", tree(legacy() + scaled(WEBHOOK), "[self-hosted, linux, x64]")),
    "one replica": (f"{UNDECLARED} warning", tree(legacy() + scaled(WEBHOOK, least=1), "[self-hosted, linux]")),
    "queue in another case": (
        f"{CASE} warning",
        tree(legacy("[self-hosted, gpu]") + scaled(QUEUE), "[self-hosted, GPU]"),
    ),
    "two triggers": (
        f"{TRIGGER} warning",
        tree(legacy() + scaled("scaleUpTriggers: [{githubEvent: {workflowJob: {}}}, {githubEvent: {push: {}}}]")),
    ),
    "another namespace": (f"{TARGET} warning", tree(legacy() + scaled(WEBHOOK, namespace="other"))),
    "two scopes": (f"{SCOPE} error", tree(legacy(scope="organization: a\n      repository: a/b"))),
    "a slip": (f"{UNSERVED} error", tree(flux("arc-builder"), "arc-bulder")),
    "a slip in a matrix": (
        f"{UNSERVED} error",
        tree(flux("arc-builder"), "'${{ matrix.a }}'", more=matrix("{a: [arc-builder, arc-bulder]}")),
    ),
    "a slip of a caller": (
        f"{UNSERVED} error",
        {
            ARC: flux(),
            ".github/workflows/a.yaml": CALLED,
            WORKFLOW: "on: push\njobs: {a: {uses: ./.github/workflows/a.yaml, with: {on: forgee}}}\n",
        },
    ),
    "the target namespace": (f"{UNSERVED} warning", tree(flux("forge", spec="targetNamespace: kilns"), "forge")),
    "the name of a release": (f"{UNSERVED} warning", tree(flux("forge", "runnerScaleSetName: kiln"), "forge", "kiln")),
    "the name of a deployment": (f"{UNSERVED} warning", tree(legacy("[self-hosted, docker]", "forge"), "forge")),
    "the wrong group": (
        f"{UNSERVED} warning",
        tree(
            flux("forge", "runnerGroup: kilns") + flux("anvil", "runnerGroup: smiths"), "{group: smiths, labels: forge}"
        ),
    ),
    "a word of Go's for an architecture": (f"{UNSERVED} warning", tree(legacy(), "[self-hosted, linux, amd64]")),
    "labels that are no list": (f"{UNSERVED} warning", tree(legacy("gpu"), "[self-hosted, gpu]")),
    "two sets and no name": (f"{UNSERVED} warning", tree(flux() + flux("anvil"), "self-hosted")),
    "an old chart": (
        f"{UNSERVED} error, {VALUE} warning",
        tree(flux("x", "scaleSetLabels: [self-hosted, linux]", version="0.12.1"), "[self-hosted, linux]"),
    ),
    "the object's key in values": (f"{VALUE} error", tree(flux("x", "runnerScaleSetLabels: [gpu]"), "x")),
    "labels of pods": (f"{POD} warning, {UNSERVED} warning", tree(legacy(pods="{gpu: 'true'}"), "[self-hosted, gpu]")),
    "one string": (f"{STRING} error", tree(legacy(), "'self-hosted, linux'")),
    "one name in two clusters": (f"{CONFLICT} warning", {"clusters/a/r.yaml": flux(), "clusters/b/r.yaml": flux()}),
    "one name in one": (
        f"{CONFLICT} error",
        tree(flux("a", "runnerScaleSetName: x") + flux("b", "runnerScaleSetName: x")),
    ),
}


def said(files):
    report = lint_texts(files, select=RULES)
    assert not report.crashed
    return report.findings


@pytest.mark.parametrize("name", SILENT)
def test_nothing_is_said(name):
    assert [finding.message for finding in said(SILENT[name])] == []


@pytest.mark.parametrize("name", SAID)
def test_what_is_said(name):
    expected, files = SAID[name]
    found = sorted(f"{finding.meta.id} {finding.severity.value}" for finding in said(files))
    assert found == sorted(expected.split(", "))


def test_a_namesake_is_told_what_its_runners_answer_to():
    (finding,) = said(SAID["the name of a release"][1])
    assert "`forge` is the name of `HelmRelease arc-runners/forge`, not a label of its runners" in finding.message
    assert [related.text for related in finding.related] == ["its runners have `kiln`"]
    assert finding.help_text == "ask for `kiln`, or give them the label `forge`"


def test_the_wrong_group_is_named_and_the_right_one():
    (finding,) = said(SAID["the wrong group"][1])
    assert finding.message.startswith("no runner in group `smiths` has the label `forge`")
    assert finding.related[0].text == "nearest runner: `HelmRelease arc-runners/forge` is in group `kilns`"
    assert finding.help_text == "ask for group `kilns`, or put the runners into the group `smiths`"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a word of Go's for an architecture", "runners say `x64` for `amd64`"),
        ("labels that are no list", "the labels of the nearest runner, `RunnerDeployment ci/builders`, are no list"),
        ("two sets and no name", "ask for a set's name, such as `forge`, `anvil`"),
        ("stock image", "GitHub serves such jobs all the same"),
        ("own image", "an image or entrypoint of your own may not add it"),
        ("beside a set's name", "ARC registers these runners as `forge` and nothing else"),
    ],
)
def test_what_an_operator_reads(name, told):
    (finding,) = said(SAID[name][1])
    texts = [finding.note, finding.help_text, *(related.text for related in finding.related)]
    assert any(told in text for text in texts), texts


def test_a_list_that_is_made_has_self_hosted_too():
    (finding,) = said(SAID["no replicas"][1])
    assert [edit.text for edit in finding.fixes[0].edits] == ["[self-hosted, linux, x64]"]


def test_a_script_that_a_step_calls(tmp_path):
    files = {"scripts/arc.sh": SCRIPT, ".github/workflows/arc.yaml": CALLS_SCRIPT, WORKFLOW: ci("forge", "self-hosted")}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (finding,) = lint_tree(tmp_path, select=RULES).findings
    assert "the runner scale set `helm upgrade forge` has no label `self-hosted`" in finding.message
