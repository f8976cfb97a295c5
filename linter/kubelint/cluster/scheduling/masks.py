"""Sets of nodes as bits of an integer, so that a thousand nodes are compared at once."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubelint.cluster.scheduling.requirements import integer, is_template


class Mask(NamedTuple):
    """Nodes by their numbers: those that ``surely`` are meant, and those that ``maybe`` are, the sure ones included."""

    surely: int
    maybe: int

    def __and__(self, other: Mask) -> Mask:
        return Mask(self.surely & other.surely, self.maybe & other.maybe)

    def __or__(self, other: Mask) -> Mask:
        return Mask(self.surely | other.surely, self.maybe | other.maybe)

    def among(self, every: int) -> Mask:
        """The nodes of ``every`` that this mask leaves out."""
        return Mask(every & ~self.maybe, every & ~self.surely)


NONE = Mask(0, 0)


def numbers_of(mask: int) -> Iterator[int]:
    """The numbers of the nodes in a mask, ascending."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


class LabelIndex:
    """Which nodes carry one label, by its value."""

    def __init__(self) -> None:
        self.by_value: dict[str, int] = {}
        self.held = 0
        """The nodes that carry it."""
        self.vague = 0
        """Those of them whose value is unknown."""
        self._sums: tuple[list[int], list[int]] | None = None

    def add(self, value: str | None, bit: int) -> None:
        """Note that a node carries the label; None for a value that is unknown."""
        self.held |= bit
        if value is None or is_template(value):
            self.vague |= bit
        else:
            self.by_value[value] = self.by_value.get(value, 0) | bit

    def within(self, values: Iterable[str]) -> Mask:
        """The nodes whose value is one of ``values``, template text standing for any."""
        surely, maybe = 0, self.vague
        for value in values:
            if is_template(value):
                maybe = self.held
            else:
                surely |= self.by_value.get(value, 0)
        return Mask(surely, maybe | surely)

    def below(self, limit: int) -> int:
        """The nodes whose value is an integer less than ``limit``."""
        numbers, sums = self._ordered()
        return sums[bisect_left(numbers, limit)]

    def above(self, limit: int) -> int:
        """The nodes whose value is an integer greater than ``limit``."""
        numbers, sums = self._ordered()
        return sums[-1] & ~sums[bisect_right(numbers, limit)]

    def _ordered(self) -> tuple[list[int], list[int]]:
        """The values that are integers, ascending, and for each place which nodes have one before it."""
        if self._sums is None:
            found = sorted(
                (number, mask) for text, mask in self.by_value.items() if (number := integer(text)) is not None
            )
            sums = [0]
            for _, mask in found:
                sums.append(sums[-1] | mask)
            self._sums = [number for number, _ in found], sums
        return self._sums


NOWHERE = LabelIndex()
