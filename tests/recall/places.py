"""Where credentials are planted: one tree of a homelab, one credential in each place."""

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from recall.kinds import Kind

Plant = Callable[[str, str], dict[str, str]]
MARK = "\x00"
"""Stands in a place's file on each line that may be reported, until it is written."""


class Place(NamedTuple):
    """`files` gives the files that the place needs for a key and a credential; a mark is on the line to be reported."""

    name: str
    files: Plant


class Planted(NamedTuple):
    """A credential in a tree: the place, its value, and the file and the lines at one of which it is to be found."""

    place: str
    value: str
    file: str
    lines: frozenset[int]


def _quoted(value: str) -> str:
    """A double-quoted scalar of YAML, JSON and TOML alike."""
    return json.dumps(value)


def _one_line(value: str) -> str:
    return value.strip().replace("\n", "\\n")


def _encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def _block(value: str, indentation: int) -> str:
    """The value as the lines of a block scalar, marked."""
    lines = [" " * indentation + line for line in value.strip("\n").split("\n")]
    return "\n".join([" " * indentation + MARK + lines[0].strip(), *lines[1:]])


def _secret(kind: str, name: str) -> str:
    return f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: wiki\n"


def _secret_data(key: str, value: str) -> dict[str, str]:
    return {
        "apps/wiki/secret.yaml": f"{_secret('Secret', 'wiki')}type: Opaque\ndata:\n  {key}: {MARK}{_encoded(value)}\n"
    }


def _string_data(key: str, value: str) -> dict[str, str]:
    text = f"  {key}: |\n{_block(value, 4)}\n" if "\n" in value else f"  {key}: {MARK}{_quoted(value)}\n"
    return {"apps/wiki/string-secret.yaml": f"{_secret('Secret', 'wiki-string')}stringData:\n{text}"}


def _deployment(name: str, container: str) -> dict[str, str]:
    head = f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  namespace: wiki\nspec:\n"
    head += (
        f"  selector:\n    matchLabels: {{app: {name}}}\n  template:\n    metadata:\n      labels: {{app: {name}}}\n"
    )
    head += "    spec:\n      containers:\n        - name: app\n          image: registry.example.org/wiki:2.4.1\n"
    return {f"apps/{name}/deployment.yaml": head + container}


def _env(key: str, value: str) -> dict[str, str]:
    text = f"              value: {MARK}{_quoted(value)}\n"
    return _deployment(
        "env",
        f"          env:\n            - name: WIKI_HOME\n              value: /srv\n            - name: {key}\n{text}",
    )


def _args(key: str, value: str) -> dict[str, str]:
    flag = key.lower().replace("_", "-")
    return _deployment(
        "args", f"          args:\n            - serve\n            - {MARK}{_quoted(f'--{flag}={value}')}\n"
    )


def _shell(key: str, value: str) -> dict[str, str]:
    script = "          command:\n            - /bin/sh\n            - -c\n            - |\n              set -eu\n"
    return _deployment(
        "shell", f'{script}              {MARK}export {key}="{_one_line(value)}"\n              exec wiki serve\n'
    )


def _config_map(name: str, file: str, text: str) -> dict[str, str]:
    body = "".join(f"    {line}\n" for line in text.split("\n"))
    return {f"apps/{name}/config.yaml": f"{_secret('ConfigMap', name)}data:\n  {file}: |\n{body}"}


def _properties(key: str, value: str) -> dict[str, str]:
    return _config_map(
        "properties", "wiki.properties", f"# wiki\nlisten=0.0.0.0:8080\n{MARK}{key}={_one_line(value)}\nlog=info"
    )


def _yaml_file(key: str, value: str) -> dict[str, str]:
    inner = f"  {key.lower()}: |\n{_block(value, 4)}" if "\n" in value else f"  {MARK}{key.lower()}: {_quoted(value)}"
    return _config_map("yaml", "wiki.yaml", f"server:\n  listen: 0.0.0.0:8080\n{inner}")


def _json_file(key: str, value: str) -> dict[str, str]:
    inner = f'{{\n  "listen": "0.0.0.0:8080",\n  {MARK}"{key.lower()}": {_quoted(value)}\n}}'
    return _config_map("json", "wiki.json", inner)


def _toml_file(key: str, value: str) -> dict[str, str]:
    return _config_map(
        "toml", "wiki.toml", f'[server]\nlisten = "0.0.0.0:8080"\n{MARK}{key.lower()} = {_quoted(value)}'
    )


def _ini_file(key: str, value: str) -> dict[str, str]:
    return _config_map("ini", "wiki.ini", f"[server]\nlisten = 0.0.0.0:8080\n{MARK}{key.lower()} = {_one_line(value)}")


def _helm_release(key: str, value: str) -> dict[str, str]:
    head = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: wiki\n  namespace: wiki\nspec:\n"
    )
    head += (
        "  interval: 1h\n  chart:\n    spec:\n      chart: wiki\n      sourceRef: {kind: HelmRepository, name: wiki}\n"
    )
    text = (
        f"    {_camel(key)}: |\n{_block(value, 6)}\n"
        if "\n" in value
        else f"    {MARK}{_camel(key)}: {_quoted(value)}\n"
    )
    return {"apps/release/release.yaml": f"{head}  values:\n    replicas: 2\n{text}"}


def _helm_chart(key: str, value: str) -> dict[str, str]:
    head = "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata:\n  name: wiki\n  namespace: kube-system\nspec:\n"
    head += "  chart: wiki\n  repo: https://charts.example.org\n  targetNamespace: wiki\n  valuesContent: |-\n"
    text = (
        f"      {_camel(key)}: |\n{_block(value, 8)}\n"
        if "\n" in value
        else f"      {MARK}{_camel(key)}: {_quoted(value)}\n"
    )
    return {"apps/chart/chart.yaml": f"{head}    app:\n      replicas: 2\n{text}"}


def _argo(key: str, value: str) -> dict[str, str]:
    head = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: wiki\n  namespace: argocd\nspec:\n"
    head += "  project: default\n  destination: {server: https://kubernetes.default.svc, namespace: wiki}\n  source:\n"
    head += "    repoURL: https://charts.example.org\n    chart: wiki\n    targetRevision: 1.4.2\n    helm:\n"
    text = f"      parameters:\n        - name: app.{_camel(key)}\n          value: {MARK}{_quoted(value)}\n"
    return {"apps/argo/application.yaml": head + text}


def _literal(key: str, value: str) -> dict[str, str]:
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: wiki\nsecretGenerator:\n"
    text = f"  - name: wiki-literal\n    literals:\n      - WIKI_USER=wiki\n      - {MARK}{_quoted(f'{key}={value}')}\n"
    return {"apps/literal/kustomization.yaml": head + text}


def _generated(key: str, value: str) -> dict[str, str]:
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: wiki\nsecretGenerator:\n"
    return {
        "apps/generated/kustomization.yaml": f"{head}  - name: wiki-file\n    envs:\n      - wiki.env\n",
        "apps/generated/wiki.env": f"WIKI_USER=wiki\n{MARK}{key}={_one_line(value)}\n",
    }


def _last_applied(key: str, value: str) -> dict[str, str]:
    applied = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "exported", "namespace": "wiki"}}
    line = json.dumps({**applied, "data": {key: _encoded(value)}})
    head = _secret("Secret", "exported").replace("  namespace", "  resourceVersion: '81723'\n  namespace")
    text = f"  annotations:\n    {MARK}kubectl.kubernetes.io/last-applied-configuration: |\n      {MARK}{line}\n"
    return {"apps/exported/secret.yaml": f"{head}{text}type: Opaque\n"}


def _workflow(name: str, job: str) -> dict[str, str]:
    head = f"name: {name}\non: push\npermissions: {{contents: read}}\njobs:\n  {name}:\n    runs-on: ubuntu-24.04\n"
    return {f".github/workflows/{name}.yaml": f"{head}    timeout-minutes: 5\n{job}"}


def _workflow_env(key: str, value: str) -> dict[str, str]:
    return _workflow("deploy", f"    env:\n      {key}: {MARK}{_quoted(value)}\n    steps:\n      - run: wiki deploy\n")


def _workflow_run(key: str, value: str) -> dict[str, str]:
    script = f'          set -eu\n          {MARK}export {key}="{_one_line(value)}"\n          wiki sync\n'
    return _workflow("sync", f"    steps:\n      - run: |\n{script}")


def _dotenv(key: str, value: str) -> dict[str, str]:
    return {".env": f'# wiki\nWIKI_USER=wiki\n{MARK}{key}="{_one_line(value)}"\n'}


def _k3s_config(key: str, value: str) -> dict[str, str]:
    head = "write-kubeconfig-mode: '0644'\ncluster-init: true\n"
    return {"hosts/node1/etc/rancher/k3s/config.yaml": f"{head}{MARK}etcd-s3-secret-key: {_quoted(value)}\n"}


def _docker_config(key: str, value: str) -> dict[str, str]:
    config = {"auths": {"registry.wiki.internal": {"auth": _encoded(f"ci:{_one_line(value)}")}}}
    text = f"type: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: {MARK}{_encoded(json.dumps(config))}\n"
    return {"apps/registry/secret.yaml": _secret("Secret", "registry") + text}


def _binary_data(key: str, value: str) -> dict[str, str]:
    text = f"binaryData:\n  wiki.conf: {MARK}{_encoded(f'listen=8080{chr(10)}{key}={_one_line(value)}{chr(10)}')}\n"
    return {"apps/binary/config.yaml": _secret("ConfigMap", "binary") + text}


def _camel(key: str) -> str:
    first, *others = key.lower().split("_")
    return first + "".join(map(str.title, others))


PLACES: tuple[Place, ...] = (
    Place("Secret data", _secret_data),
    Place("Secret stringData", _string_data),
    Place("env", _env),
    Place("args", _args),
    Place("command, sh -c", _shell),
    Place("ConfigMap properties", _properties),
    Place("ConfigMap YAML", _yaml_file),
    Place("ConfigMap JSON", _json_file),
    Place("ConfigMap TOML", _toml_file),
    Place("ConfigMap INI", _ini_file),
    Place("ConfigMap binaryData", _binary_data),
    Place("HelmRelease values", _helm_release),
    Place("HelmChart valuesContent", _helm_chart),
    Place("Argo CD parameters", _argo),
    Place("secretGenerator literal", _literal),
    Place("secretGenerator file", _generated),
    Place("last-applied annotation", _last_applied),
    Place("workflow env", _workflow_env),
    Place("workflow run", _workflow_run),
    Place(".env file", _dotenv),
    Place("k3s config", _k3s_config),
    Place("registry configuration", _docker_config),
)


def planted(root: Path, kind: Kind) -> list[Planted]:
    """Write a tree below `root` with one credential of `kind` in each place, all of them different, under git."""
    made = []
    for place in PLACES:
        value = kind.make(place.name)
        for name, text in place.files(kind.key, value).items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace(MARK, ""))
            lines = frozenset(number for number, line in enumerate(text.split("\n"), 1) if MARK in line)
            if lines:
                made.append(Planted(place.name, value, name, lines))
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=root, check=True, capture_output=True)
    return made
