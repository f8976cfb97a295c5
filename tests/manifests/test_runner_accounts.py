"""As whom the pods of runners act: one answer, whoever asks."""

import pytest
from deploying import FLOW, flow, project, runs, who

from kubelint.manifests.accounts import account_uses

APPLY = "kubectl apply -f web.yaml"
SET = """
apiVersion: actions.github.com/v1alpha1
kind: AutoscalingRunnerSet
metadata: {name: arc-deploy, namespace: runners}
spec:
  githubConfigUrl: https://github.com/shop/web
  template:
    spec:
      containers: [{name: runner, image: ghcr.io/actions/actions-runner:2.330.0}]
"""
LISTENER = "  listenerTemplate: {spec: {containers: [{name: listener, image: registry.example/listener:1}]}}\n"
RUNNER_SET = """
apiVersion: actions.summerwind.dev/v1alpha1
kind: RunnerSet
metadata: {name: arc-deploy, namespace: runners}
spec:
  organization: shop
  labels: [arc-deploy]
  serviceAccountName: deployer
  template: {spec: {containers: [{name: runner, image: summerwind/actions-runner:v2}]}}
"""


@pytest.mark.parametrize(
    ("runner", "account"),
    [
        (SET, "default"),
        (SET + LISTENER, "default"),
        (SET.replace("containers", "serviceAccountName: deployer\n      containers"), "deployer"),
        (RUNNER_SET, "deployer"),
        (RUNNER_SET.replace("  serviceAccountName: deployer\n", ""), "default"),
    ],
)
def test_the_readers_agree(runner: str, account: str) -> None:
    files = {FLOW: flow(APPLY, runs_on="arc-deploy"), "arc.yaml": runner}
    assert who(runs(files)) == [f"ServiceAccount runners/{account}"]
    assert [(use.name, use.namespace, use.deploys) for use in account_uses(project(files))] == [
        (account, "runners", True)
    ]


RELEASE = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: arc, namespace: runners}
spec:
  chart: {spec: {chart: gha-runner-scale-set, version: VERSION, sourceRef: {kind: HelmRepository, name: arc}}}
  values:
    githubConfigUrl: https://github.com/shop/web
    scaleSetLabels: [deploy, linux]
    template: {spec: {serviceAccountName: scaler}}
"""


@pytest.mark.parametrize(
    ("runner", "runs_on", "identity"),
    [
        (RELEASE.replace("VERSION", "0.14.1"), "[deploy, linux]", "ServiceAccount runners/scaler"),
        (RELEASE.replace("VERSION", "0.12.1"), "[deploy, linux]", "None"),
        (RELEASE.replace("VERSION", "0.12.1"), "arc", "ServiceAccount runners/scaler"),
        (RELEASE.replace("VERSION", "0.14.1").replace("linux]", "'${SIZE}']"), "[deploy, linux]", "None"),
        (RELEASE.replace("VERSION", "0.14.1").replace("name: arc,", "name: 'arc-${HOME}',"), "arc-home", "None"),
    ],
)
def test_a_release_counts_for_what_its_chart_registers(runner: str, runs_on: str, identity: str) -> None:
    assert who(runs({FLOW: flow(APPLY, runs_on=runs_on), "arc.yaml": runner})) == [identity]


def test_a_set_whose_values_a_chart_of_the_tree_hands_on() -> None:
    chart = (
        "apiVersion: v2\nname: runners\nversion: 1.0.0\n"
        "dependencies: [{name: gha-runner-scale-set, version: 0.14.1, repository: 'oci://registry.example/arc'}]\n"
    )
    values = (
        "gha-runner-scale-set: {githubConfigUrl: 'https://github.com/shop', runnerScaleSetName: arc-deploy, "
        "template: {spec: {serviceAccountName: deployer}}}\n"
    )
    files = {FLOW: flow(APPLY, runs_on="arc-deploy"), "arc/Chart.yaml": chart, "arc/values.yaml": values}
    assert who(runs(files)) == ["None"]  # where it is installed, nothing tells
