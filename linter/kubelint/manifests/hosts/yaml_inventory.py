"""Ansible inventories in YAML form.

Follows ansible `lib/ansible/plugins/inventory/yaml.py`: groups with `hosts`, `children` and `vars`, ranges in the names
of hosts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename

from kubelint.manifests.field import Field
from kubelint.manifests.hosts.ini_inventory import host_names, split_port
from kubelint.manifests.hosts.inventory_entries import ChildEntry, Entry, GroupEntry, HostEntry, SettingEntry
from kubelint.manifests.hosts.places import Value

_PARTS = frozenset({"hosts", "children", "vars"})
_NAMES = re.compile(r"(?:hosts|inventory|inventories)(?:[._-][\w.-]+)?", re.IGNORECASE)
_FOLDERS = frozenset({"inventory", "inventories"})
_VARIABLES = frozenset({"group_vars", "host_vars", "roles", "playbooks", "tasks", "vars"})
_DEEPEST = 32
_MOST_GROUPS = 5000


def read_yaml(root: Field) -> Iterator[Entry] | None:
    """The entries of an inventory; None where the document is something else."""
    if not isinstance(root.value, dict) or not root.value or not _is_inventory(root):
        return None
    return _entries(root)


def _is_inventory(root: Field) -> bool:
    """Whether every key names a group: certain where one is `all` or the file says so by its name."""
    named = any(_has_parts(group) for _, group in root.items())
    if not named or not all(_is_group(group) for _, group in root.items()):
        return False
    *folders, name = root.document.file.split("/")
    if not _VARIABLES.isdisjoint(folders):
        return False
    everything = root.get("all")
    certain = isinstance(everything.value, dict) and not _PARTS.isdisjoint(everything.value)
    return certain or _NAMES.fullmatch(basename(name)) is not None or not _FOLDERS.isdisjoint(folders)


def _is_group(field: Field) -> bool:
    return field.value is None or (isinstance(field.value, dict) and _PARTS.issuperset(field.value))


def _has_parts(field: Field) -> bool:
    return isinstance(field.value, dict) and any(isinstance(field.get(part).value, dict) for part in _PARTS)


def _entries(root: Field) -> Iterator[Entry]:
    waiting = [(name, group, 0) for name, group in root.items()]
    waiting.reverse()
    visits = 0
    while waiting and visits < _MOST_GROUPS:  # aliases may make a small text a large tree
        visits += 1
        name, group, depth = waiting.pop()
        yield GroupEntry(name, group.key)
        for key, value in group.get("vars").items():
            yield SettingEntry(name, key, Value(value.value, value))
        for key, host in group.get("hosts").items():
            yield _host(name, key, host)
        children = list(group.get("children").items())
        for key, child in children:
            yield ChildEntry(name, key, child.key)
        if depth < _DEEPEST:
            waiting += [(key, child, depth + 1) for key, child in reversed(children)]


def _host(group: str, key: str, field: Field) -> HostEntry:
    pattern, port = split_port(key)
    variables = {name: Value(value.value, value) for name, value in field.items()}
    if port is not None:
        variables.setdefault("ansible_port", Value(port, field.key))
    return HostEntry(group, host_names(pattern), field.key, variables)
