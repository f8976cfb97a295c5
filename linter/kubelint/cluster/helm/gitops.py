"""What Flux and Argo CD ask of the API server in the name of a service account.

Follows fluxcd/pkg `ssa/manager_apply.go`, `manager_wait.go`; kustomize-controller
`internal/controller/kustomization_controller.go`; argo-cd `controller/sync.go` and gitops-engine
`pkg/utils/kube/resource_ops.go`.
"""

from __future__ import annotations

from kubelint.cluster.helm.commands import ArgoSync, FluxKustomization, FluxRelease, Helm, Wait
from kubelint.cluster.helm.kubectl import server_side_apply
from kubelint.cluster.helm.ledger import Ledger
from kubelint.cluster.helm.need import Need, Occasion
from kubelint.cluster.helm.resources import NAMESPACES
from kubelint.cluster.helm.targets import Target, Targets
from kubelint.cluster.helm.waiting import poll_status

_FLUX = "kustomize.toolkit.fluxcd.io/"
_OFF = frozenset({"disabled"})
_ARGO_HOOK = "argocd.argoproj.io/hook"
_ARGO_OPTIONS = "argocd.argoproj.io/sync-options"


def as_helm(release: FluxRelease) -> Helm:
    """What helm-controller has Helm do: an upgrade that installs what is not there."""
    waits = Wait.LEGACY if release.legacy_wait else Wait.DEFAULT
    return Helm(
        action="upgrade",
        version=release.version,
        install=True,
        wait=waits if release.wait else Wait.NONE,
        wait_for_jobs=release.wait_for_jobs,
        atomic=release.rolls_back,
        create_namespace=release.create_namespace,
        hooks=release.hooks,
        skip_crds=not release.crds,
        force=release.force,
        server_side=release.server_side,
        storage_namespace=release.storage_namespace,
        by_flux=True,
    )


def run_kustomization(command: FluxKustomization, targets: Targets) -> list[Need]:
    """The needs of Flux's kustomize-controller."""
    ledger = Ledger()
    objects = [target for target in targets.everything if not _is_left_alone(target)]
    for target in objects:
        ledger.ask("get", target, "Flux reads each object before it applies it")
        server_side_apply(ledger, target, "Flux applies each object on the server")
        if command.force or _says(target, "force", frozenset({"enabled"})):
            why = "Flux deletes and creates again what it can't change"
            ledger.ask("delete", target, why, occasion=Occasion.FAILURE)
    for target in objects if command.wait else ():
        poll_status(ledger, target, "Flux polls the state of each object")
    for target in objects if command.prune else ():
        if not _says(target, "prune", _OFF):
            ledger.ask("delete", target, "Flux deletes what has left the sources", occasion=Occasion.REMOVED)
    return ledger.settled()


def run_sync(command: ArgoSync, targets: Targets, namespace: str) -> list[Need]:
    """The needs of a sync of Argo CD; that the live objects are watched is not among them."""
    ledger = Ledger()
    if command.create_namespace:
        target = Target(NAMESPACES, name=namespace)
        ledger.ask("get", target, "Argo CD looks whether the namespace exists")
        ledger.ask(
            "create", target, "Argo CD creates the namespace", occasion=Occasion.NOT_THERE, named=command.server_side
        )
    for target in targets.objects:
        if target.annotations.get(_ARGO_HOOK):
            _run_hook(ledger, target)
        else:
            _sync(ledger, command, target)
    for hook in targets.hooks:
        _run_hook(ledger, hook.target)
    return ledger.settled()


def _sync(ledger: Ledger, command: ArgoSync, target: Target) -> None:
    options = target.policies(_ARGO_OPTIONS)
    if command.server_side or "ServerSideApply=true" in options:
        server_side_apply(ledger, target, "Argo CD applies each object on the server")
    else:
        replaces = command.replace or "Replace=true" in options
        ledger.ask("get", target, "Argo CD reads each object before it applies it")
        ledger.ask("create", target, "Argo CD creates each object", occasion=Occasion.NOT_THERE, named=False)
        verb = "update" if replaces else "patch"
        ledger.ask(verb, target, "Argo CD changes each object", occasion=Occasion.THERE)
    if command.prune and "Prune=false" not in options:
        ledger.ask("delete", target, "Argo CD prunes what has left the sources", occasion=Occasion.REMOVED)


def _run_hook(ledger: Ledger, target: Target) -> None:
    ledger.ask("get", target, "Argo CD reads its hooks")
    ledger.ask("create", target, "Argo CD creates its hooks", named=False)
    ledger.ask("delete", target, "Argo CD deletes a hook of the last sync", occasion=Occasion.THERE)


def _is_left_alone(target: Target) -> bool:
    return _says(target, "reconcile", _OFF) or _says(target, "ssa", frozenset({"ignore"}))


def _says(target: Target, key: str, words: frozenset[str]) -> bool:
    value = target.annotations.get(_FLUX + key)
    return isinstance(value, str) and value.lower() in words
