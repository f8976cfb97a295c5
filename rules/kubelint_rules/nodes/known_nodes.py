"""Which names are surely not those of nodes: only where all nodes of a cluster are known, and the name is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from posixpath import dirname
from typing import NamedTuple

from kubelint.manifests import Project, once_per_project
from kubelint.manifests.hosts import At
from kubelint.manifests.hosts.inventory import Inventory
from kubelint.manifests.hosts.names import node_name, same_node, short_name
from kubelint.manifests.hosts.places import is_sample
from kubelint.manifests.hosts.rosters import Roster
from kubelint_rules.nodes.folders import Folders
from kubelint_rules.nodes.references import longhorn_nodes, references


class Absence(NamedTuple):
    """A name that no node has. `listed` says where the nodes are listed, None where the configuration declares them."""

    name: str
    source: str
    listed: At | None
    likely: bool
    """Whether the list calls nodes as manifests do: some manifest names one of them, or this name is one of a row."""


class KnownNodes:
    """The nodes of each cluster of a project, asked for by name."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._of_folder: dict[tuple[str, str], _Names] = {}
        self._known: dict[tuple[str, ...], _Names] = {}

    def names(self, scope: str, file: str) -> _Names:
        """The names of the nodes of the cluster that a file of `scope` is for, and of what else may be called so."""
        place = scope, dirname(file)
        if place not in self._of_folder:
            self._of_folder[place] = self._names(scope, file)
        return self._of_folder[place]

    def _names(self, scope: str, file: str) -> _Names:
        """Lists in folders that stand beside the file's own, as those of other clusters, are left out."""
        inventory = self._project.inventory(scope)
        kept = [roster for roster in inventory.rosters if not self._folders.are_twins(roster.file, file)]
        key = scope, *sorted({roster.file for roster in kept})
        if key not in self._known:
            if len(kept) < len(inventory.rosters):
                inventory = Inventory(scope, kept, self._project.settings)
            self._known[key] = _Names(self._project, inventory)
        return self._known[key]

    def absence(self, text: object, scope: str, file: str) -> Absence | None:
        """What is to be said of the name `text` in a file of `scope`; None where it is a node's, or may be."""
        name = node_name(text)
        if name is None or is_sample(file):
            return None
        names = self.names(scope, file)
        if not names.complete or names.may_have(name):
            return None
        listing = names.listing
        if listing is not None and not self._is_of(listing, scope):
            return None
        source = "kubelint.yaml" if listing is None else listing.file
        at = listing.machines[0].at if listing is not None else None
        return Absence(name, source, at, names.calls_them_so(name) or source in self._spoken)

    def _is_of(self, listing: Roster, scope: str) -> bool:
        """Whether a list surely is of the cluster of `scope`: one that overlays share may be of any of them."""
        shared = scope and listing.scope in ("", f"{scope.partition('//')[0]}//") and listing.scope != scope
        return not shared or listing.cluster == scope.rpartition("/")[2] or len(self._overlays) < 2

    @cached_property
    def _overlays(self) -> set[str]:
        scopes = {obj.scope.partition("\t")[0] for obj in self._project.all_objects}
        return {scope for scope in scopes if scope and not scope.endswith("//")}

    @cached_property
    def _spoken(self) -> set[str]:
        """The lists that call a node as some manifest does."""
        project = self._project
        texts: list[tuple[object, str, str]] = [(obj.name, obj.scope, obj.file) for obj in longhorn_nodes(project)]
        texts += [(found.found.name, found.scope, found.at.document.file) for found in references(project)]
        named = ((node_name(text), self.names(scope, file)) for text, scope, file in texts)
        return {names.listing.file for name, names in named if name and names.listing and names.has(name)}

    @cached_property
    def _folders(self) -> Folders:
        return Folders(self._project.files)


class _Names:
    """The names of one cluster's nodes."""

    def __init__(self, project: Project, inventory: Inventory) -> None:
        self._project = project
        self._inventory = inventory
        self._declared = bool(project.settings.nodes)

    @cached_property
    def complete(self) -> bool:
        """Whether all nodes are surely known: nodes that something makes as they are needed have no names here."""
        if not self._inventory.complete or not self._inventory.nodes:
            return False
        return self._declared or not any(roster.pools for roster in self._inventory.rosters)

    @cached_property
    def listing(self) -> Roster | None:
        """The list that names all nodes; None where they are declared."""
        if self._declared:
            return None
        complete = [roster for roster in self._inventory.rosters if roster.authority and roster.complete]
        return max(complete, key=lambda roster: len(roster.machines), default=None)

    def has(self, name: str) -> bool:
        """Whether a node is called so."""
        return any(same_node(name, other) for other in self._by_short_name.get(short_name(name), ()))

    def may_have(self, name: str) -> bool:
        """Whether a node is called so, or a machine that may be a node."""
        return self.has(name) or short_name(name) in self._others

    def calls_them_so(self, name: str) -> bool:
        """Whether the list's names are surely those of nodes, or this one is like them but for numbers."""
        listing = self.listing
        if listing is None or listing.origin != "Ansible inventory":
            return True
        return _stem(name) in self._stems

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(map(_stem, self._inventory.nodes))

    @cached_property
    def _by_short_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self._inventory.nodes:
            found.setdefault(short_name(name), []).append(name)
        return found

    @cached_property
    def _others(self) -> frozenset[str]:
        """Other names of machines, short: what nodes are reached by, and hosts of inventories outside of its groups."""
        found = {name for node in self._inventory.nodes.values() for name in map(_text, node.addresses) if name}
        if not self._declared:
            found |= set(self._hosts())
        return frozenset(short_name(name) for name in found)

    def _hosts(self) -> Iterator[str]:
        files = {roster.file for roster in self._inventory.rosters}
        for inventory in self._project.hosts.inventories:
            if inventory.file in files:
                yield from (host.lower() for host in inventory.hosts)


def _text(value: object) -> str | None:
    return node_name(getattr(value, "value", None))


def _stem(name: str) -> str:
    """What names of a row have in common: `pi#` of `pi4.example.org`."""
    return re.sub(r"\d+", "#", short_name(name))


@once_per_project
def known_nodes(project: Project) -> KnownNodes:
    """The nodes of a project's clusters, read once for all rules."""
    return KnownNodes(project)
