"""What Flux and Argo CD deploy in the name of a service account.

Follows helm-controller `api/v2/helmrelease_types.go`, kustomize-controller `api/v1/kustomization_types.go`, and argo-cd
`controller/sync.go: deriveServiceAccountToImpersonate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from kubelint.cluster.helm import ArgoSync, FluxKustomization, FluxRelease
from kubelint.manifests.access import Identity
from kubelint.manifests.deployers.model import Deployed, DeployerRun, Link, Who, service_account
from kubelint.manifests.field import Field
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.project import Project
from kubelint.manifests.releases.patched import as_given
from kubelint.manifests.scopes import same_cluster

_HELM_GROUP = "helm.toolkit.fluxcd.io"
_KUSTOMIZE_GROUP = "kustomize.toolkit.fluxcd.io"
_ARGO_GROUP = "argoproj.io"
_SWITCH = "application.sync.impersonation.enabled"


def flux_runs(project: Project) -> Iterator[DeployerRun]:
    """The HelmReleases and Kustomizations of Flux that name a service account."""
    releases = [obj for obj in project.objects("HelmRelease", _HELM_GROUP) if not obj.partial]
    for obj in releases:
        if obj.field("spec", "serviceAccountName").exists:
            yield _flux_run(project, obj, _release(obj), _of_release(project, obj))
    for obj in project.objects("Kustomization", _KUSTOMIZE_GROUP):
        if not obj.partial and obj.field("spec", "serviceAccountName").exists:
            yield _flux_run(project, obj, _kustomization(obj), _of_kustomization(project, obj))


def _flux_run(
    project: Project, obj: KubeObject, command: FluxRelease | FluxKustomization, deployed: Deployed
) -> DeployerRun:
    account = as_given(project, obj, "spec", "serviceAccountName")
    places = project.kustomizations.namespaces(obj)
    own = next(iter(places)) if len(places) == 1 else None
    identity, unknown = service_account(account, own, None, obj.display)
    if not obj.field("spec", "kubeConfig").absent:
        identity, unknown = None, f"{obj.display} deploys to another cluster"
    target = as_given(project, obj, "spec", "targetNamespace")
    namespace = "" if target.unknown else target.text or (own if obj.kind == "HelmRelease" else "") or ""
    at = obj.field("spec", "serviceAccountName")
    chain = (Link(at, f"{obj.display} acts as this account"),)
    return DeployerRun(
        "flux",
        Who(identity, unknown, chain),
        at,
        command,
        namespace,
        deployed,
        obj.scope,
        obj.document.repository,
    )


def _release(obj: KubeObject) -> FluxRelease:
    spec = obj.field("spec")
    install, upgrade = spec.get("install"), spec.get("upgrade")
    waits = [install.get("disableWait").boolean, upgrade.get("disableWait").boolean]
    return FluxRelease(
        wait=True not in waits,
        wait_for_jobs=install.get("disableWaitForJobs").boolean is not True,
        legacy_wait=spec.get("waitStrategy", "name").text == "legacy",
        create_namespace=install.get("createNamespace").boolean is True,
        hooks=True not in (install.get("disableHooks").boolean, upgrade.get("disableHooks").boolean),
        crds=install.get("crds").text != "Skip",
        force=upgrade.get("force").boolean is True,
        test=spec.get("test", "enable").boolean is True,
        rolls_back=not upgrade.get("remediation").absent or not install.get("remediation").absent,
        storage_namespace=spec.get("storageNamespace").text or obj.namespace or "",
    )


def _of_release(project: Project, obj: KubeObject) -> Deployed:
    """What a chart of the tree renders to for the HelmRelease."""
    release = next((each for each in project.releases if each.obj is obj), None)
    folder = release.chart.folder if release is not None else None
    if folder is None:
        return Deployed()
    inside = f"{folder}/" if folder else ""
    built = [
        each
        for each in project.all_objects
        if each.document.rendering and each.file.startswith(inside) and each.document.belongs_to == obj.file
    ]
    return Deployed(tuple(each.root.value for each in built), tuple(built), complete=bool(built))


def _kustomization(obj: KubeObject) -> FluxKustomization:
    spec = obj.field("spec")
    return FluxKustomization(
        prune=spec.get("prune").boolean is True,
        wait=spec.get("wait").boolean is True or bool(list(spec.get("healthChecks").elements())),
        force=spec.get("force").boolean is True,
    )


def _of_kustomization(project: Project, obj: KubeObject) -> Deployed:
    """The objects that the Kustomization builds, each in the namespace that it ends up in."""
    found: list[KubeObject] = []
    manifests = []
    for each in project.all_objects:
        if each.partial or each.document.rendering or each.group.startswith("kustomize.config.k8s.io"):
            continue
        for way in project.kustomizations.journeys(each):
            if way.chain and way.chain[-1].flux is obj:
                found.append(each)
                manifests.append(_placed(each, way.namespace))
                break
    return Deployed(tuple(manifests), tuple(found), complete=False)


def _placed(obj: KubeObject, namespace: str | None) -> dict[str, object]:
    value, metadata = obj.root.value, obj.field("metadata").value
    named = dict(metadata) if isinstance(metadata, dict) else {}
    if namespace is not None:
        named["namespace"] = namespace
    return {**value, "metadata": named}


def argo_runs(project: Project) -> Iterator[DeployerRun]:
    """The Applications whose syncs impersonate a service account."""
    owners = [obj for obj in project.objects("AppProject", _ARGO_GROUP) if not obj.partial and _accounts(obj)]
    switches = list(_switches(project)) if owners else []
    for application in project.objects("Application", _ARGO_GROUP) if switches else ():
        name, scope = application.field("spec", "project").text, application.scope
        found = [obj for obj in owners if obj.name == name and same_cluster(obj.scope, scope)]
        switch = next((at for at, where in switches if same_cluster(where, scope)), None)
        run = _argo_run(application, found[0], switch) if len(found) == 1 and switch is not None else None
        if run is not None:
            yield run


def _switches(project: Project) -> Iterator[tuple[Field, str]]:
    """Where impersonation is switched on, and the scope of that."""
    for obj in project.objects("ConfigMap", ""):
        field = obj.field("data", _SWITCH)
        if obj.name == "argocd-cm" and field.text == "true":
            yield field, obj.scope
    for release in project.releases:
        field = release.values.get("configs", "cm", _SWITCH)
        if field.text == "true" or field.boolean is True:
            yield field, release.scope


def _accounts(owner: KubeObject) -> list[Field]:
    return list(owner.field("spec", "destinationServiceAccounts").elements())


def _argo_run(application: KubeObject, owner: KubeObject, switch: Field) -> DeployerRun | None:
    """The first entry that fits the destination counts; without one the sync fails."""
    destination = application.field("spec", "destination")
    namespace, server = destination.get("namespace"), destination.get("server")
    if namespace.unknown or server.unknown or not destination.get("name").absent:
        return None
    for entry in _accounts(owner):
        wanted = [entry.get(key) for key in ("server", "namespace")]
        given = [server.text or "", namespace.text or ""]
        if any(field.unknown for field in wanted):
            return None
        if all(_fits(field.text or "", text) for field, text in zip(wanted, given, strict=True)):
            return _as(application, entry.get("defaultServiceAccount"), namespace.text or "", switch)
    return None


def _fits(pattern: str, text: str) -> bool:
    return fnmatchcase(text, pattern)


def _as(application: KubeObject, account: Field, namespace: str, switch: Field) -> DeployerRun:
    text = account.text or ""
    own, _, name = text.rpartition(":")
    identity = Identity("ServiceAccount", name, own or namespace) if name and (own or namespace) else None
    options = application.field("spec", "syncPolicy", "syncOptions").strings()
    return DeployerRun(
        "argo",
        Who(
            identity,
            "" if identity is not None else "the account that is impersonated is not known",
            (Link(account, f"{application.display} syncs as this account"), Link(switch, "impersonation is on")),
        ),
        application.field("spec", "destination"),
        ArgoSync(
            server_side="ServerSideApply=true" in options,
            replace="Replace=true" in options,
            prune=application.field("spec", "syncPolicy", "automated", "prune").boolean is True,
            create_namespace="CreateNamespace=true" in options,
        ),
        namespace,
        scope=application.scope,
        repository=application.document.repository,
    )
