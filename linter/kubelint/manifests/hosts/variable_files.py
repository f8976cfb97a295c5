"""Files of Ansible variables: `group_vars`, `host_vars`, and the `vars` and `defaults` of plays and roles."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.hosts.places import Value


class Owner(NamedTuple):
    """Whose variables a file holds: `folder` is `group_vars` or `host_vars`, `base` the directory that this is in."""

    folder: str
    owner: str
    base: str


class VariableFile:
    """One document of variables for a group or a host."""

    def __init__(self, owner: Owner, root: Field) -> None:
        self.folder = owner.folder
        self.owner = owner.owner
        self.base = owner.base
        self.root = root
        self.file = root.document.file

    @cached_property
    def values(self) -> dict[str, Value]:
        """The variables, each with its place."""
        return {name: Value(field.value, field) for name, field in self.root.items()}

    @property
    def hidden(self) -> bool:
        """Whether the file holds what cannot be read: it is encrypted, or text that becomes YAML later."""
        return isinstance(self.root.value, str) or "sops" in self.values


def owner_of(path: str) -> Owner | None:
    """Whose variables the file `path` holds: `group_vars/web.yml` and `group_vars/web/any.yml` are those of `web`."""
    steps = path.split("/")
    for index in range(len(steps) - 2, -1, -1):
        if steps[index] in ("group_vars", "host_vars"):
            below = steps[index + 1 :]
            name = below[0] if len(below) > 1 else _stem(below[0])
            return Owner(steps[index], name, "/".join(steps[:index]))
    return None


def variable_file(document: Document) -> VariableFile | None:
    """The document as a file of variables, if it lies where these do."""
    if "_vars/" not in document.file:
        return None
    owner = owner_of(document.file)
    return None if owner is None else VariableFile(owner, document.root)


def _stem(name: str) -> str:
    for suffix in (".yaml", ".yml", ".json"):
        if name.endswith(suffix):
            return name.removesuffix(suffix)
    return name


def belongs(base: str, inventory: str, playbooks: frozenset[str]) -> int | None:
    """How strongly variables in directory `base` speak for an inventory in directory `inventory`.

    Those beside it: 0; those beside playbooks that may be run with it: 1, which is stronger; others not at all (None).
    """
    if base == inventory:
        return 0
    near = base == "" or f"{inventory}/".startswith(f"{base}/")
    parent = base.rpartition("/")[0]
    beside = base in playbooks and (parent == "" or f"{inventory}/".startswith(f"{parent}/"))
    return 1 if (near and base in playbooks) or beside else None
