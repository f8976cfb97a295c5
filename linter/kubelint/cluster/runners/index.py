"""Many pools asked for many jobs: pools by the labels that they have, so that no job is held against every pool.

The answers are those of `matching`, which follows GitHub's documentation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property, reduce
from typing import NamedTuple

from kubelint.cluster.runners.matching import in_group
from kubelint.cluster.runners.pool import RunnerPool
from kubelint.cluster.runners.wildcards import literal_prefix, may_become
from kubelint.cluster.verdicts import Verdict

Positions = frozenset[int]
"""Pools by their positions in the sequence that the index is of."""


class Carriers(NamedTuple):
    """The pools that surely have something, and those of which it is not known."""

    surely: Positions
    perhaps: Positions


class PoolIndex:
    """Runner pools by label and group."""

    def __init__(self, pools: Sequence[RunnerPool]) -> None:
        self._pools = pools
        self._all = frozenset(range(len(pools)))
        self._carriers: dict[str, Carriers] = {}
        self._members: dict[str, Carriers] = {}
        self._nearest: dict[frozenset[str], int | None] = {}

    def carriers(self, label: str) -> Carriers:
        """The pools whose runners carry `label` on GitHub (`registered`)."""
        wanted = label.lower()
        if wanted not in self._carriers:
            surely = self._known.get(wanted, frozenset())
            perhaps = self._open.union(self._possible.get(wanted, ()), self._becoming(wanted))
            self._carriers[wanted] = Carriers(surely, perhaps - surely)
        return self._carriers[wanted]

    def takers(self, labels: Iterable[str], group: str | None = None) -> Carriers:
        """The pools that GitHub gives a job with these labels (and group) to (`serves`)."""
        asked = [self.carriers(label) for label in {label.lower() for label in labels}]
        asked += [] if group is None else [self._in_group(group)]
        surely = _common((one.surely for one in asked), self._all)
        at_most = _common((one.surely | one.perhaps for one in asked), self._all)
        return Carriers(surely, at_most - surely)

    def nearest(self, labels: Iterable[str]) -> int | None:
        """The position of the pool that lacks fewest of the labels and certainly has most; the first of equals.

        None without any pool. Labels that no pool may have set none apart.
        """
        telling = frozenset(label.lower() for label in labels if any(self.carriers(label)))
        if telling not in self._nearest:
            self._nearest[telling] = self._nearest_by(telling)
        return self._nearest[telling]

    def _nearest_by(self, labels: Collection[str]) -> int | None:
        has: Counter[int] = Counter()
        may_have: Counter[int] = Counter()
        for label in labels:
            has.update(self.carriers(label).surely)
            may_have.update(self.carriers(label).perhaps)
        ranked = (has.keys() | may_have.keys()) or (self._all and {0})
        return min(ranked, key=lambda each: (-has[each] - may_have[each], -has[each], each), default=None)

    def _in_group(self, group: str) -> Carriers:
        """The pools in a group, worked out once for each name that pools write."""
        if group not in self._members:
            found: dict[Verdict, set[int]] = {verdict: set() for verdict in Verdict}
            for positions in self._groups.values():
                found[in_group(self._pools[positions[0]], group)].update(positions)
            self._members[group] = Carriers(frozenset(found[Verdict.YES]), frozenset(found[Verdict.UNKNOWN]))
        return self._members[group]

    def _becoming(self, wanted: str) -> set[int]:
        """The pools one of whose templates may become `wanted`: only those that start alike are looked at."""
        starts = (wanted[:length] for length in range(len(wanted) + 1))
        texts = (text for start in starts for text in self._templates.get(start, ()))
        return {position for text in texts if may_become(text, wanted) for position in self._template_owners[text]}

    @cached_property
    def _open(self) -> Positions:
        return frozenset(position for position, pool in enumerate(self._pools) if pool.open)

    @cached_property
    def _known(self) -> dict[str, Positions]:
        return _positions(pool.known for pool in self._pools)

    @cached_property
    def _possible(self) -> dict[str, Positions]:
        return _positions(pool.possible for pool in self._pools)

    @cached_property
    def _template_owners(self) -> dict[str, Positions]:
        return _positions(pool.templates for pool in self._pools)

    @cached_property
    def _templates(self) -> dict[str, list[str]]:
        """The template texts by what they start with."""
        found: dict[str, list[str]] = {}
        for text in self._template_owners:
            found.setdefault(literal_prefix(text), []).append(text)
        return found

    @cached_property
    def _groups(self) -> dict[str | None, list[int]]:
        found: dict[str | None, list[int]] = {}
        for position, pool in enumerate(self._pools):
            found.setdefault(pool.group, []).append(position)
        return found


def _positions(held: Iterable[Iterable[str]]) -> dict[str, Positions]:
    """Where each text is held."""
    found: dict[str, set[int]] = {}
    for position, texts in enumerate(held):
        for text in texts:
            found.setdefault(text, set()).add(position)
    return {text: frozenset(positions) for text, positions in found.items()}


def _common(sets: Iterable[Positions], everything: Positions) -> Positions:
    """What is in all of the sets, the smallest looked at first."""
    found = sorted(sets, key=len)
    return reduce(frozenset.intersection, found[1:], found[0]) if found else everything
