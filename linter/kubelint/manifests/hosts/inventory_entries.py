"""What a line of an Ansible inventory says, in either of its forms."""

from __future__ import annotations

from typing import NamedTuple

from kubelint.manifests.hosts.places import At, Value


class HostEntry(NamedTuple):
    """A host of a group: the names it stands for (None: not known), and what is set on it."""

    group: str
    names: list[str] | None
    at: At
    variables: dict[str, Value]


class SettingEntry(NamedTuple):
    """A variable of a group."""

    group: str
    name: str
    value: Value


class ChildEntry(NamedTuple):
    """A group that is part of another."""

    group: str
    child: str
    at: At


class GroupEntry(NamedTuple):
    """A group by its name."""

    name: str
    at: At


Entry = HostEntry | SettingEntry | ChildEntry | GroupEntry
