"""Helm's version and storage driver, as far as a tree tells them."""

from __future__ import annotations

import pytest
from deploying import RUNNER, composite, flow, of_flow, runs

from kubelint.cluster.helm import Helm
from kubelint.manifests.deployers import DeployerRun

UPGRADE = "helm upgrade web x/web"


def helm(found: list[DeployerRun]) -> Helm:
    (run,) = found
    assert isinstance(run.command, Helm)
    return run.command


def setup(version: str) -> str:
    return f"- uses: azure/setup-helm@v4\n  with: {{version: {version}}}"


@pytest.mark.parametrize(
    ("steps", "version"),
    [
        ([], None),
        (["- uses: azure/setup-helm@v4"], None),
        ([setup("v3.18.1")], 3),
        ([setup("3.x")], 3),
        ([setup("'3'")], 3),
        ([setup("^3.10.0")], 3),
        ([setup("v4.0.0-rc.1")], 4),
        ([setup("latest")], None),
        ([setup("'>=3.0.0'")], None),
        ([setup("'${{ matrix.helm }}'")], None),
        ([setup("v3.18.1"), setup("v3.19.0")], 3),
        ([setup("v3.18.1"), setup("v4.0.0")], None),
        (["curl -fsSL https://raw.githubusercontent.com/helm/helm/main/scripts/get-helm-3 | bash"], 3),
        (["curl -fsSL https://example.net/scripts/get-helm-4 -o get.sh"], 4),
        (["- uses: ./setup"], 4),
    ],
)
def test_what_a_job_sets_up(steps: list[str], version: int | None) -> None:
    files = {"setup/action.yaml": composite(setup("v4.0.0")), ".tool-versions": "kubectl 1.34.1\n"}
    assert helm(of_flow(flow(*steps, UPGRADE), files)).version == version


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({".tool-versions": "helm 3.18.1\n"}, 3),
        ({".tool-versions": "kubectl 1.34.1\nhelm   4.0.0 # new\n"}, 4),
        ({".tool-versions": "helm latest\n"}, None),
        ({".tool-versions": "helm-docs 3.1.0\n"}, None),
        ({".tool-versions": "helm 3.18.1 4.0.0\n"}, 3),
        ({"mise.toml": '[tools]\nhelm = "3.18.1"\n'}, 3),
        ({".mise.toml": '[tools]\nhelm = "4"\n'}, 4),
        ({".mise/config.toml": '[tools]\nhelm = "4"\n'}, 4),
        ({".config/mise.toml": '[tools]\nhelm = "4"\n'}, 4),
        ({".config/mise/config.toml": '[tools]\n"aqua:helm/helm" = "3.18"\n'}, 3),
        ({"mise.toml": '[tools]\nhelm = {version = "3.18.1"}\n'}, 3),
        ({"mise.toml": '[tools]\nhelm = ["3.18.1", "4.0.0"]\n'}, 3),
        ({"mise.toml": '[tools]\nhelm = "latest"\n'}, None),
        ({"mise.toml": "tools = 3\n"}, None),
        ({"mise.toml": "[["}, None),
        ({"mise.toml": '[tools]\nhelm = "3"\n', ".tool-versions": "helm 4.0.0\n"}, None),
        ({"apps/mise.toml": '[tools]\nhelm = "3"\n', ".tool-versions": "helm 4.0.0\n"}, 4),
    ],
)
def test_what_a_repository_pins(files: dict[str, str], version: int | None) -> None:
    assert helm(of_flow(flow(UPGRADE), files)).version == version


def test_the_nearest_pin_counts() -> None:
    files = {"apps/mise.toml": '[tools]\nhelm = "3"\n', ".tool-versions": "helm 4.0.0\n"}
    text = flow(f"- run: {UPGRADE}\n  working-directory: apps/web")
    assert helm(of_flow(text, files)).version == 3
    assert helm(of_flow(flow(setup("v4.1.0"), f"- run: {UPGRADE}\n  working-directory: apps"), files)).version == 4


POD = """
apiVersion: batch/v1
kind: Job
metadata: {name: apply, namespace: shop}
spec:
  template:
    spec:
      containers:
        - name: main
          image: IMAGE
          env: ENV
          command: [sh, -c, helm upgrade web x/web]
"""


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("alpine/helm:3.18.1", 3),
        ("alpine/helm:4.0.0", 4),
        ("alpine/helm:3", 3),
        ("registry.example:5000/mirror/alpine/helm:v3.18.1@sha256:" + "0" * 64, 3),
        ("dtzar/helm-kubectl:3.18", 3),
        ("alpine/helm", None),
        ("alpine/helm:latest", None),
        ("alpine/helm:30.1.0", None),
        ("alpine/k8s:1.34.1", None),
        ("quay.io/helmpack/chart-testing:v3.13.0", None),
        ("ghcr.io/shop/helm-deployer:4.2.0", None),
        ("ghcr.io/helmfile/helmfile:v1.1.0", None),
        ("'{{ .Values.image }}'", None),
    ],
)
def test_images(image: str, version: int | None) -> None:
    assert helm(runs({"job.yaml": POD.replace("IMAGE", image).replace("ENV", "[]")})).version == version


DRIVERS = [
    ("secret", "secret"),
    ("secrets", "secret"),
    ("''", "secret"),
    ("configmap", "configmap"),
    ("configmaps", "configmap"),
    ("memory", "memory"),
    ("sql", "sql"),
    ("nonsense", "sql"),
    ("'${{ vars.X }}'", "sql"),
]


@pytest.mark.parametrize(("value", "driver"), DRIVERS)
def test_the_driver_at_every_level(value: str, driver: str) -> None:
    env = f"env: {{HELM_DRIVER: {value}}}"
    assert helm(of_flow(flow(UPGRADE, head=f"on: push\n{env}"))).driver == driver
    assert helm(of_flow(flow(UPGRADE, job=env))).driver == driver
    assert helm(of_flow(flow(f"- run: {UPGRADE}\n  {env}"))).driver == driver
    files = {"a/action.yaml": composite(f"- run: {UPGRADE}\n  shell: bash\n  {env}")}
    assert helm(of_flow(flow("- uses: ./a"), files)).driver == driver
    files = {"a/action.yaml": composite(UPGRADE)}
    assert helm(of_flow(flow(f"- uses: ./a\n  {env}"), files)).driver == driver


def test_the_nearest_level_counts() -> None:
    text = flow(f"- run: {UPGRADE}\n  env: {{HELM_DRIVER: configmap}}", job="env: {HELM_DRIVER: '${{ vars.X }}'}")
    assert helm(of_flow(text)).driver == "configmap"
    text = flow(f"- run: {UPGRADE}\n  env: {{HELM_DRIVER: '${{{{ vars.X }}}}'}}", job="env: {HELM_DRIVER: configmap}")
    assert helm(of_flow(text)).driver == "sql"


@pytest.mark.parametrize(
    ("script", "driver"),
    [
        (f"HELM_DRIVER=configmap {UPGRADE}", "configmap"),
        (f"env HELM_DRIVER=configmap {UPGRADE}", "configmap"),
        (f"HELM_DRIVER=$X {UPGRADE}", "sql"),
        (f"export HELM_DRIVER=configmap\n{UPGRADE}", "configmap"),
        (f"export HELM_DRIVER=$X\n{UPGRADE}", "sql"),
        (f"[ -n $X ] && export HELM_DRIVER=configmap\n{UPGRADE}", "sql"),
        (f"if [ -n $X ]; then export HELM_DRIVER=configmap; fi\n{UPGRADE}", "sql"),
        (f"export HELM_DRIVER=configmap\nexport HELM_DRIVER=sql\n{UPGRADE}", "sql"),
        (f"{UPGRADE}\nexport HELM_DRIVER=configmap", "sql"),
        (f"HELM_DRIVER=configmap\n{UPGRADE}", "sql"),
        (f"HELM_DRIVER=configmap helm list\n{UPGRADE}", "secret"),
        (f"echo $HELM_DRIVER\n{UPGRADE}", "secret"),
        (f"read HELM_DRIVER\n{UPGRADE}", "sql"),
        (f'echo "HELM_DRIVER=sql" >> "$GITHUB_ENV"\n{UPGRADE}', "sql"),
    ],
)
def test_the_driver_in_scripts(script: str, driver: str) -> None:
    assert helm(of_flow(flow(script))).driver == driver
    assert helm(of_flow(flow("./deploy.sh"), {"deploy.sh": script})).driver == driver


def test_the_driver_that_another_step_sets() -> None:
    assert helm(of_flow(flow('echo "HELM_DRIVER=sql" >> "$GITHUB_ENV"', UPGRADE))).driver == "sql"


@pytest.mark.parametrize(
    ("env", "driver"),
    [
        ("[{name: HELM_DRIVER, value: configmap}]", "configmap"),
        ("[{name: HELM_DRIVER, value: '${DRIVER}'}]", "sql"),
        ("[{name: HELM_DRIVER, valueFrom: {configMapKeyRef: {name: x, key: y}}}]", "sql"),
        ("[{name: HELM_DRIVER}]", "secret"),
        ("[{name: OTHER, value: sql}]", "secret"),
        ("[3]", "secret"),
    ],
)
def test_the_driver_of_containers(env: str, driver: str) -> None:
    assert helm(runs({"job.yaml": POD.replace("IMAGE", "alpine/helm").replace("ENV", env)})).driver == driver


def test_the_driver_that_a_runner_sets() -> None:
    text = RUNNER.replace("labels:", "env: [{name: HELM_DRIVER, value: configmap}]\n      labels:")
    assert helm(of_flow(flow(UPGRADE), runner=text)).driver == "configmap"
    assert helm(of_flow(flow(UPGRADE, job="env: {HELM_DRIVER: memory}"), runner=text)).driver == "memory"
