"""Which members of a control plane are reached otherwise than before a change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubelint.manifests import same_cluster
from kubelint.manifests.hosts.addresses import Kind, Trait
from kubelint.manifests.hosts.control_planes import ControlPlane, Member
from kubelint.manifests.hosts.names import is_address, short_name

KINDS: tuple[Kind, ...] = ("address", "login", "VLAN", "interface", "subnet", "virtual", "endpoint")
_OWN = frozenset({"address", "login"})


class Move(NamedTuple):
    """That `member` is reached otherwise: values that are gone, and the first of those in their place."""

    member: str
    kind: Kind
    old: tuple[str, ...]
    new: Trait


class MovedPlane(NamedTuple):
    """A control plane as it is now, and the moves of its members: for each that moved at least one."""

    plane: ControlPlane
    moves: tuple[Move, ...]

    @property
    def names(self) -> list[str]:
        """The members that moved."""
        return list(dict.fromkeys(move.member for move in self.moves))


def moved_planes(before: Iterable[ControlPlane], now: Iterable[ControlPlane]) -> Iterator[MovedPlane]:
    """Each control plane of which two members or more moved, from the source that is read first."""
    known: list[MovedPlane] = []
    for then, plane in _matched(list(before), list(now)):
        moved = MovedPlane(plane, tuple(_moves(then, plane)))
        if len(moved.names) > 1 and not any(_same(moved, other) for other in known):
            known.append(moved)
            yield moved


def _same(one: MovedPlane, other: MovedPlane) -> bool:
    """Whether two sources of different kinds speak of one cluster: both say the same of two of its members."""
    first, second = ({(short_name(move.member), move.new.value) for move in moved.moves} for moved in (one, other))
    differ = one.plane.origin != other.plane.origin
    return differ and len(first & second) > 1 and same_cluster(one.plane.scope, other.plane.scope)


def _matched(before: list[ControlPlane], now: list[ControlPlane]) -> Iterator[tuple[ControlPlane, ControlPlane]]:
    """The control planes that were there before: those of the same source, or else of the same members."""
    by_source = {(plane.origin, plane.source): plane for plane in before}
    taken = {(plane.origin, plane.source) for plane in now}
    rest = [plane for key, plane in by_source.items() if key not in taken]
    for plane in now:
        then = by_source.get((plane.origin, plane.source)) or _most_alike(plane, rest)
        if then is not None:
            yield then, plane


def _most_alike(plane: ControlPlane, candidates: list[ControlPlane]) -> ControlPlane | None:
    """The one that shares most members with `plane`, two at least; None where several share as many."""
    names = {member.name for member in plane.members}
    shared = {
        number: len(names & {member.name for member in candidate.members})
        for number, candidate in enumerate(candidates)
        if candidate.origin == plane.origin
    }
    most = max(shared.values(), default=0)
    best = [number for number, count in shared.items() if count == most]
    return candidates[best[0]] if most > 1 and len(best) == 1 else None


def _moves(before: ControlPlane, now: ControlPlane) -> Iterator[Move]:
    then_shared, now_shared = _shared(before.members), _shared(now.members)
    for then, member in _pairs(before.members, now.members):
        old = [trait for trait in then.traits if (trait.kind, trait.value) not in then_shared]
        new = [trait for trait in member.traits if (trait.kind, trait.value) not in now_shared]
        kinds = _compared(old, new)
        for kind in kinds:
            move = _move(member.name, kind, old, new)
            if move is not None:
                yield move


def _shared(members: Iterable[Member]) -> set[tuple[Kind, str | None]]:
    """The addresses that several members have: none of them is one's own."""
    own = Counter(key for member in members for key in {(t.kind, t.value) for t in member.traits if t.kind in _OWN})
    return {(kind, value) for (kind, value), number in own.items() if number > 1 and value is not None}


def _compared(old: list[Trait], new: list[Trait]) -> tuple[Kind, ...]:
    """What to compare: the address for logins tells something only where that in the cluster is not known."""
    known = [any(t.kind == "address" and t.value is not None for t in traits) for traits in (old, new)]
    return tuple(kind for kind in KINDS if kind != "login" or not all(known))


def _move(member: str, kind: Kind, old: list[Trait], new: list[Trait]) -> Move | None:
    """The move of one kind: something is gone and something else is there, and what is unknown is so in both."""
    then, here = ([trait for trait in traits if trait.kind == kind] for traits in (old, new))
    unknown = [len({trait.at for trait in traits if trait.value is None}) for traits in (then, here)]
    values = {trait.value for trait in then}
    lost = tuple(dict.fromkeys(t.value for t in then if t.value is not None and t.value not in {h.value for h in here}))
    gained = [trait for trait in here if trait.value is not None and trait.value not in values]
    return Move(member, kind, lost, gained[0]) if lost and gained and unknown[0] == unknown[1] else None


def _pairs(before: tuple[Member, ...], now: tuple[Member, ...]) -> Iterator[tuple[Member, Member]]:
    """The members that were there before: of the same name or, where one is written in full, its first part.

    Members that are called by their addresses have no other name: as many as there were are the same in their order.
    """
    old, rest = {member.name: member for member in before}, []
    for member in now:
        if member.name in old:
            yield old.pop(member.name), member
        else:
            rest.append(member)
    left = list(old.values())
    named = [member for member in rest if not is_address(member.name)]
    short = {_only(left, member.name): member for member in named if _only(named, member.name) is member}
    yield from ((then, member) for then, member in short.items() if then is not None)
    numbers = [[member for member in members if is_address(member.name)] for members in (left, rest)]
    if len(before) == len(now) and len(numbers[0]) == len(numbers[1]):
        yield from zip(*numbers, strict=True)


def _only(members: list[Member], name: str) -> Member | None:
    """The one of `members` whose name has the same first part."""
    found = [m for m in members if not is_address(m.name) and short_name(m.name) == short_name(name)]
    return found[0] if len(found) == 1 else None
