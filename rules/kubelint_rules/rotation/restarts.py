"""Whether a workload gets to know that a Secret changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.cluster.reloader import is_switched_off, reloads, restart_targets, restarts_otherwise
from kubelint.manifests import Project
from kubelint.manifests.secret_sources import SecretSource, secret_sources
from kubelint_rules.rotation.consumers import Consumer, Use, consumers
from kubelint_rules.rotation.reloaders import are_annotated_later, reloaders


class Missed(NamedTuple):
    """A Secret that a workload reads once and is not restarted for. `sources` are all that may be meant."""

    consumer: Consumer
    use: Use
    sources: tuple[SecretSource, ...]

    @property
    def rotating(self) -> SecretSource | None:
        """What changes the Secret while its users run on; None if nothing in the tree does."""
        return next((source for source in self.sources if source.rotates and not source.immutable), None)


def missed(project: Project) -> Iterator[Missed]:
    """What workloads miss, each Secret of each once; silent wherever something else may restart them."""
    if are_annotated_later(project):
        return
    for consumer in consumers(project):
        if consumer.open or restarts_otherwise(consumer.workload, consumer.pod):
            continue
        uses: dict[str, Use] = {}
        for use in consumer.uses:
            if use.secret not in uses or use.way != "subPath":
                uses.setdefault(use.secret, use)
        for name, use in uses.items():
            found = secret_sources(project, name, consumer.scope, consumer.namespaces)
            sources = tuple(each for each in found if consumer.may_read(each))
            if not _is_restarted(consumer, name, sources):
                yield Missed(consumer, use, sources)


def _is_restarted(consumer: Consumer, name: str, sources: tuple[SecretSource, ...]) -> bool:
    """Whether a change of the Secret may restart the workload, or somebody decided that it must not."""
    annotations = sources[0].annotations if sources else None
    if is_switched_off(consumer.workload, consumer.pod, name, annotations):
        return True
    if reloads(consumer.workload, consumer.pod, name, annotations) is not False:
        return True
    if any(source.hashed for source in sources):
        return True
    for source in sources:
        targets = restart_targets(source.obj.root.value) if source.obj is not None else frozenset()
        if targets and (consumer.own_name is None or (consumer.kind, consumer.own_name) in targets):
            return True
    return False


def is_by_annotation(project: Project, consumer: Consumer) -> bool | None:
    """Whether Reloader watches the workload's namespace and restarts what is annotated; None where it does more, or
    nobody knows, False where it does not run.
    """
    found = reloaders(project, consumer.scope)
    if not found:
        return False
    if not all(each.plain for each in found):
        return None
    watching = [each for each in found if each.namespace is None or each.namespace in consumer.namespaces]
    return True if watching else None
