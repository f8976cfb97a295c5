"""Signs that a script or a job brings credentials of its own, so that it does not act as the pod's service account."""

from __future__ import annotations

import re

from kubelint.manifests.field import Field
from kubelint.manifests.github.workflows import WorkflowJob
from kubelint.manifests.project import Project
from kubelint.manifests.shell.commands import Command

_OPTIONS = (
    "--kubeconfig", "--kube-context", "--kube-token", "--kube-as-user", "--kube-as-group", "--kube-apiserver",
    "--context", "--cluster", "--user", "--token", "--as", "--as-group", "--as-uid", "--server", "-s",
    "--client-certificate", "--client-key", "--username", "--password",
)  # fmt: skip
_VARIABLES = re.compile(r"KUBECONFIG|KUBE_?CONFIG\w*|HELM_KUBE\w+|KUBERNETES_MASTER|KUBE_(?:TOKEN|CONTEXT|HOST)")
_TEXT = re.compile(
    r"KUBECONFIG|HELM_KUBE|--kubeconfig|kubeconfig|\.kube/"
    r"|\bconfig\s+(?:set-\w+|use-context)\b"
    r"|\b(?:update-kubeconfig|get-credentials|create-kubeconfig)\b"
    r"|\b(?:kind|k3d)\s+(?:create|cluster|get)\b|\bminikube\s+start\b|\b(?:vcluster|ctlptl|eksctl|doctl|civo|linode-cli)\b"
    r"|\boc\s+login\b|\btsh\s+(?:kube\s+)?login\b|\bkubelogin\b|\btailscale\s+configure\b"
)
_ACTION = re.compile(
    r"kube|k8s|k3s|k3d|\baks\b|\beks\b|\bgke\b|openshift|\boc-|/kind|minikube|doctl|teleport|helm", re.I
)
_HARMLESS = re.compile(
    r"azure/setup-(?:helm|kubectl)|azure/k8s-bake|helm/chart-(?:testing|releaser)-action|yokawasa/action-setup-kube-tools"
    r"|imranismail/setup-kustomize|helmfile/helmfile-action"
)


def of_command(command: Command) -> str:
    """Why a command does not act as the pod's account; empty if nothing says so."""
    for option in command.arguments.options:
        if option.name in _OPTIONS:
            return f"`{option.name}` says as whom"
    if any(_VARIABLES.fullmatch(assignment.name) for assignment in command.assignments):
        return "it is given a kubeconfig"
    return "it runs on another machine" if command.remote else ""


def of_job(project: Project, job: WorkflowJob) -> str:
    """Why the steps of a job do not act as the account of the runner's pod; empty if nothing says so."""
    if not job.container.absent:
        return "the job runs in a container of its own"
    for env in (job.workflow.env, job.env, *(step.env for step in job.steps)):
        found = of_env(env)
        if found:
            return found
    for step in job.steps:
        text = step.run.value
        if isinstance(text, str) and _TEXT.search(text):
            return "a step sets credentials up"
        used = _of_use(project, job, step.uses)
        if used:
            return used
    return ""


def of_env(env: Field) -> str:
    """Why variables of the environment say as whom to act."""
    return next((f"`{name}` is set" for name, _ in env.items() if _VARIABLES.fullmatch(name)), "")


def of_text(text: str) -> str:
    """Why the text of a script says as whom to act."""
    return "the script sets credentials up" if _TEXT.search(text) else ""


def _of_use(project: Project, job: WorkflowJob, uses: Field) -> str:
    if uses.absent:
        return ""
    text = uses.text
    if text is None:
        return "it is not known which action a step uses"
    if text.startswith("./"):
        return _of_local(project, job, text)
    name = text.partition("@")[0].lower()
    return "" if _HARMLESS.fullmatch(name) or not _ACTION.search(name) else f"`{name}` may set credentials up"


def _of_local(project: Project, job: WorkflowJob, text: str) -> str:
    """An action of the tree is looked into; others it uses are not."""
    folder, repository = text.removeprefix("./").rstrip("/"), job.workflow.document.repository
    for action in project.actions:
        if action.folder == folder and action.document.repository == repository:
            return "a step sets credentials up" if _TEXT.search(action.document.text) else ""
    return f"it is not known what `{text}` does"
