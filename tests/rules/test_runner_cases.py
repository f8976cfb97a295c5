"""Repositories as people have them, runners and workflows in one tree: what is said of each, and of which job.

Each is a small invention after a real layout; the comments say what is particular about it.
"""

from textwrap import dedent

import pytest
from linting import lint_texts

RULES = ("unserved-runs-on", "runner-labels-omit-self-hosted", "runs-on-string-list")
OCI = "oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set"


def job(runs_on, name="build", extra=""):
    return f"on: [push, workflow_dispatch]\njobs:\n  {name}:\n    runs-on: {runs_on}\n{extra}    steps: [run: make]\n"


def release(name, values="", version="0.14.1", url="https://github.com/oxbow-lab/homestead"):
    """A Flux HelmRelease of the chart, its values given as the inside of a flow mapping."""
    return f"""
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: "{name}", namespace: actions-runner-system}}
spec:
  interval: 1h
  chart: {{spec: {{chart: gha-runner-scale-set, version: {version}, sourceRef: {{kind: HelmRepository, name: arc}}}}}}
  values: {{githubConfigUrl: "{url}", githubConfigSecret: arc-secret, {values}}}
"""


def deployment(name, labels=None, replicas=True):
    return f"""
apiVersion: actions.summerwind.dev/v1alpha1
kind: RunnerDeployment
metadata: {{name: {name}, namespace: ci}}
spec:
  {"replicas: 1" if replicas else ""}
  template:
    spec:
      organization: oxbow-lab
      {f"labels: {labels}" if labels else ""}
"""


def autoscaler(target, rest):
    return f"""
apiVersion: actions.summerwind.dev/v1alpha1
kind: HorizontalRunnerAutoscaler
metadata: {{name: {target}, namespace: ci}}
spec:
  scaleTargetRef: {{kind: RunnerDeployment, name: {target}}}
  minReplicas: 0
  maxReplicas: 5
  {rest}
"""


ARGO = f"""
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: arc-runners-oxbow, namespace: argocd}}
spec:
  project: default
  destination: {{server: https://kubernetes.default.svc, namespace: arc-runners}}
  sources:
    - repoURL: {OCI.removeprefix("oci://").rpartition("/")[0]}
      chart: gha-runner-scale-set
      targetRevision: 0.14.1
      helm:
        valueFiles: [$values/kubernetes/apps/arc-runners-oxbow/helm-values.yaml]
    - repoURL: https://github.com/oxbow-lab/homestead
      targetRevision: main
      ref: values
"""
ARGO_VALUES = """
githubConfigUrl: https://github.com/oxbow-lab
githubConfigSecret: arc
runnerScaleSetName: arc-oxbow
scaleSetLabels: [linux, oxbow]
"""
BUNDLE = """
stateless:
  runnerScaleSetName: arc-stateless-weir
  githubConfigUrl: https://github.com/oxbow-lab
statelessArm:
  runnerScaleSetName: arc-stateless-weir-arm64
  githubConfigUrl: https://github.com/oxbow-lab
buildkit:
  runnerScaleSetName: arc-buildkit-weir-amd64
  githubConfigUrl: https://github.com/oxbow-lab
buildkitArm:
  runnerScaleSetName: arc-buildkit-weir-arm64
  githubConfigUrl: https://github.com/oxbow-lab
"""
FLUX = "kubernetes/apps/actions-runner-system/runners/helmrelease.yaml"
WORKFLOWS = ".github/workflows/"
SEVERAL = '["self-hosted"]'

CASES = {
    # The set was renamed, one example still asks for it by the old name.
    "superseded-name": (
        {
            "helm-chart/arc-bundle/values.yaml": BUNDLE,
            f"{WORKFLOWS}example-buildkit-consumer.yml": job("arc-runner-set-buildkit-exp"),
            f"{WORKFLOWS}example-stateless.yml": job("arc-stateless-weir"),
        },
        ["warning unserved-runs-on .github/workflows/example-buildkit-consumer.yml"],
    ),
    # A scale set is not registered under `self-hosted`; beside an expression the written labels are judged.
    "self-hosted-and-a-scale-set": (
        {
            "kubernetes/apps/arc-runners-oxbow/application.yaml": ARGO,
            "kubernetes/apps/arc-runners-oxbow/helm-values.yaml": ARGO_VALUES,
            f"{WORKFLOWS}push-smoke.yml": job("[self-hosted, linux, oxbow]"),
            f"{WORKFLOWS}preview-env.yml": job("[self-hosted, linux, '${{ inputs.runner-label }}']"),
        },
        ["warning runner-labels-omit-self-hosted kubernetes/apps/arc-runners-oxbow/helm-values.yaml"],
    ),
    "set-name": (
        {
            FLUX: release("arc-runner-set", "runnerScaleSetName: homestead-runner"),
            f"{WORKFLOWS}image-pull.yaml": job("homestead-runner"),
        },
        [],
    ),
    # The set's own name beats the release's, and a file that GitHub does not read is no workflow.
    "set-name-beats-release-name": (
        {
            FLUX: release("weirlabs-runner", "runnerScaleSetName: weirlabs-amd64"),
            f"{WORKFLOWS}image-pull.yaml": job("weirlabs-amd64"),
            f"{WORKFLOWS}schemas.yaml": job("[weirlabs-amd64]"),
            f"{WORKFLOWS}helm-repository-sync.yaml.disabled": job("weirlabs-runner"),
        },
        [],
    ),
    # The repository was renamed since: the URL says nothing of whom the runners serve.
    "release-name": (
        {
            FLUX: release("homestead-runner", url="https://github.com/oxbow-lab/home-ops"),
            f"{WORKFLOWS}image-pull.yaml": job("homestead-runner"),
        },
        [],
    ),
    "new-hosted-label": (
        {
            "apps/github-actions/actions-runners/app/helm-release.yaml": release("infra-runners"),
            f"{WORKFLOWS}diff.yaml": job("infra-runners"),
            f"{WORKFLOWS}lint.yaml": job("ubuntu-slim"),
        },
        [],
    ),
    "two-sets-in-one-file": (
        {
            "kubernetes/apps/github/arc/runners/helmrelease.yaml": "---".join(
                [release("arc-homestead"), release("arc-homestead-dind", "containerMode: {type: dind}")]
            ),
            f"{WORKFLOWS}image-pull.yaml": job("arc-homestead-dind"),
            f"{WORKFLOWS}label-sync.yaml": job("arc-homestead"),
            f"{WORKFLOWS}labeler.yaml": job("arc-homestead"),
        },
        [],
    ),
    # A variable that Flux fills in stands for anything; what `format` gives is not known.
    "variable-in-the-name": (
        {
            "kubernetes/apps/base/actions-runner-system/runners/helmrelease.yaml": release("home-runner-${CLUSTER}"),
            f"{WORKFLOWS}terraform-diff.yaml": job("[home-runner-utility]"),
            f"{WORKFLOWS}image-pull.yaml": job(
                "${{ format('{0}-runner-{1}', github.event.repository.name, matrix.cluster) }}",
                extra="    strategy: {matrix: {cluster: [main, utility]}}\n",
            ),
        },
        [],
    ),
    # One of the sets serves another repository.
    "name-of-the-repository": (
        {
            FLUX: release("home-ops-runner"),
            "kubernetes/apps/actions-runner-system/runners/other/helmrelease.yaml": release(
                "other", "runnerScaleSetName: home-operations-oxbow"
            ),
            f"{WORKFLOWS}image-pull.yaml": job("${{ github.event.repository.name }}-runner"),
        },
        [],
    ),
    "legacy-with-labels": (
        {
            "k8s/runner-deployments.yaml": deployment(
                "oxbow-org-runners", "[self-hosted, linux, x64, arc, oxbow, org]", replicas=False
            ),
            "k8s/autoscalers.yaml": autoscaler(
                "oxbow-org-runners", 'metrics: [{type: PercentageRunnersBusy, scaleUpThreshold: "0.75"}]'
            ),
            f"{WORKFLOWS}test-security-fixes.yml": job("[self-hosted, arc, oxbow, org]"),
        },
        [],
    ),
    "legacy-without-labels": (
        {"k8s/argocd/gha.yaml": deployment("weir"), f"{WORKFLOWS}cicd.yaml": job("self-hosted")},
        [],
    ),
    # A label that somebody declares is no typo, however much it looks like one.
    "declared-label-that-looks-like-a-typo": (
        {
            "k8s/crds/runners-crd-examples/runner-deployment.yml": deployment(
                "utils", "[selfhosted, linux, k3s-utils]"
            ),
            f"{WORKFLOWS}test.yml": job("selfhosted"),
        },
        [],
    ),
    "legacy-with-a-webhook": (
        {
            "k8s/runners.yaml": deployment("homestead", "[self-hosted]", replicas=False),
            "k8s/autoscaler.yaml": autoscaler(
                "homestead", "scaleUpTriggers: [{githubEvent: {workflowJob: {}}, duration: 30m}]"
            ),
            f"{WORKFLOWS}image-pull.yaml": job(SEVERAL),
        },
        [],
    ),
    # Sets that nothing in this tree asks for serve other repositories.
    "unused-sets": (
        {
            FLUX: release("flat-runner"),
            "infrastructure/runners/default.yaml": release("default-gha-runner-scale-set"),
            "infrastructure/runners/dagger.yaml": release("dagger-gha-runner-scale-set"),
            f"{WORKFLOWS}lint.yaml": job("ubuntu-latest"),
            f"{WORKFLOWS}image-pull.yaml": job("${{ github.event.repository.name }}-runner"),
        },
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_case(name):
    files, expected = CASES[name]
    report = lint_texts({path: dedent(text).lstrip() for path, text in files.items()}, select=RULES)
    assert not report.crashed
    warned = [finding for finding in report.findings if finding.severity != "info"]
    found = [f"{finding.severity} {finding.meta.id} {finding.place.path}" for finding in warned]
    assert found == expected


def test_the_job_that_waits_is_shown_and_the_partly_known_one_too():
    files, _ = CASES["self-hosted-and-a-scale-set"]
    report = lint_texts({path: dedent(text).lstrip() for path, text in files.items()}, select=RULES)
    (found,) = [finding for finding in report.findings if finding.severity != "info"]
    assert {related.place.path for related in found.related} == {
        f"{WORKFLOWS}push-smoke.yml",
        f"{WORKFLOWS}preview-env.yml",
    }
