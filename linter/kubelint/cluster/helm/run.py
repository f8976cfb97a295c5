"""One run of Helm by a known version, and the parts of it that several actions share: storage, applying, deleting.

Follows Helm 3.21 and 4.2: `pkg/storage/driver`, `pkg/storage/storage.go: removeLeastRecent`, `pkg/action/validate.go`,
`pkg/kube/client.go`. Discovery (`/version`, `/apis`, `/openapi`) is left out, which every authenticated user may do; so
is what templates `lookup`. No version ever reads events.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kubelint.cluster.helm.commands import Helm, Wait
from kubelint.cluster.helm.ledger import Ledger
from kubelint.cluster.helm.need import Occasion, Without
from kubelint.cluster.helm.resources import CONFIG_MAPS, NAMESPACES, PODS, SECRETS
from kubelint.cluster.helm.targets import Target, Targets
from kubelint.cluster.templates import has_template

_DRIVERS = {"secret": SECRETS, "configmap": CONFIG_MAPS}


@dataclass(slots=True)
class Run:
    """A Helm command, the version that runs it, and what it is given."""

    command: Helm
    version: int
    targets: Targets
    namespace: str
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def server_side(self) -> bool:
        """Whether objects are applied on the server. Replacing them and that exclude each other."""
        if self.version == 3 or self.command.server_side is False:
            return False
        return self.command.server_side is True or not self.command.force

    @property
    def wait(self) -> Wait:
        """How it waits: `--atomic` waits too."""
        command = self.command
        if command.wait is Wait.NONE and (command.by_flux or not command.atomic):
            return Wait.NONE
        if self.version == 3 or command.wait is Wait.LEGACY:
            return Wait.LEGACY
        return Wait.DEFAULT

    @property
    def polls_as_helm_3(self) -> bool:
        """Whether it waits for objects and hooks as Helm 3 does."""
        return self.version == 3 or self.command.wait is Wait.LEGACY


def store(run: Run, verb: str, why: str, without: Without = Without.REFUSED, occasion: Occasion | None = None) -> None:
    """A request about the object that keeps a release."""
    resource = _DRIVERS.get(run.command.driver)
    if resource is not None:
        namespace = run.command.storage_namespace or run.namespace
        unknown = not namespace or has_template(namespace)
        target = Target(resource, namespace, nowhere="the namespace of the release is not known" if unknown else "")
        run.ledger.ask(verb, target, why, without, occasion or Occasion.ALWAYS, named=False)


def prune_revisions(run: Run) -> None:
    """Old revisions are read and deleted before the new one is stored."""
    for verb in ("get", "delete"):
        store(run, verb, "Helm removes the oldest revisions of the release", occasion=Occasion.OLD_REVISIONS)


def create(run: Run, target: Target, why: str, occasion: Occasion = Occasion.ALWAYS) -> None:
    """An object is made: by POST, or by server-side apply, which the server checks as `patch` and then as `create`."""
    if run.server_side:
        run.ledger.ask("patch", target, why)
    run.ledger.ask("create", target, why, occasion=occasion, named=run.server_side)


def install_objects(run: Run) -> None:
    """Every object is looked for, and created."""
    for target in run.targets.objects:
        run.ledger.ask("get", target, "Helm looks whether each object of the chart exists already")
    for target in run.targets.objects:
        create(run, target, "Helm creates each object of the chart")
        if run.command.take_ownership and not run.server_side:
            _change(run, target, "Helm takes over objects that exist already", Occasion.THERE)


def update_objects(run: Run) -> None:
    """Every object is read and changed, or created if it is new; what left the chart is deleted."""
    for target in run.targets.objects:
        run.ledger.ask("get", target, "Helm reads each object before it changes it")
        if run.server_side:
            create(run, target, "Helm applies each object of the chart", Occasion.ADDED)
        else:
            _change(run, target, "Helm changes each object of the chart", Occasion.ALWAYS)
            create(run, target, "Helm creates what is new in the chart", Occasion.ADDED)
    without = Without.DEGRADED if run.version == 3 else Without.REFUSED
    for target in run.targets.objects:
        if not target.kept:
            run.ledger.ask("delete", target, "Helm deletes what has left the chart", without, Occasion.REMOVED)


def _change(run: Run, target: Target, why: str, occasion: Occasion) -> None:
    run.ledger.ask("update" if run.command.force else "patch", target, why, occasion=occasion)


def deleted(run: Run) -> list[Target]:
    """The objects that an uninstall deletes."""
    return [target for target in run.targets.objects if not target.kept]


def delete_objects(run: Run, targets: Iterable[Target], why: str) -> None:
    """Objects are deleted by their names."""
    for target in targets:
        run.ledger.ask("delete", target, why)


def create_namespace(run: Run) -> None:
    """`--create-namespace` asks for it whether the namespace exists or not."""
    known = run.namespace and not has_template(run.namespace)
    nowhere = "" if known or run.version == 3 else "the namespace of the release is not known"
    create(run, Target(NAMESPACES, name=run.namespace, nowhere=nowhere), "Helm creates the namespace of the release")


def restart_pods(run: Run) -> None:
    """`rollback --recreate-pods` of Helm 3."""
    target = Target(PODS, run.namespace)
    run.ledger.ask_each("list delete", target, "Helm deletes the pods of what it rolled back")
