"""Signs that a script or a job brings credentials of its own, so that it does not act as the pod's service account."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kubelint.manifests.field import Field
from kubelint.manifests.github.calls import Calls, Part
from kubelint.manifests.github.steps import WorkflowStep
from kubelint.manifests.github.workflows import WorkflowJob
from kubelint.manifests.shell.commands import Command
from kubelint.manifests.shell.scripts import Script

_OPTIONS = (
    "--kubeconfig", "--kube-context", "--kube-token", "--kube-as-user", "--kube-as-group", "--kube-apiserver",
    "--context", "--cluster", "--user", "--token", "--as", "--as-group", "--as-uid", "--server", "-s",
    "--client-certificate", "--client-key", "--username", "--password",
)  # fmt: skip
_VARIABLES = re.compile(
    r"(?:\w+_)?KUBE_?CONFIG\w*|HELM_KUBE\w+|KUBERNETES_MASTER"
    r"|(?:KUBE|K8S|KUBERNETES)_(?:TOKEN|CONTEXT|HOST|CREDENTIALS?|AUTH\w*|API_?SERVER|CLUSTER_?URL)"
)
_TEXT = re.compile(
    r"KUBE_?CONFIG|HELM_KUBE|\bunset\s+KUBERNETES_SERVICE_HOST|\bKUBERNETES_SERVICE_HOST=|--kubeconfig|kubeconfig|\.kube(?:[/\"'\s]|$)"
    r"|\b(?:kubectl|helm)\s*\(\s*\)|\balias\s+(?:kubectl|helm)="
    r"|\bconfig\s+(?:set\b|set-\w+|use-context)"
    r"|\b(?:update-kubeconfig|get-credentials|create-kubeconfig|write-kubeconfig)\b"
    r"|\b(?:kind|k3d)\s+(?:create|cluster|get)\b|\bminikube\s+start\b"
    r"|\b(?:vcluster|ctlptl|eksctl|doctl|civo|linode-cli|scw|ibmcloud|oci\s+ce|exo\s+compute)\b"
    r"|\bk(?:3s|0s)\s+kubectl\b|\bget\.k3s\.io\b|\bmicrok8s\b|\bcrc\s+start\b"
    r"|\boc\s+login\b|\btsh\s+(?:kube\s+)?login\b|\bkubelogin\b|\bkubectx\b|\btailscale\s+configure\b"
)
_ACTION = re.compile(
    r"kube|k8s|k3s|k3d|\baks\b|\beks\b|\bgke\b|openshift|\boc-|\bkind\b|minikube|doctl|teleport|helm"
    r"|cluster|\blog-?in\b|digitalocean|rancher|civo|linode|hetzner|scaleway|tailscale|vcluster",
    re.I,
)
_HARMLESS = re.compile(
    r"azure/setup-(?:helm|kubectl)|azure/k8s-(?:bake|lint)|helm/chart-(?:testing|releaser)-action"
    r"|yokawasa/action-setup-kube-tools|imranismail/setup-kustomize|helmfile/helmfile-action|mamezou-tech/setup-helmfile"
    r"|azure/(?:docker-)?login|docker/login-action|aws-actions/amazon-ecr-login|redhat-actions/podman-login"
    r"|stefanprodan/kube-tools|instrumenta/kubeval-action|docker/setup-docker-action|alexellis/arkade-get"
)
_HINT = re.compile(r"kube|k8s|cred|log-?in\b|\bauth|connect|context|cluster|\bkind\b|\bk3[ds]\b", re.I)
_MAPPED = re.compile(r"\|\s*(?:\w+_)?KUBE_?CONFIG\b")
"""How an action that reads secrets is told which variable to set."""
_LOGIN = re.compile(r"[-_]log-?in$")
_SETTINGS = re.compile(r"(?:^|/)(?:[\w-]*\.)?env\b[^/]*$")
_PLACES = ("./", "scripts/", "hack/", "bin/", "ci/", ".github/")
_RUNNERS = frozenset({"make", "just", "task", "npm", "yarn", "pnpm", "python", "python3", "node", "ansible-playbook"})


def of_command(command: Command) -> str:
    """Why a command does not act as the pod's account; empty if nothing says so."""
    for option in command.arguments.options:
        if option.name in _OPTIONS:
            return f"`{option.name}` says as whom"
    if any(_VARIABLES.fullmatch(assignment.name) for assignment in command.assignments):
        return "it is given a kubeconfig"
    if command.remote:
        return "it runs on another machine"
    # A client finds the API server, and that there is a token, by KUBERNETES_SERVICE_HOST.
    return "it is started without the variables of its pod" if command.bare else ""


def of_job(calls: Calls, job: WorkflowJob) -> str:
    """Why the steps of a job do not act as the account of the runner's pod; empty if nothing says so.

    All that the job does is looked at: its steps, the scripts of the tree that they call, the actions of the tree.
    """
    if not job.container.absent:
        return "the job runs in a container of its own"
    levels = (of_env(env) for env in (job.workflow.env, job.env))
    return next(filter(None, levels), "") or _of_parts(calls, calls.parts(job))


def _of_parts(calls: Calls, parts: Iterable[Part]) -> str:
    for part in parts:
        if part.script is not None:
            found = of_text(part.script.text) or _of_unread(calls, part.script)
            if found:
                return "a step sets credentials up" if part.script.kind == "workflow" else found
        found = of_env(part.step.env) or of_env(part.step.inputs) or _of_use(calls, part.step)
        if found:
            return found
    return ""


def of_env(env: Field) -> str:
    """Why variables of the environment, or inputs of an action, say as whom to act."""
    for name, value in env.items():
        if _VARIABLES.fullmatch(name.upper().replace("-", "_")):
            return f"`{name}` is set"
        if isinstance(value.value, str) and _MAPPED.search(value.value):
            return f"`{name}` sets a kubeconfig"
        if isinstance(value.value, str) and "secrets." in value.value and _TEXT.search(value.value):
            return f"`{name}` is set to a kubeconfig"
    return ""


def of_text(text: str) -> str:
    """Why the text of a script says as whom to act."""
    return "the script sets credentials up" if _TEXT.search(text) else ""


def of_container(container: Field) -> str:
    """Why a container, of a pod or of a runner, does not use the token of its pod."""
    for variable in container.get("env").elements():
        named = variable.get("name").text or ""
        if _VARIABLES.fullmatch(named):
            return f"`{named}` is set"
    mounts = (mount.get("mountPath").text or "" for mount in container.get("volumeMounts").elements())
    return "a kubeconfig is mounted" if any(".kube" in path or "kubeconfig" in path for path in mounts) else ""


def _of_unread(calls: Calls, script: Script) -> str:
    """Programs that are not followed, and whose names say that they may log in or set variables."""
    if _HINT.search(script.text) is None and "env" not in script.text:
        return ""
    followed = calls.followed(script)
    for command in script.commands:
        if command.words and not command.remote and command not in followed and _may_log_in(command):
            return f"`{command.name or command.words[0].raw}` may set credentials up"
    return ""


def _may_log_in(command: Command) -> bool:
    if command.name in ("source", "."):
        return any(_SETTINGS.search(word.raw.strip("\"'")) for word in command.words[1:2])
    if _LOGIN.search(command.name or ""):
        return True
    own = command.name in _RUNNERS or command.words[0].raw.startswith(_PLACES)
    return own and any(_HINT.search(word.raw) for word in command.words)


def _of_use(calls: Calls, step: WorkflowStep) -> str:
    uses = step.uses
    if uses.absent:
        return ""
    text = uses.text
    if text is None:
        return "it is not known which action a step uses"
    if step.use is not None and step.use.kind == "local":
        return _of_local(calls, step, text)
    name = text.partition("@")[0].lower()
    return "" if _HARMLESS.fullmatch(name) or not _ACTION.search(name) else f"`{name}` may set credentials up"


def _of_local(calls: Calls, step: WorkflowStep, text: str) -> str:
    """The steps of a composite action are looked at one by one; of another all that is known is its text and name."""
    action = calls.action(step)
    if action is None:
        return f"it is not known what `{text}` does"
    if action.using != "composite" and _HINT.search(text):
        return f"`{text}` may set credentials up"
    return of_text(action.document.text) and "a step sets credentials up"
