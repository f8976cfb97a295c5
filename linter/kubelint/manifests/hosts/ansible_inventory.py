"""Ansible inventories, in INI or YAML, with the variables of their hosts and groups.

Follows ansible `lib/ansible/inventory/` (groups, their depth and their order) and `lib/ansible/vars/manager.py` (which
variable wins).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.field import Field
from kubelint.manifests.hosts.ini_inventory import MOST_HOSTS, IniProblem, read_ini
from kubelint.manifests.hosts.inventory_entries import ChildEntry, Entry, GroupEntry, HostEntry, SettingEntry
from kubelint.manifests.hosts.places import At, Value, is_sample
from kubelint.manifests.hosts.yaml_inventory import read_yaml

if TYPE_CHECKING:
    from kubelint.manifests.hosts.variable_files import VariableFile
    from kubelint.sources.text_files import TextFile

ROOT = "all"


class Group:
    """A group: the hosts and groups named in it, and the variables given with it."""

    def __init__(self, name: str, at: At) -> None:
        self.name = name
        self.at = at
        self.hosts: dict[str, At] = {}
        self.children: dict[str, At] = {}
        self.variables: dict[str, Value] = {}


class Host:
    """A host: where it is named first, and the variables given with it."""

    def __init__(self, name: str, at: At) -> None:
        self.name = name
        self.at = at
        self.variables: dict[str, Value] = {}


class Membership(NamedTuple):
    """That a group holds hosts, though it is not known which."""

    group: str
    at: At


class AnsibleInventory:
    """One inventory. Groups by their names, `all` and `ungrouped` among them; hosts in the order of the file."""

    def __init__(self, file: str, repository: str = "") -> None:
        self.file = file
        self.repository = repository
        self.sample = is_sample(file)
        """Whether this is an example, which tells nothing of any real host."""
        self.groups: dict[str, Group] = {}
        self.hosts: dict[str, Host] = {}
        self.unknown: list[Membership] = []
        """What stands for hosts that are not known: templates, and ranges that Ansible refuses."""
        self.beside: list[VariableFile] = []
        """The files of `group_vars` and `host_vars` that belong to it, the ones of lowest precedence first."""

    def __repr__(self) -> str:
        return f"<AnsibleInventory {self.file}: {len(self.hosts)} hosts>"

    def add_group(self, name: str, at: At) -> Group:
        """The group of that name, made if there is none."""
        return self.groups.setdefault(name, Group(name, at))

    def add_hosts(self, group: str, names: list[str] | None, at: At, variables: dict[str, Value]) -> None:
        """Put hosts into a group; None stands for hosts that are not known."""
        if names is None or len(self.hosts) + len(names) > MOST_HOSTS:
            self.unknown.append(Membership(group, at))
            return
        for name in names:
            host = self.hosts.setdefault(name, Host(name, at))
            host.variables.update(variables)
            self.add_group(group, at).hosts.setdefault(name, at)

    def members(self, group: str) -> list[str]:
        """The hosts of a group and of the groups in it."""
        if group == ROOT:
            return list(self.hosts)
        if group == "ungrouped":
            grouped = {name for other in self.groups.values() if other.name not in _BUILT_IN for name in other.hosts}
            return [name for name in self.hosts if name not in grouped]
        found = {name for below in self.below(group) for name in self.groups[below].hosts}
        return [name for name in self.hosts if name in found]

    def below(self, *groups: str) -> Iterator[str]:
        """These groups and all groups in them, each once."""
        seen: set[str] = set()
        waiting = [*groups]
        while waiting:
            name = waiting.pop()
            if name not in seen and name in self.groups:
                seen.add(name)
                yield name
                waiting += self.groups[name].children

    def place_of(self, host: str, group: str) -> At:
        """Where the inventory says that a host is in a group: its entry there, or else the group's name."""
        for name in self.below(group):
            if host in self.groups[name].hosts:
                return self.groups[name].hosts[host]
        return self.groups[group].at

    def has_unknown(self, group: str) -> bool:
        """Whether the group may hold hosts that are not known."""
        below = set(self.below(group))
        return any(group == ROOT or membership.group in below for membership in self.unknown)

    @cached_property
    def _parents(self) -> dict[str, list[str]]:
        parents: dict[str, list[str]] = {}
        for group in self.groups.values():
            for child in group.children:
                parents.setdefault(child, []).append(group.name)
        return parents

    @cached_property
    def _direct(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for group in self.groups.values():
            for host in group.hosts:
                found.setdefault(host, []).append(group.name)
        return found

    def groups_of(self, host: str) -> list[str]:
        """The groups that hold a host, `all` first, the others by depth and then by name: the last one decides."""
        seen: set[str] = set()
        waiting = list(self._direct.get(host, ()))
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += self._parents.get(name, ())
        named = sorted(seen - {ROOT}, key=lambda name: (self._depths[name], name))
        return [ROOT, *named] if host in self.hosts else []

    @cached_property
    def _depths(self) -> dict[str, int]:
        """How far below `all` each group is, by its longest way up; groups in a circle are all the way down."""
        depths = dict.fromkeys(self.groups, len(self.groups))
        above = {name: sum(parent != ROOT for parent in self._parents.get(name, ())) for name in self.groups}
        ready = [name for name, parents in above.items() if not parents]
        longest = dict.fromkeys(self.groups, 0)
        while ready:
            name = ready.pop()
            depths[name] = longest[name]
            for child in self.groups[name].children if name != ROOT else ():
                longest[child] = max(longest[child], longest[name] + 1)
                above[child] -= 1
                if not above[child]:
                    ready.append(child)
        return depths

    def variables(self, host: str) -> dict[str, Value]:
        """All variables of a host, each as it stands where it wins."""
        found: dict[str, Value] = {}
        for layer in self._layers(host):
            found.update(layer)
        return found

    def variable(self, host: str, name: str) -> Value | None:
        """One variable of a host; None where nothing in the tree sets it."""
        return self.variables(host).get(name)

    def _layers(self, host: str) -> Iterator[dict[str, Value]]:
        """What is set for a host, lowest precedence first."""
        groups = self.groups_of(host)
        for names in ([ROOT], [name for name in groups if name != ROOT]):
            for name in names:
                if name in self.groups:
                    yield self.groups[name].variables
            yield from self._files("group_vars", names)
        if host in self.hosts:
            yield self.hosts[host].variables
        yield from self._files("host_vars", [host])

    def _files(self, folder: str, names: Iterable[str]) -> Iterator[dict[str, Value]]:
        for name in names:
            for file in self._beside.get((folder, name), ()):
                yield file.values

    @cached_property
    def _beside(self) -> dict[tuple[str, str], list[VariableFile]]:
        found: dict[tuple[str, str], list[VariableFile]] = {}
        for file in self.beside:
            found.setdefault((file.folder, file.owner), []).append(file)
        return found

    def hidden(self, host: str) -> bool:
        """Whether variables of a host stand in a file that cannot be read: an encrypted one, say."""
        names = {("group_vars", name) for name in self.groups_of(host)} | {("host_vars", host)}
        return any(file.hidden for name in names for file in self._beside.get(name, ()))


_BUILT_IN = frozenset({ROOT, "ungrouped"})


def ini_inventory(text: TextFile, repository: str = "") -> AnsibleInventory | None:
    """The inventory that a text file holds; None where it is another kind of INI file."""
    found = AnsibleInventory(text.path, repository)
    for entry in read_ini(text.path, text.text):
        if isinstance(entry, IniProblem):
            return None
        _add(found, entry)
    return found if found.hosts or found.unknown else None


def yaml_inventory(root: Field) -> AnsibleInventory | None:
    """The inventory that a YAML document holds; None where it is something else."""
    entries = read_yaml(root)
    if entries is None:
        return None
    found = AnsibleInventory(root.document.file, root.document.repository)
    for entry in entries:
        _add(found, entry)
    return found


def _add(found: AnsibleInventory, entry: Entry) -> None:
    match entry:
        case GroupEntry(name, at):
            found.add_group(name, at)
        case ChildEntry(group, child, at):
            found.add_group(group, at).children.setdefault(child, at)
            found.add_group(child, at)
        case SettingEntry(group, name, value):
            found.add_group(group, value.at).variables[name] = value
        case HostEntry(group, names, at, variables):
            found.add_hosts(group, names, at, variables)
