"""Which members of a control plane a play takes away together."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, dirname
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
    if patterns is None:
        return
    hosts = match_hosts(nodes.inventory, patterns) or []
    members = set(nodes.members)
    if len(members.intersection(hosts)) < 2:
        return
    order = play.root.get("order").text or "inventory"
    parts = batches(play.serial, hosts)
    if parts is None or (len(parts) > 1 and order != "inventory"):
        return
    notified: dict[str, set[str]] | None = None
    for interruption in read_interruptions(play.tasks):
        task = interruption.task
        reached = hosts_of(task, hosts, nodes.inventory)
        if task.section == "handlers":
            notified = _notified(play, hosts, nodes.inventory) if notified is None else notified
            told = set().union(*(notified.get(name, ()) for name in _names(task)))
            reached = [host for host in reached if host in told]
        away = members.intersection(reached)
        together = [[host for host in part if host in away] for part in parts]
        largest = _throttled(task, max(together, key=len, default=[]))
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


def _notified(play: Play, hosts: list[str], inventory: AnsibleInventory) -> dict[str, set[str]]:
    """The hosts on which each name is notified: that of a handler, or one that handlers listen to."""
    found: dict[str, set[str]] = {}
    for task in play.tasks:
        names = task.keyword("notify").strings()
        reached = hosts_of(task, hosts, inventory) if names else []
        for name in names:
            found.setdefault(name, set()).update(reached)
    return found


def _names(handler: Task) -> list[str]:
    """What a handler is notified by: its name, also with its role's in front, and what it listens to."""
    topics = handler.keyword("listen").strings()
    if not handler.name:
        return topics
    folder, _, part = dirname(handler.file).rpartition("/")
    return [handler.name, *([f"{basename(folder)} : {handler.name}"] if part == "handlers" else []), *topics]
