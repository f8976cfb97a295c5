"""What a deployer is refused in one namespace, put together for one finding and said in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kubelint.checks import Severity, named
from kubelint.cluster.helm import Helm, Kubectl, Need, Occasion, Without
from kubelint.cluster.rbac import Request
from kubelint.manifests.deployers import KnownRun
from kubelint.manifests.shell.passages import Place

_SHOWN = 3
_CREATE_FIRST = frozenset({Occasion.NOT_THERE})
_EVER = frozenset({Occasion.NOT_THERE, Occasion.THERE})


@dataclass(frozen=True)
class Shortfall:
    """The needs of a run that are refused in one namespace, which is empty for the whole cluster."""

    known: KnownRun
    namespace: str
    needs: list[Need]

    @property
    def severity(self) -> Severity:
        """Milder where the deployer may get along for long: it creates and deletes more seldom than it changes."""
        seldom = all(need.occasion.rare for need in self.needs)
        first = {need.occasion for need in self.needs} == _CREATE_FIRST
        return Severity.WARNING if seldom or first else severity_of(self.known)

    @property
    def verbs(self) -> str:
        """The verbs that are refused."""
        return named(dict.fromkeys(need.request.verb for need in self.needs))

    @property
    def resources(self) -> str:
        """The resources that they are refused on, the first few by name."""
        titles = list(dict.fromkeys(_title(need.request) for need in self.needs))
        more = len(titles) - _SHOWN
        return f"{', '.join(f'`{title}`' for title in titles[:_SHOWN])} and {more} more" if more > 0 else named(titles)

    @property
    def effect(self) -> str:
        """What becomes of the command, and when."""
        occasions = {need.occasion for need in self.needs}
        undone = all(need.without is Without.DEGRADED for need in self.needs)
        effect = "leaves something undone" if undone else "is refused"
        if Occasion.ALWAYS in occasions or occasions >= _EVER:
            return effect
        return f"{effect} {occasions.pop().value}" if len(occasions) == 1 else f"{effect} sooner or later"


class Shortfalls:
    """Gathers what is refused, each thing once for an account, however many of its commands ask for it."""

    def __init__(self) -> None:
        self._said: set[tuple[object, ...]] = set()

    def of(self, known: KnownRun, found: Iterable[Need]) -> Iterator[Shortfall]:
        """What is refused and has not been said of the account before, by namespaces."""
        places: dict[str, list[Need]] = {}
        for need in found:
            places.setdefault(need.request.namespace, []).append(need)
        for namespace, needs in places.items():
            fresh = [need for need in needs if self._key(known, need) not in self._said]
            self._said.update(self._key(known, need) for need in fresh)
            if fresh:
                yield Shortfall(known, namespace, fresh)

    def _key(self, known: KnownRun, need: Need) -> tuple[object, ...]:
        return known.run.scope, known.identity, replace(need.request, name="")


def severity_of(known: KnownRun) -> Severity:
    """An error, or a warning where the configuration alone says who deploys."""
    return Severity.WARNING if known.declared else Severity.ERROR


def command_of(known: KnownRun) -> str:
    """The command as people call it."""
    command = known.run.command
    if isinstance(command, Helm):
        return f"helm {command.action}"
    return f"kubectl {command.action}" if isinstance(command, Kubectl) else "the sync"


def _title(request: Request) -> str:
    plural = f"{request.resource}/{request.subresource}" if request.subresource else request.resource
    return f"{plural}.{request.api_group}" if request.api_group else plural


def place_of(known: KnownRun) -> Place:
    """Where the command is written; of a run that is known it always is."""
    return known.run.at if known.run.at is not None else known.run.who.chain[0].at
