"""What Argo CD deploys in the name of a service account: the syncs of Applications whose project impersonates one.

Follows argo-cd `controller/sync.go: deriveServiceAccountToImpersonate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubelint.cluster.helm import ArgoSync
from kubelint.manifests.access import Identity
from kubelint.manifests.deployers.argo_sources import of_application
from kubelint.manifests.deployers.globs import matches_glob
from kubelint.manifests.deployers.model import Deployed, DeployerRun, Link, Who
from kubelint.manifests.field import Field
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.project import Project
from kubelint.manifests.releases.patched import as_given
from kubelint.manifests.scopes import same_cluster

_GROUP = "argoproj.io"
_SWITCH = "application.sync.impersonation.enabled"
_LOCAL = "https://kubernetes.default.svc"
_FORBIDDEN = re.compile(r"[!*\[\]{}\\/]")


def argo_runs(project: Project) -> Iterator[DeployerRun]:
    """The Applications whose syncs impersonate a service account."""
    owners = [obj for obj in project.objects("AppProject", _GROUP) if not obj.partial and _accounts(obj)]
    switches = list(_switches(project)) if owners else []
    for application in project.objects("Application", _GROUP) if switches else ():
        name, scope = application.field("spec", "project").text, application.scope
        found = [obj for obj in owners if obj.name == name and same_cluster(obj.scope, scope)]
        near = [(at, on) for at, on, where in switches if same_cluster(where, scope)]
        if application.partial or len(found) != 1 or not near or not all(on for _, on in near):
            continue
        run = _run(project, application, found[0], near[0][0])
        if run is not None:
            yield run


def _switches(project: Project) -> Iterator[tuple[Field, bool, str]]:
    """Where impersonation is switched on or off, and the scope of that."""
    for obj in project.objects("ConfigMap", ""):
        field = obj.field("data", _SWITCH)
        if obj.name == "argocd-cm" and field.exists:
            yield field, field.text == "true", obj.scope
    for release in project.releases:
        field = release.values.get("configs", "cm", _SWITCH)
        if field.exists:
            yield field, field.text == "true" or field.boolean is True, release.scope


def _accounts(owner: KubeObject) -> list[Field]:
    return list(owner.field("spec", "destinationServiceAccounts").elements())


def _run(project: Project, application: KubeObject, owner: KubeObject, switch: Field) -> DeployerRun | None:
    """The first entry that fits the destination counts; without one the sync fails."""
    destination = as_given(project, application, "spec", "destination")
    namespace, server = destination.get("namespace"), _server(destination)
    if namespace.unknown or server is None or project.may_be_patched(owner, "spec", "destinationServiceAccounts"):
        return None
    given = {"server": server, "namespace": namespace.text or ""}
    for entry in _accounts(owner):
        fits = [_fits(entry.get(key), text) for key, text in given.items()]
        if None in fits and False not in fits:
            return None
        if all(fits):
            who = _who(project, application, entry.get("defaultServiceAccount"), namespace.text, server, switch)
            return _sync(project, application, who, namespace.text or "")
    return None


def _server(destination: Field) -> str | None:
    """The address of the cluster; None where it is not known. `in-cluster` is Argo CD's own name for its own."""
    server, name = destination.get("server"), destination.get("name")
    if name.absent:
        return server.text
    return _LOCAL if name.text == "in-cluster" and server.absent else None


def _fits(pattern: Field, text: str) -> bool | None:
    """Whether a pattern matches; None where it is not known."""
    return None if pattern.unknown else matches_glob(pattern.text or "", text)


def _who(
    project: Project, application: KubeObject, account: Field, namespace: str | None, server: str, switch: Field
) -> Who:
    chain = (Link(account, f"{application.display} syncs as this account"), Link(switch, "impersonation is on"))
    if server != _LOCAL:
        return Who(None, f"{application.display} deploys to another cluster", chain)
    places = project.kustomizations.namespaces(application)
    own = next(iter(places)) if len(places) == 1 else None
    text = (account.text or "").strip()
    if not text or _FORBIDDEN.search(text) or text.count(":") > 1:
        return Who(None, "the account that is impersonated is not known", chain)
    written, _, name = text.rpartition(":")
    where = written or namespace or own
    if not where or not name:
        return Who(None, "the namespace of the account that is impersonated is not known", chain)
    return Who(Identity("ServiceAccount", name, where), "", chain)


def _sync(project: Project, application: KubeObject, who: Who, namespace: str) -> DeployerRun:
    options = application.field("spec", "syncPolicy", "syncOptions").strings()
    return DeployerRun(
        "argo",
        who,
        application.field("spec", "destination"),
        ArgoSync(
            server_side="ServerSideApply=true" in options,
            replace="Replace=true" in options,
            prune=application.field("spec", "syncPolicy", "automated", "prune").boolean is True,
            create_namespace="CreateNamespace=true" in options,
        ),
        namespace,
        of_application(project, application) if who.identity is not None else Deployed(),
        scope=application.scope,
        repository=application.document.repository,
    )
