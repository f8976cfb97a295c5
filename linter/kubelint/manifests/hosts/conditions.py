"""On which hosts a task runs, as far as its `when` says so by group, by name or by a variable of the inventory."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubelint.manifests.field import Field
from kubelint.manifests.hosts.ansible_inventory import AnsibleInventory
from kubelint.manifests.hosts.tasks import Task

_NAME = r"['\"](?P<name>[\w.-]+)['\"]"
_GROUP = r"groups(?:\[\s*['\"](?P<group>[\w.-]+)['\"]\s*\]|\.(?P<attribute>\w+))"
_IN_GROUP = re.compile(rf"{_NAME}\s+(?P<no>not\s+)?in\s+group_names")
_AMONG = re.compile(rf"inventory_hostname\s+(?P<no>not\s+)?in\s+{_GROUP}")
_NAMED = re.compile(rf"inventory_hostname\s*(?P<sign>==|!=)\s*(?:{_NAME}|{_GROUP}(?:\[0\]|\s*\|\s*first))")
_VARIABLE = re.compile(r"(?P<no>not\s+)?(?P<variable>[A-Za-z_]\w*)(?:\s*\|\s*bool|\s*\|\s*default\([^()]*\))*")
_SELECTS = re.compile(
    r"inventory_hostname|group_names|groups\b|play_hosts|ansible_play|ansible_host|primary|leader|first|init|master"
    r"|server|control|worker|agent|role|node_type",
    re.IGNORECASE,
)
_AND = re.compile(r"\s+and\s+")
_LONGEST = 2000


def hosts_of(task: Task, hosts: list[str], inventory: AnsibleInventory) -> list[str]:
    """Those of `hosts` on which a task may run at the same time; none where it chooses among them in another way.

    What else a condition asks, such as whether a reboot is due, may well be true of all hosts at once.
    """
    for condition in conditions(task):
        hosts = _kept(condition, hosts, inventory)
    return hosts


def conditions(task: Task) -> Iterator[object]:
    """All conditions of a task, those of its blocks, roles and includes among them."""
    for holder in (*task.outer, task.root):
        yield from _parts(holder.get("when"))


def _parts(when: Field) -> Iterator[object]:
    for item in when.value if isinstance(when.value, list) else [when.value] if when.exists else []:
        if isinstance(item, str) and len(item) <= _LONGEST and "(" not in item and " or " not in item:
            yield from _AND.split(item.strip())
        else:
            yield item


def _kept(condition: object, hosts: list[str], inventory: AnsibleInventory) -> list[str]:
    if isinstance(condition, bool) or condition is None:
        return hosts if condition is not False else []
    if not isinstance(condition, str) or len(condition) > _LONGEST:
        return []
    text = condition.strip()
    if text.lower() in ("true", "false"):
        return hosts if text.lower() == "true" else []
    chosen = _by_group(text, inventory)
    if chosen is not None:
        members, wanted = chosen
        return [host for host in hosts if (host in members) is wanted]
    variable = _VARIABLE.fullmatch(text)
    if variable is not None:
        return _by_variable(variable, hosts, inventory)
    return [] if _SELECTS.search(text) else hosts


def _by_group(text: str, inventory: AnsibleInventory) -> tuple[set[str], bool] | None:
    """The hosts that a condition names, and whether it is true of them or of the others; None for another one."""
    match = _IN_GROUP.fullmatch(text)
    if match is not None:
        return _members(match["name"], inventory), not match["no"]
    match = _AMONG.fullmatch(text)
    if match is not None:
        return _members(match["group"] or match["attribute"], inventory), not match["no"]
    match = _NAMED.fullmatch(text)
    if match is not None:
        group = match["group"] or match["attribute"]
        named = inventory.members(group)[:1] if group else [match["name"]]
        return set(named), match["sign"] == "=="
    return None


def _members(group: str, inventory: AnsibleInventory) -> set[str]:
    return set(inventory.members(group))


def _by_variable(match: re.Match[str], hosts: list[str], inventory: AnsibleInventory) -> list[str]:
    """A bare variable: what the inventory says of it; one that it does not know, and that no part of the cluster is
    called after, may be true of all.
    """
    found = []
    for host in hosts:
        value = inventory.variable(host, match["variable"])
        if value is not None and isinstance(value.value, bool):
            if value.value is not bool(match["no"]):
                found.append(host)
        elif not _SELECTS.search(match["variable"]):
            found.append(host)
    return found
