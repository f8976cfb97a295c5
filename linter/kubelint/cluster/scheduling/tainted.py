"""Which nodes the taints leave to a pod, found from what the pod tolerates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubelint.cluster.scheduling.masks import Mask, numbers_of
from kubelint.cluster.scheduling.requirements import is_template
from kubelint.cluster.scheduling.taints import ANYTHING, Taint, Toleration, untolerated


class TaintIndex:
    """The nodes by their taints of some effects: nodes with the same taints are looked at once."""

    def __init__(self, taints: Sequence[Iterable[Taint]], effects: frozenset[str]) -> None:
        self.effects = effects
        self.every = (1 << len(taints)) - 1
        groups: dict[frozenset[Taint], int] = {}
        for number, carried in enumerate(taints):
            heeded = frozenset(taint for taint in carried if taint.effect in effects or is_template(taint.effect))
            groups[heeded] = groups.get(heeded, 0) | 1 << number
        self.open = groups.pop(frozenset(), 0)
        """The nodes without any."""
        self.groups = list(groups.items())
        self._by_key: dict[str, int] = {}
        self._by_taint: dict[tuple[str, str], int] = {}
        self._vague = 0
        self._note()
        self._known: dict[tuple[Toleration, ...], Mask] = {}

    def _note(self) -> None:
        """Index the groups, which are bits as well."""
        for number, (taints, _) in enumerate(self.groups):
            for taint in taints:
                key, value, _ = taint
                self._by_key[key] = self._by_key.get(key, 0) | 1 << number
                self._by_taint[key, value] = self._by_taint.get((key, value), 0) | 1 << number
                if any(map(is_template, taint)):
                    self._vague |= 1 << number

    def left(self, tolerations: tuple[Toleration, ...] | None) -> Mask:
        """The nodes that do not keep away a pod with these tolerations; None where they are unknown."""
        if tolerations is None:
            return Mask(self.open, self.every)
        if not self.groups or ANYTHING in tolerations:
            return Mask(self.every, self.every)
        if tolerations not in self._known:
            self._known[tolerations] = self._found(tolerations)
        return self._known[tolerations]

    def _found(self, tolerations: tuple[Toleration, ...]) -> Mask:
        surely = maybe = self.open
        for number in numbers_of(self._candidates(tolerations)):
            taints, nodes = self.groups[number]
            kept_away = [sure for _, sure in untolerated(tolerations, taints, self.effects)]
            surely |= 0 if kept_away else nodes
            maybe |= 0 if True in kept_away else nodes
        return Mask(surely, maybe)

    def _candidates(self, tolerations: tuple[Toleration, ...]) -> int:
        """The groups of which at least one taint may be tolerated, and those whose taints are not known."""
        found = self._vague
        for key, operator, value, _ in tolerations:
            if not key or any(map(is_template, (key, operator, value))):
                return (1 << len(self.groups)) - 1
            equal = operator in ("", "Equal")
            found |= self._by_taint.get((key, value), 0) if equal else self._by_key.get(key, 0)
        return found
