"""Which members of a control plane a play takes away together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.cluster.batches import batches
from kubelint.manifests.hosts.ansible_inventory import AnsibleInventory
from kubelint.manifests.hosts.ansible_nodes import AnsibleNodes
from kubelint.manifests.hosts.ansible_plays import Play
from kubelint.manifests.hosts.conditions import hosts_of
from kubelint.manifests.hosts.host_patterns import match_hosts
from kubelint.manifests.hosts.interruptions import Interruption, read_interruptions
from kubelint.manifests.hosts.tasks import Task


class Outage(NamedTuple):
    """An interruption of several members at once: those that it takes away together, at most."""

    interruption: Interruption
    hosts: tuple[str, ...]


def read_outages(play: Play, nodes: AnsibleNodes) -> Iterator[Outage]:
    """What a play interrupts on two or more members of a control plane at once."""
    patterns = play.patterns
    if patterns is None or play.root.get("connection").text == "local":
        return
    hosts = match_hosts(nodes.inventory, patterns) or []
    members = set(nodes.members)
    if len(members.intersection(hosts)) < 2:
        return
    order = play.root.get("order").text or "inventory"
    parts = batches(play.root.get("serial").value, hosts)
    if parts is None or (len(parts) > 1 and order != "inventory"):
        return
    for interruption in read_interruptions(play.tasks):
        reached = members.intersection(_reached(interruption.task, play, hosts, nodes.inventory))
        together = [[host for host in part if host in reached] for part in parts]
        largest = _throttled(interruption.task, max(together, key=len, default=[]))
        if len(largest) > 1:
            yield Outage(interruption, tuple(largest))


def _throttled(task: Task, hosts: list[str]) -> list[str]:
    throttle = task.keyword("throttle")
    if not throttle.exists or throttle.integer == 0:
        return hosts
    number = throttle.integer if throttle.integer is not None else _number(throttle.text)
    return hosts[:number] if number else []


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _reached(task: Task, play: Play, hosts: list[str], inventory: AnsibleInventory) -> list[str]:
    """The hosts of the play on which a task runs; a handler runs where some task notifies it."""
    if task.section != "handlers":
        return hosts_of(task, hosts, inventory)
    names = {task.name, *task.keyword("listen").strings()} - {None}
    told: set[str] = set()
    for other in play.tasks:
        if not names.isdisjoint(other.keyword("notify").strings()):
            told.update(hosts_of(other, hosts, inventory))
    return [host for host in hosts_of(task, hosts, inventory) if host in told]
