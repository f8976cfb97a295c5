"""How Helm waits for what it has deployed.

Helm 3 polls (`pkg/kube/wait.go`, `pkg/kube/ready.go`), Helm 4 watches (`pkg/kube/statuswait.go`; cli-utils
`pkg/kstatus/watcher` and `pkg/kstatus/polling/statusreaders`). Flux's controllers poll what Helm 4 would watch
(fluxcd/pkg `ssa/manager_wait.go`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kubelint.cluster.helm.commands import Wait
from kubelint.cluster.helm.ledger import Ledger
from kubelint.cluster.helm.need import Without
from kubelint.cluster.helm.resources import PODS, REPLICA_SETS, Resource
from kubelint.cluster.helm.run import Run
from kubelint.cluster.helm.targets import Target

_POLLED = frozenset(
    {
        "CustomResourceDefinition",
        "DaemonSet",
        "Deployment",
        "PersistentVolumeClaim",
        "Pod",
        "ReplicaSet",
        "ReplicationController",
        "Service",
        "StatefulSet",
    }
)
_PARTS_POLLED: dict[str, Resource] = {
    "Deployment": REPLICA_SETS,
    "ReplicaSet": PODS,
    "ReplicationController": PODS,
}
_PARTS_COMPUTED: dict[str, Resource] = {"Deployment": REPLICA_SETS, "StatefulSet": PODS, "ReplicaSet": PODS}
_BUILTIN_GROUPS = frozenset({"", "apps", "extensions", "batch", "apiextensions.k8s.io"})


def wait_for(run: Run, targets: Iterable[Target]) -> None:
    """What the run asks until the objects are ready; nothing unless it waits."""
    if run.wait is Wait.NONE:
        return
    for target in targets:
        if run.wait is Wait.LEGACY:
            _poll(run, target)
        elif not is_paused(target):
            if run.command.by_flux:
                poll_status(run.ledger, target, "Flux polls the state of each object")
            else:
                run.ledger.ask_each("list watch", target, "Helm 4 watches every object of the chart")
                list_parts(run.ledger, target, "Helm 4")


def wait_for_deletion(run: Run, targets: Iterable[Target]) -> None:
    """What the run asks until objects that it deleted are gone."""
    for target in targets:
        if run.polls_as_helm_3 or run.command.by_flux:
            run.ledger.ask("get", target, "Helm polls until the objects are gone")
        elif run.wait is Wait.DEFAULT:
            run.ledger.ask_each("list watch", target, "Helm 4 watches until the objects are gone")


def poll_status(ledger: Ledger, target: Target, why: str) -> None:
    """What kstatus asks where it polls."""
    ledger.ask("get", target, why)
    if not is_paused(target):
        list_parts(ledger, target, "Flux")


def list_parts(ledger: Ledger, target: Target, who: str) -> None:
    """What kstatus lists to compute the state of a workload. If it may not, the state stays unknown, with no error."""
    part = _PARTS_COMPUTED.get(target.kind) if target.resource.group == "apps" else None
    if part is not None:
        why = f"{who} computes the state of a {target.kind} from its {part.plural}"
        ledger.ask("list", _beside(target, part), why, Without.HANGS_UNTIL_TIMEOUT, named=False)


def is_paused(target: Target) -> bool:
    """Whether it is a Deployment that nobody waits for."""
    return target.kind == "Deployment" and target.spec.get("paused") is True


def _poll(run: Run, target: Target) -> None:
    """A request that is refused is no reason to try again: Helm stops at the first poll."""
    jobs = run.command.wait_for_jobs and target.kind == "Job"
    if target.resource.group not in _BUILTIN_GROUPS or not (target.kind in _POLLED or jobs):
        return
    run.ledger.ask("get", target, f"Helm polls the {target.resource.plural} of the chart until they are ready")
    part = _PARTS_POLLED.get(target.kind)
    if part is not None and not is_paused(target):
        why = f"Helm finds the {part.plural} of a {target.kind} by listing them"
        run.ledger.ask("list", _beside(target, part), why, named=False)


def _beside(target: Target, resource: Resource) -> Target:
    """All objects of a resource in the namespace of another object, on whose behalf they are asked for."""
    return replace(target, resource=resource, name="")
