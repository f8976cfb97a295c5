"""What kubectl asks of the API server.

Follows kubectl 1.36 `pkg/cmd/apply/apply.go`, `patcher.go`, `prune.go`; `pkg/cmd/delete/delete.go`,
`pkg/cmd/replace/replace.go`, `pkg/cmd/set/set_image.go`, `pkg/scale/scale.go`, `pkg/cmd/wait/condition.go`,
`pkg/cmd/wait/delete.go`, `pkg/cmd/rollout/rollout_status.go`; client-go `tools/watch/until.go: UntilWithSync`, which
never gives up on what it may not watch.
"""

from __future__ import annotations

from collections.abc import Callable

from kubelint.cluster.helm.commands import Kubectl
from kubelint.cluster.helm.ledger import Ledger
from kubelint.cluster.helm.need import Need, Occasion, Without
from kubelint.cluster.helm.resources import Resources
from kubelint.cluster.helm.targets import Target, Targets

#: What `--prune` looks at without a list of kinds (`pkg/util/prune/prune.go`), as far as it is in namespaces.
_PRUNED = (
    "core/v1/ConfigMap",
    "core/v1/Endpoints",
    "core/v1/PersistentVolumeClaim",
    "core/v1/Pod",
    "core/v1/ReplicationController",
    "core/v1/Secret",
    "core/v1/Service",
    "batch/v1/Job",
    "batch/v1/CronJob",
    "networking.k8s.io/v1/Ingress",
    "apps/v1/DaemonSet",
    "apps/v1/Deployment",
    "apps/v1/ReplicaSet",
    "apps/v1/StatefulSet",
)


def run_kubectl(command: Kubectl, targets: Targets, resources: Resources) -> list[Need]:
    """The needs of the command."""
    ledger = Ledger()
    for target in targets.everything:
        _ACTIONS[command.action](ledger, command, target)
    if command.action == "apply" and command.prune and command.dry_run != "client":
        _prune(ledger, command, targets.everything, resources)
    return ledger.settled()


def _apply(ledger: Ledger, command: Kubectl, target: Target) -> None:
    if command.server_side:
        if command.dry_run != "client":
            server_side_apply(ledger, target, "kubectl applies each object on the server")
        return
    ledger.ask("get", target, "kubectl reads each object before it applies it")
    if command.dry_run == "client":
        return
    ledger.ask("create", target, "kubectl creates each object", occasion=Occasion.NOT_THERE, named=False)
    ledger.ask("patch", target, "kubectl changes each object", occasion=Occasion.THERE)
    if command.force:
        why = "kubectl deletes and creates again what it can't change"
        ledger.ask("delete", target, why, occasion=Occasion.FAILURE)


def server_side_apply(ledger: Ledger, target: Target, why: str) -> None:
    """The server checks `patch`, and `create` with the same name for an object that is not there."""
    ledger.ask("patch", target, why)
    ledger.ask("create", target, why, occasion=Occasion.NOT_THERE)


def _prune(ledger: Ledger, command: Kubectl, objects: tuple[Target, ...], resources: Resources) -> None:
    visited = {target.namespace: target for target in objects if target.resource.namespaced}
    for text in command.prune_kinds or _PRUNED:
        version, _, kind = text.removeprefix("core/").rpartition("/")
        resource = resources.of(version, kind)
        why = "kubectl lists what it may prune"
        for namespace, target in visited.items() if resource.namespaced else (("", None),):
            nowhere = target.nowhere if target is not None else ""
            pruned = Target(resource, namespace, nowhere=nowhere if resource.known else f"{kind} is not known")
            ledger.ask("list", pruned, why, named=False)
            ledger.ask("delete", pruned, "kubectl deletes what it prunes", occasion=Occasion.REMOVED, named=False)


def _create(ledger: Ledger, command: Kubectl, target: Target) -> None:
    if command.dry_run != "client":
        ledger.ask("create", target, "kubectl creates each object", named=False)


def _diff(ledger: Ledger, command: Kubectl, target: Target) -> None:
    ledger.ask("get", target, "kubectl reads each object that it compares")
    ledger.ask("patch", target, "kubectl asks the server what applying would change", occasion=Occasion.THERE)


def _restart(ledger: Ledger, command: Kubectl, target: Target) -> None:
    ledger.ask("get", target, "kubectl reads what it restarts")
    if command.dry_run != "client":
        ledger.ask("patch", target, "kubectl restarts a workload by changing its pod template")


def _replace(ledger: Ledger, command: Kubectl, target: Target) -> None:
    """What is read first is the version of the object, and a refusal of that ignored."""
    if command.dry_run == "client":
        return
    if not command.force:
        ledger.ask("get", target, "kubectl reads the version of what it replaces", Without.DEGRADED)
        ledger.ask("update", target, "kubectl replaces each object")
        return
    why = "kubectl deletes what it replaces and creates it again"
    ledger.ask("delete", target, why)
    ledger.ask("get", target, "kubectl looks whether what it replaces is gone")
    ledger.ask("create", target, why, named=False)


def _set(ledger: Ledger, command: Kubectl, target: Target) -> None:
    _find(ledger, command, target, "change")
    if command.dry_run != "client":
        ledger.ask("patch", target, "kubectl changes the pod template")


def _scale(ledger: Ledger, command: Kubectl, target: Target) -> None:
    _find(ledger, command, target, "scale")
    if command.dry_run != "client":
        ledger.ask("patch", target, "kubectl sets the number of replicas", subresource="scale")


def _find(ledger: Ledger, command: Kubectl, target: Target, what: str) -> None:
    if command.by_list:
        ledger.ask("list", target, f"kubectl finds what to {what} by listing it", named=False)
    else:
        ledger.ask("get", target, f"kubectl reads what it is to {what}")


def _rollout_status(ledger: Ledger, command: Kubectl, target: Target) -> None:
    ledger.ask("get", target, "kubectl reads the object that is rolled out")
    without = Without.HANGS_UNTIL_TIMEOUT if command.timeout else Without.HANGS_FOR_EVER
    _follow(ledger, target, "kubectl watches the rollout", without)


def _wait(ledger: Ledger, command: Kubectl, target: Target) -> None:
    if command.by_list:
        ledger.ask("list", target, "kubectl finds what to wait for by listing it", named=False)
    else:
        ledger.ask("get", target, "kubectl reads what it waits for")
    _follow(ledger, target, "kubectl watches what it waits for", Without.HANGS_UNTIL_TIMEOUT)


def _delete(ledger: Ledger, command: Kubectl, target: Target) -> None:
    if command.by_list:
        ledger.ask("list", target, "kubectl finds what to delete by listing it", named=False)
    if command.dry_run == "client":
        return
    ledger.ask("delete", target, "kubectl deletes each object")
    if command.wait and not command.dry_run:
        why = "kubectl looks whether an object is gone, and does not wait if it may not"
        ledger.ask("get", target, why, Without.DEGRADED)
        _follow(ledger, target, "kubectl watches until an object is gone", Without.HANGS_UNTIL_TIMEOUT)


def _follow(ledger: Ledger, target: Target, why: str, without: Without) -> None:
    """An informer on one object: it sends the name along, so that rights for that name are enough."""
    for verb in ("list", "watch"):
        ledger.ask(verb, target, why, without)


_ACTIONS: dict[str, Callable[[Ledger, Kubectl, Target], None]] = {
    "apply": _apply,
    "create": _create,
    "delete": _delete,
    "diff": _diff,
    "replace": _replace,
    "rollout restart": _restart,
    "rollout status": _rollout_status,
    "scale": _scale,
    "set": _set,
    "wait": _wait,
}
