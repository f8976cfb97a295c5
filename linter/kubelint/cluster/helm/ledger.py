"""What one command asks for, in its order, each thing once; and what is left of that when the version is unknown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from kubelint.cluster.helm.need import Need, Occasion, Without
from kubelint.cluster.helm.targets import Target
from kubelint.cluster.rbac import Request

_Key: TypeAlias = tuple[Request, Without, str]


@dataclass(slots=True)
class Ledger:
    """Collects needs. While `occasion` is set everything that is asked always is asked on that occasion."""

    needs: list[Need] = field(default_factory=list)
    occasion: Occasion = Occasion.ALWAYS

    def ask(
        self,
        verb: str,
        target: Target,
        why: str,
        without: Without = Without.REFUSED,
        occasion: Occasion = Occasion.ALWAYS,
        *,
        named: bool = True,
        subresource: str = "",
    ) -> None:
        """Note one request about a target; `named` says whether it carries the target's name."""
        if self.occasion is Occasion.FAILURE:
            occasion, without = self.occasion, Without.DEGRADED
        elif occasion is Occasion.ALWAYS:
            occasion = self.occasion
        self.needs.append(
            Need(
                target.request(verb, named=named, subresource=subresource),
                why,
                without,
                occasion,
                about=() if target.position is None else (target.position,),
                unknown=target.unknown(named=named),
                any_name=not target.nowhere and bool(target.unknown(named=named)),
            )
        )

    def ask_each(self, verbs: str, target: Target, why: str, without: Without = Without.REFUSED) -> None:
        """Note several requests that carry no name."""
        for verb in verbs.split():
            self.ask(verb, target, why, without, named=False)

    def settled(self) -> list[Need]:
        """Each request once for each of its outcomes; what is asked in any case hides what is asked rarely."""
        usual = {need.request for need in self.needs if not need.occasion.rare}
        found: dict[_Key, Need] = {}
        about: dict[_Key, dict[int, None]] = {}
        for need in self.needs:
            if need.occasion.rare and need.request in usual:
                continue
            key = (need.request, need.without, need.unknown)
            found[key] = _joined(found[key], need) if key in found else need
            about.setdefault(key, {}).update(dict.fromkeys(need.about))
        return [replace(need, about=tuple(about[key])) for key, need in found.items()]


def _joined(one: Need, other: Need) -> Need:
    """The same request, asked twice: its reason is the first, its occasion the more usual."""
    if one.occasion is other.occasion:
        return one
    if one.occasion.rare or other.occasion.rare:
        return one if other.occasion.rare else other
    return replace(one, occasion=Occasion.ALWAYS)


def either(three: Iterable[Need], four: Iterable[Need]) -> list[Need]:
    """The needs of a command that Helm 3 or Helm 4 runs: once where they agree, else each with its version."""
    ours, theirs = list(three), {_identity(need): need for need in four}
    demands = _Demands(ours), _Demands(theirs.values())
    found = []
    for need in ours:
        same = theirs.pop(_identity(need), None)
        if same is not None:
            found.append(need)
        else:
            found.append(replace(need, helm=3, certain=demands[1].imply(need)))
    found += [replace(need, helm=4, certain=demands[0].imply(need)) for need in theirs.values()]
    return found


def _identity(need: Need) -> tuple[object, ...]:
    return need.request, need.without, need.occasion, need.unknown


class _Demands:
    """What a version asks for, to say whether whoever may do that may do something else too."""

    def __init__(self, needs: Iterable[Need]) -> None:
        self._usual: set[Request] = set()
        self._any: set[Request] = set()
        for need in needs:
            self._any.add(need.request)
            if not need.occasion.rare:
                self._usual.add(need.request)

    def imply(self, need: Need) -> bool:
        """Whether the request is asked for here too, or without its name, which takes a wider right."""
        asked = self._any if need.occasion.rare else self._usual
        request = need.request
        namespace = "" if request.resource == "namespaces" else request.namespace
        return request in asked or replace(request, name="", namespace=namespace) in asked
