"""What hooks take, which Helm runs and waits for with `--wait` and without.

Follows `pkg/action/hooks.go` (execHook, deleteHookByPolicy, outputLogsByPolicy), Helm 3 `pkg/kube/client.go:
watchUntilReady`, Helm 4 `pkg/kube/statuswait.go: WatchUntilReady`.
"""

from __future__ import annotations

from kubelint.cluster.helm.need import Occasion, Without
from kubelint.cluster.helm.resources import PODS
from kubelint.cluster.helm.run import Run, create
from kubelint.cluster.helm.targets import BEFORE_CREATION, Hook, Target
from kubelint.cluster.helm.waiting import wait_for_deletion

TEST_EVENTS = frozenset({"test", "test-success"})


def run_hooks(run: Run, *events: str) -> None:
    """The hooks of the events, unless `--no-hooks` is given."""
    for hook in run.targets.hooks if run.command.hooks else ():
        if not hook.events.isdisjoint(events):
            _run_hook(run, hook)


def _run_hook(run: Run, hook: Hook) -> None:
    if BEFORE_CREATION in hook.deletes:
        run.ledger.ask("delete", hook.target, "Helm deletes a hook before it creates it, the first time too")
        wait_for_deletion(run, [hook.target])
    create(run, hook.target, "Helm creates its hooks")
    _wait_until_done(run, hook.target)
    if hook.shows_logs:
        _show_logs(run, hook.target)
    if "hook-succeeded" in hook.deletes:
        run.ledger.ask("delete", hook.target, "Helm deletes a hook that has succeeded")
        wait_for_deletion(run, [hook.target])
    if "hook-failed" in hook.deletes:
        run.ledger.ask("delete", hook.target, "Helm deletes a hook that has failed", occasion=Occasion.FAILURE)


def _wait_until_done(run: Run, target: Target) -> None:
    if run.command.by_flux and not run.polls_as_helm_3:
        run.ledger.ask("get", target, "Flux polls its hooks until they are done")
    elif not run.polls_as_helm_3:
        run.ledger.ask_each("list watch", target, "Helm 4 watches every hook until it is done")
    elif target.kind in ("Job", "Pod") and target.resource.group in ("", "batch"):
        # Watching is tried again and again, whatever the answer; only this one asks for the object by its name.
        without = Without.HANGS_FOR_EVER if run.command.endless else Without.HANGS_UNTIL_TIMEOUT
        for verb in ("list", "watch"):
            run.ledger.ask(verb, target, f"Helm watches a hook that is a {target.kind} until it is done", without)


def _show_logs(run: Run, target: Target) -> None:
    pods = Target(PODS, target.namespace, position=target.position, nowhere=target.nowhere)
    why = "Helm prints the logs of the hook"
    run.ledger.ask("list", pods, why, Without.DEGRADED, named=False)
    run.ledger.ask("get", pods, why, Without.DEGRADED, named=False, subresource="log")


def print_test_logs(run: Run) -> None:
    """`helm test --logs` reads the logs of each test by its name."""
    for hook in run.targets.hooks:
        if not hook.events.isdisjoint(TEST_EVENTS) and hook.target.kind == "Pod":
            run.ledger.ask("get", hook.target, "Helm prints the logs of its tests", subresource="log")
