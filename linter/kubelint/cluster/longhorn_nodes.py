"""How far a node of Longhorn's is on its way out.

Source: longhorn-manager ``webhook/resources/node/validator.go`` (``Delete``: refused while ``spec.allowScheduling`` is
true, or replicas are left) and ``scheduler/replica_scheduler.go``.
"""

from __future__ import annotations

from enum import Enum

from kubelint.cluster.plain import as_mapping


class State(Enum):
    """What Longhorn does with the disks of a node."""

    OFFERED = "replicas are placed there"
    HELD = "no replica is placed there, and those that are there stay"
    LEAVING = "its replicas move away"
    UNKNOWN = "template text decides"


def state_of(obj: object) -> State:
    """The state of a Longhorn ``Node``. What its ``spec`` leaves out is false."""
    spec = as_mapping(as_mapping(obj).get("spec"))
    allowed, evicted = spec.get("allowScheduling", False), spec.get("evictionRequested", False)
    if allowed is True:
        return State.OFFERED
    if isinstance(allowed, str) or isinstance(evicted, str):
        return State.UNKNOWN
    if evicted is True:
        return State.LEAVING
    return State.OFFERED if offered_disks(obj) else State.HELD


def offered_disks(obj: object) -> list[str]:
    """The disks of a Longhorn ``Node`` that replicas may be placed on, by their ids."""
    disks = as_mapping(as_mapping(as_mapping(obj).get("spec")).get("disks"))
    return [str(key) for key, disk in disks.items() if _offers(disk)]


def _offers(disk: object) -> bool:
    entry = as_mapping(disk)
    return entry.get("allowScheduling") is True and entry.get("evictionRequested") is not True
