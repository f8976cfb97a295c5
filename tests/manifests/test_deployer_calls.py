"""Commands that deploy and stand elsewhere: in scripts that steps call, in actions of the tree, in mounted scripts."""

from __future__ import annotations

import pytest
from deploying import DEPLOYER, FLOW, RUNNER, composite, flow, of_flow, project, runs, who

from kubelint.cluster.helm import Helm, Kubectl
from kubelint.manifests.github.calls import Calls
from kubelint.manifests.texts import TextSlice

UPGRADE = "helm upgrade --install web ./chart -n shop\n"


@pytest.mark.parametrize(
    ("call", "path"),
    [
        ("./deploy.sh", "deploy.sh"),
        ("deploy/run.sh prod", "deploy/run.sh"),
        ("bash deploy.sh", "deploy.sh"),
        ("bash -euo pipefail deploy.sh", "deploy.sh"),
        ("sh -x ./deploy.sh prod", "deploy.sh"),
        ("sudo ./deploy.sh", "deploy.sh"),
        ("source ./deploy.sh", "deploy.sh"),
        (". ./deploy.sh", "deploy.sh"),
        ("cd deploy && ./run.sh", "deploy/run.sh"),
        ("$GITHUB_WORKSPACE/deploy/run.sh", "deploy/run.sh"),
        ('"${GITHUB_WORKSPACE}/deploy/run.sh"', "deploy/run.sh"),
        ("${{ github.workspace }}/deploy/run.sh", "deploy/run.sh"),
        ("if true; then ./deploy.sh; fi", "deploy.sh"),
    ],
)
def test_scripts_that_are_called(call: str, path: str) -> None:
    (run,) = of_flow(flow(call), {path: f"#!/usr/bin/env bash\nset -e\n{UPGRADE}"})
    assert str(run.who.identity) == DEPLOYER
    assert run.command == Helm(action="upgrade", install=True) and run.namespace == "shop"
    assert isinstance(run.at, TextSlice) and run.at.file == path
    assert run.who.chain[0].says == "called here"


@pytest.mark.parametrize(
    "call",
    [
        "./other.sh",
        "$SCRIPT",
        "../deploy.sh",
        "/opt/deploy.sh",
        "cd $DIR && ./deploy.sh",
        "make deploy",
        "just deploy",
        "task deploy",
        "echo ./deploy.sh",
        "cat deploy.sh",
        "ssh host ./deploy.sh",
        "python deploy.sh.py",
    ],
)
def test_scripts_that_are_not(call: str) -> None:
    assert of_flow(flow(call), {"deploy.sh": UPGRADE}) == []


def test_scripts_in_another_language_and_switched_off_steps() -> None:
    assert of_flow(flow("./deploy.sh"), {"deploy.sh": f"#!/usr/bin/env python3\n{UPGRADE}"}) == []
    assert of_flow(flow("- {if: false, run: ./deploy.sh}"), {"deploy.sh": UPGRADE}) == []


def test_scripts_that_call_scripts_end() -> None:
    files = {"a.sh": f"./b.sh\n{UPGRADE}", "b.sh": "./a.sh\nkubectl apply -f x.yaml\n"}
    found = of_flow(flow("./a.sh"), files)
    assert [type(run.command) for run in found] == [Helm, Kubectl]
    assert [len(run.who.chain) for run in found] == [4, 5]


def test_variables_reach_the_scripts() -> None:
    text = flow(
        "- run: ./deploy.sh\n  env: {WHERE: shop}", "WHERE=lab ./deploy.sh", "WHERE=$X ./deploy.sh", "./deploy.sh"
    )
    found = of_flow(text, {"deploy.sh": "helm upgrade web x/web -n $WHERE\n"})
    assert [run.namespace for run in found] == ["shop", "lab", "", ""]


def test_a_script_in_another_repository_is_none_of_ours() -> None:
    files = {
        f"a/{FLOW}": flow("../b/deploy.sh"),
        "b/.github/workflows/x.yaml": "on: push\njobs: {}\n",
        "b/deploy.sh": UPGRADE,
        "a/r.yaml": RUNNER,
    }
    assert runs(files) == []


ACTION = ".github/actions/ship/action.yaml"
USES = "- uses: ./.github/actions/ship"


def test_composite_actions_run_where_the_job_does() -> None:
    (run,) = of_flow(flow(USES), {ACTION: composite(UPGRADE)})
    assert str(run.who.identity) == DEPLOYER and run.namespace == "shop"
    assert run.at is not None and run.who.chain[0].says == "called here"


def test_actions_use_actions_and_scripts() -> None:
    files = {
        ACTION: composite("- uses: ./inner", '"$GITHUB_ACTION_PATH/ship.sh"'),
        ".github/actions/ship/ship.sh": "kubectl apply -f web.yaml\n",
        "inner/action.yml": composite(UPGRADE),
    }
    assert [type(run.command) for run in of_flow(flow(USES), files)] == [Helm, Kubectl]
    assert who(of_flow(flow(USES), files)) == [DEPLOYER] * 2


@pytest.mark.parametrize(
    "text",
    [
        composite(UPGRADE).replace("composite", "node20"),
        composite(f"- if: false\n  shell: bash\n  run: {UPGRADE}"),
    ],
)
def test_actions_that_run_no_script(text: str) -> None:
    assert of_flow(flow(USES), {ACTION: text}) == []


def test_actions_of_a_checkout_of_something_else() -> None:
    text = flow("- uses: actions/checkout@v4\n  with: {repository: shop/other}", USES)
    assert of_flow(text, {ACTION: composite(UPGRADE)}) == []


def test_actions_that_nobody_uses_deploy_nothing() -> None:
    assert runs({ACTION: composite(UPGRADE), "r.yaml": RUNNER}) == []


def test_an_action_that_uses_itself_ends() -> None:
    found = of_flow(flow(USES), {ACTION: composite(UPGRADE, USES)})
    assert found and set(who(found)) == {DEPLOYER}


def test_jobs_that_call_ever_more_end() -> None:
    files = {f"s{number}.sh": "./s0.sh\n./s1.sh\n./s2.sh\n./s3.sh\n./s4.sh\n./s5.sh\n" for number in range(6)}
    made = project({FLOW: flow("./s0.sh"), **files})
    assert len(Calls(made).parts(made.workflows[0].jobs[0])) <= 500


CRON = """
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          serviceAccountName: cleaner
          containers:
            - name: main
              image: alpine/k8s:1.34.1
              command: [COMMAND]
              volumeMounts: [{name: files, mountPath: /files}]
          volumes: [{name: files, configMap: {name: files}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: files, namespace: shop}
data:
  run.sh: |
    #!/bin/sh
    TEXT
"""


@pytest.mark.parametrize("command", ["/files/run.sh", "sh, /files/run.sh", "bash, -c, 'cd / && . /files/run.sh'"])
def test_scripts_that_are_mounted(command: str) -> None:
    (run,) = runs({"c.yaml": CRON.replace("COMMAND", command).replace("TEXT", "kubectl rollout restart deploy/web")})
    assert str(run.who.identity) == "ServiceAccount shop/cleaner"
    assert run.command == Kubectl(action="rollout restart")


def test_credentials_in_scripts_that_are_mounted() -> None:
    text = CRON.replace("COMMAND", "/files/run.sh").replace(
        "TEXT", "kubectl --kubeconfig /k rollout restart deploy/web"
    )
    assert who(runs({"c.yaml": text})) == ["None"]


@pytest.mark.parametrize(
    ("image", "command"),
    [
        ("alpine/helm:3.18.1", "helm upgrade web x/web"),
        ("docker.io/alpine/helm:3.18.1", "helm upgrade web x/web"),
        ("bitnami/kubectl:1.34", "kubectl rollout restart deploy/web"),
        ("registry.k8s.io/kubectl:v1.34.1", "kubectl rollout restart deploy/web"),
        ("localhost:5000/bitnami/kubectl", "kubectl rollout restart deploy/web"),
    ],
)
def test_images_that_start_a_program(image: str, command: str) -> None:
    program, *args = command.split()
    text = CRON.replace("image: alpine/k8s:1.34.1", f"image: {image}")
    text = text.replace("command: [COMMAND]", f"args: [{', '.join(args)}]")
    (run,) = runs({"c.yaml": text})
    assert (program == "helm") is isinstance(run.command, Helm)


def test_images_that_start_something_unknown() -> None:
    text = CRON.replace("command: [COMMAND]", "args: [apply, -f, /files]")
    assert runs({"c.yaml": text}) == []


def test_releases_of_scripts_and_containers() -> None:
    files = {
        FLOW: flow("helm repo add x https://charts.example.org", "./deploy.sh"),
        "deploy.sh": "helm upgrade web x/web --set replicas=2\nhelm upgrade own ./chart -f small.yaml\n",
        "chart/Chart.yaml": "apiVersion: v2\nname: own\nversion: 1.0.0\n",
        "small.yaml": "replicas: 3\n",
        "c.yaml": CRON.replace("COMMAND", "sh, -c, 'helm upgrade pod ./chart -f small.yaml'"),
    }
    found = [release for release in project(files).releases if release.wrapper == "helm upgrade"]
    assert {release.name: (release.chart.folder, release.chart.repository) for release in found} == {
        "web": (None, "https://charts.example.org"),
        "own": ("chart", None),
        "pod": ("chart", None),
    }
    values = {release.name: release.values.get("replicas").value for release in found}
    assert values == {"web": 2, "own": 3, "pod": 3}
    assert {release.name: release.file for release in found} == {"web": FLOW, "own": FLOW, "pod": "c.yaml"}


def test_a_script_that_is_called_twice_is_one_release() -> None:
    files = {FLOW: flow("./deploy.sh", "./deploy.sh"), "deploy.sh": "helm upgrade web x/web\n"}
    assert len(project(files).releases) == 1
