"""Everything in a tree that deploys, and as whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal
from weakref import WeakKeyDictionary

from kubelint.manifests.access import Identity
from kubelint.manifests.deployers.commands import Deploying, deploying
from kubelint.manifests.deployers.credentials import of_command, of_text
from kubelint.manifests.deployers.gitops import argo_runs, flux_runs
from kubelint.manifests.deployers.model import DeployerRun, Link, Who, service_account
from kubelint.manifests.deployers.runners import Runners
from kubelint.manifests.github.workflows import WorkflowJob
from kubelint.manifests.pods import Container
from kubelint.manifests.project import Project
from kubelint.manifests.scopes import scope_of
from kubelint.manifests.shell.scripts import Script

_POD_GROUPS = frozenset({"", "apps", "batch"})
_VERSION = re.compile(r"v?([34])(?:\.|$)")
_IMAGE = re.compile(r"helm[\w./-]*:v?([34])\.")
_known: WeakKeyDictionary[Project, list[DeployerRun]] = WeakKeyDictionary()


def deployers(project: Project) -> list[DeployerRun]:
    """Everything that deploys: as the configuration says, then Flux, Argo CD, pods and workflows, in their order.

    Where the configuration names exactly one deployer, it is the identity of every command whose own is not known.
    Found out once for a project.
    """
    if project not in _known:
        _known[project] = list(_read(project))
    return _known[project]


def _read(project: Project) -> Iterator[DeployerRun]:
    declared = [identity for text in project.settings.deployers if (identity := _declared(text)) is not None]
    for identity in declared:
        yield DeployerRun("configuration", Who(identity, declared=True), None)
    yield from flux_runs(project)
    yield from argo_runs(project)
    only = declared[0] if len(declared) == 1 else None
    for run in (*_container_runs(project), *_workflow_runs(project)):
        if run.who.identity is None and only is not None:
            yield replace(run, who=Who(only, declared=True))
        else:
            yield run


def _declared(text: str) -> Identity | None:
    kind, _, rest = text.partition("/")
    namespace, _, name = rest.rpartition("/")
    return Identity(kind, name, namespace) if kind and name and (namespace or kind != "ServiceAccount") else None


def _container_runs(project: Project) -> Iterator[DeployerRun]:
    """The commands of Jobs, CronJobs and other pods."""
    for script in project.scripts:
        container = script.container
        if script.kind != "container" or container is None or container.pod.obj.group not in _POD_GROUPS:
            continue
        found = list(deploying(project, script, _version_of_image(container)))
        who = _who_of_pod(project, script, container) if found else Who(None)
        for one in found:
            yield _run("container", script, one, who, container.pod.obj.scope)


def _version_of_image(container: Container) -> Literal[3, 4] | None:
    found = _IMAGE.search(container.image.text or "")
    return _major(found[1]) if found else None


def _who_of_pod(project: Project, script: Script, container: Container) -> Who:
    pod = container.pod
    name = pod.spec.get("serviceAccountName")
    account = pod.spec.get("serviceAccount") if name.absent else name
    places = project.kustomizations.namespaces(pod.obj)
    namespace = next(iter(places)) if len(places) == 1 else None
    identity, unknown = service_account(account, namespace, "default", pod.display)
    reason = unknown or of_text(script.text) or _own_credentials(container)
    if pod.obj.partial or project.may_be_patched(pod.obj, *account.path[len(pod.obj.root.path) :]):
        reason = f"a patch may set the service account of {pod.display}"
    if reason:
        return Who(None, reason)
    place = account if account.exists else pod.spec.get("containers")
    return Who(identity, "", (Link(place, f"{pod.display} runs as `{identity}`"),))


def _own_credentials(container: Container) -> str:
    """Why a container does not use the token of the pod."""
    if container.pod.spec.get("automountServiceAccountToken").boolean is False:
        return "the pod gets no token"
    for variable in container.get("env").elements():
        named = variable.get("name").text or ""
        if named.startswith("KUBE") and not named.startswith("KUBERNETES_SERVICE"):
            return f"`{named}` is set"
    mounts = (mount.get("mountPath").text or "" for mount in container.get("volumeMounts").elements())
    return "a kubeconfig is mounted" if any(".kube" in path or "kubeconfig" in path for path in mounts) else ""


def _workflow_runs(project: Project) -> Iterator[DeployerRun]:
    """The commands of the steps of workflows. Those of actions run wherever they are used, which is not followed."""
    runners: Runners | None = None
    versions: dict[int, Literal[3, 4] | None] = {}
    for script in project.scripts:
        job = script.step.job if script.kind == "workflow" and script.step is not None else None
        if job is None or not job.runs:
            continue
        if id(job) not in versions:
            versions[id(job)] = _version_of_job(job)
        for one in deploying(project, script, versions[id(job)]):
            runners = runners or Runners(project)
            document = job.workflow.document
            scope = runners.scope(job)
            shared = scope_of(document.file, document.repository) if scope is None else scope
            yield _run("workflow", script, one, runners.who(job), shared)


def _version_of_job(job: WorkflowJob) -> Literal[3, 4] | None:
    """The version of Helm that the job sets up itself."""
    for step in job.steps:
        if step.use is not None and step.use.name == "azure/setup-helm":
            found = _VERSION.match(step.inputs.get("version").text or "")
            return _major(found[1]) if found else None
    return None


def _major(text: str) -> Literal[3, 4]:
    return 4 if text == "4" else 3


def _run(
    source: Literal["container", "workflow"], script: Script, found: Deploying, who: Who, scope: str
) -> DeployerRun:
    reason = of_command(found.command) or found.unknown
    if reason:
        who = Who(None, reason)
    own = who.identity.namespace if who.identity is not None else ""
    namespace = own if found.namespace is None else found.namespace
    return DeployerRun(source, who, found.command.at, found.model, namespace, found.deployed, scope, script.repository)
