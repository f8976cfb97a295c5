"""What each of Helm's actions asks of the API server, in its order.

Follows `pkg/action/install.go`, `upgrade.go`, `rollback.go`, `uninstall.go`, `release_testing.go` of Helm 3.21 and 4.2.
"""

from __future__ import annotations

from collections.abc import Callable

from kubelint.cluster.helm.commands import Helm, Wait
from kubelint.cluster.helm.hooks import TEST_EVENTS, print_test_logs, run_hooks
from kubelint.cluster.helm.need import Need, Occasion, Without
from kubelint.cluster.helm.run import (
    Run,
    create,
    create_namespace,
    delete_objects,
    deleted,
    install_objects,
    prune_revisions,
    restart_pods,
    store,
    update_objects,
)
from kubelint.cluster.helm.targets import Targets
from kubelint.cluster.helm.waiting import wait_for, wait_for_deletion

_HISTORY = "Helm finds the revisions of a release by listing them"
_NEW = "Helm stores the new revision of the release"
_RESULT = "Helm stores how the release went; until it does, the next command finds an operation in progress"


def run_helm(command: Helm, version: int, targets: Targets, namespace: str) -> list[Need]:
    """The needs of the command as that version of Helm runs it."""
    run = Run(command, version, targets, namespace)
    if command.dry_run == "server":
        _look(run)
    elif not command.dry_run:
        _ACTIONS[command.action](run)
    return run.ledger.settled()


def _look(run: Run) -> None:
    """A dry run that asks the cluster."""
    command = run.command
    if command.action != "install":
        store(run, "list", _HISTORY)
    if command.action == "rollback":
        store(run, "get", "Helm reads the revision that it goes back to")
    if command.action in ("install", "upgrade"):
        fresh = command.action == "install"
        for target in run.targets.objects:
            occasion = Occasion.ALWAYS if fresh else Occasion.NOT_THERE if command.install else Occasion.ADDED
            run.ledger.ask("get", target, "Helm looks whether each object exists already", occasion=occasion)


def _install(run: Run) -> None:
    if run.command.action == "install":
        store(run, "list", "Helm looks whether the name is in use, and goes on if it can't", Without.DEGRADED)
    if not run.command.skip_crds:
        _install_crds(run)
    if run.command.create_namespace:
        create_namespace(run)
    store(run, "create", _NEW)
    run_hooks(run, "pre-install")
    install_objects(run)
    wait_for(run, run.targets.objects)
    run_hooks(run, "post-install")
    store(run, "update", _RESULT, Without.DEGRADED)
    if run.command.atomic:
        _on_failure(run, _uninstall)


def _install_crds(run: Run) -> None:
    for crd in run.targets.crds:
        create(run, crd, "Helm creates what is in `crds/`, whether it exists already or not")
    if run.version == 3:
        for crd in run.targets.crds:
            run.ledger.ask("get", crd, "Helm polls the CRDs until they are served")
    else:
        wait_for(run, run.targets.crds)


def _upgrade(run: Run) -> None:
    store(run, "list", _HISTORY)
    if run.command.install:
        run.ledger.occasion = Occasion.NOT_THERE
        _install(run)
        run.ledger.occasion = Occasion.THERE
    prune_revisions(run)
    store(run, "create", _NEW)
    run_hooks(run, "pre-upgrade")
    update_objects(run)
    wait_for(run, run.targets.objects)
    run_hooks(run, "post-upgrade")
    store(run, "update", _RESULT)
    if run.command.cleanup_on_fail or run.command.atomic:
        _on_failure(run, _undo)


def _undo(run: Run) -> None:
    if run.command.cleanup_on_fail:
        delete_objects(run, run.targets.objects, "Helm deletes what a failed upgrade has created")
    if run.command.atomic:
        _rollback(run)


def _rollback(run: Run) -> None:
    store(run, "list", _HISTORY)
    store(run, "get", "Helm reads the revision that it goes back to")
    prune_revisions(run)
    store(run, "create", _NEW)
    run_hooks(run, "pre-rollback")
    update_objects(run)
    if run.command.recreate_pods and run.version == 3:
        restart_pods(run)
    wait_for(run, run.targets.objects)
    run_hooks(run, "post-rollback")
    store(run, "update", _RESULT)


def _uninstall(run: Run) -> None:
    store(run, "list", _HISTORY)
    run_hooks(run, "pre-delete")
    store(run, "update", "Helm notes that the release is being removed", Without.DEGRADED)
    gone = deleted(run)
    delete_objects(run, gone, "Helm deletes each object of the release")
    if run.wait is not Wait.NONE:
        wait_for_deletion(run, gone)
    run_hooks(run, "post-delete")
    if not run.command.keep_history:
        for verb in ("get", "delete"):
            store(run, verb, "Helm removes every revision of the release")


def _test(run: Run) -> None:
    store(run, "list", _HISTORY)
    run_hooks(run, *TEST_EVENTS)
    store(run, "update", "Helm stores how the tests went")
    if run.command.logs:
        print_test_logs(run)


def _on_failure(run: Run, action: Callable[[Run], None]) -> None:
    before, run.ledger.occasion = run.ledger.occasion, Occasion.FAILURE
    action(run)
    run.ledger.occasion = before


_ACTIONS: dict[str, Callable[[Run], None]] = {
    "install": _install,
    "upgrade": _upgrade,
    "rollback": _rollback,
    "uninstall": _uninstall,
    "test": _test,
}
