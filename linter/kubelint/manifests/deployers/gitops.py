"""What Flux deploys in the name of a service account.

Follows helm-controller `api/v2/helmrelease_types.go` and kustomize-controller `api/v1/kustomization_types.go`. Objects
that name no account are deployed as the controller's `--default-service-account` says, which is not in their files.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.cluster.helm import FluxKustomization, FluxRelease
from kubelint.cluster.runners import UNRESOLVED
from kubelint.manifests.deployers.applied import placed
from kubelint.manifests.deployers.charted import of_chart
from kubelint.manifests.deployers.model import Deployed, DeployerRun, Link, Who, service_account
from kubelint.manifests.kustomize import Journey
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.project import Project
from kubelint.manifests.releases.charts import local_chart
from kubelint.manifests.releases.patched import as_given
from kubelint.manifests.releases.release import Release

_GROUPS = {"HelmRelease": "helm.toolkit.fluxcd.io", "Kustomization": "kustomize.toolkit.fluxcd.io"}


def flux_runs(project: Project) -> Iterator[DeployerRun]:
    """The HelmReleases and Kustomizations of Flux that name a service account."""
    releases = {id(release.obj): release for release in project.releases} if _acting(project, "HelmRelease") else {}
    for obj in _acting(project, "HelmRelease"):
        yield _flux_run(project, obj, _release(project, obj), _of_release(project, obj, releases.get(id(obj))))
    built = _built(project) if _acting(project, "Kustomization") else {}
    for obj in _acting(project, "Kustomization"):
        yield _flux_run(project, obj, _kustomization(obj), _of_kustomization(project, obj, built))


def _acting(project: Project, kind: str) -> list[KubeObject]:
    """The objects of a kind that are deployed in the name of an account."""
    found = project.objects(kind, _GROUPS[kind])
    return [obj for obj in found if not obj.partial and obj.field("spec", "serviceAccountName").exists]


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


def _release(project: Project, obj: KubeObject) -> FluxRelease:
    spec, places = obj.field("spec"), project.kustomizations.namespaces(obj)
    storage = as_given(project, obj, "spec", "storageNamespace")
    own = next(iter(places)) if len(places) == 1 else UNRESOLVED
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
        storage_namespace=own if storage.absent else storage.text or UNRESOLVED,
    )


def _of_release(project: Project, obj: KubeObject, release: Release | None) -> Deployed:
    """What a chart of the tree renders to for the HelmRelease."""
    folder = release.chart.folder if release is not None else None
    chart = local_chart(project, obj.document.repository, folder)
    return of_chart(project, chart, obj.file) if chart is not None else Deployed()


def _kustomization(obj: KubeObject) -> FluxKustomization:
    spec = obj.field("spec")
    return FluxKustomization(
        prune=spec.get("prune").boolean is True,
        wait=spec.get("wait").boolean is True or bool(list(spec.get("healthChecks").elements())),
        force=spec.get("force").boolean is True,
    )


def _of_kustomization(
    project: Project, obj: KubeObject, built: dict[int, list[tuple[KubeObject, Journey]]]
) -> Deployed:
    """The objects that the Kustomization builds, each where it ends up."""
    found = built.get(id(obj), [])
    return Deployed(tuple(placed(each, way) for each, way in found), tuple(each for each, _ in found))


def _built(project: Project) -> dict[int, list[tuple[KubeObject, Journey]]]:
    """What each Kustomization builds, and the way of each object to it."""
    found: dict[int, list[tuple[KubeObject, Journey]]] = {}
    for each in project.all_objects:
        if each.partial or each.group == "kustomize.config.k8s.io":
            continue
        owners = {id(way.chain[-1].flux): way for way in project.kustomizations.journeys(each) if way.chain}
        for owner, way in owners.items():
            found.setdefault(owner, []).append((each, way))
    return found
