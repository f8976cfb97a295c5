"""Finds the files that plays and roles name, in the tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field
from kubelint.sources.text_files import TextFile, TextKind

if TYPE_CHECKING:
    from kubelint.manifests.documents import Document

_SUFFIXES = ("", ".yml", ".yaml")
_ROLE_PARTS = frozenset({"tasks", "handlers", "meta", "defaults", "vars"})


class TaskFiles:
    """The files of a tree by path, as Ansible would look for them. A reference never leaves its repository."""

    def __init__(self, files: Mapping[str, list[Document]], texts: Iterable[TextFile] = ()) -> None:
        self._files = files
        self._scripts = {text.path: text for text in texts if text.kind is TextKind.SHELL}

    def find(self, name: str, folders: tuple[str, ...], part: str = "tasks") -> str | None:
        """The file that `name` is, looked for in `folders` and in `part` of each; None where the tree has none."""
        if has_template(name) or name.startswith("/"):
            return None
        for folder in folders:
            for candidate in (join(folder, name), join(folder, part, name)):
                path = normpath(candidate)
                if path in self._files and self._repository(path) == self._repository_of_folder(folders[-1]):
                    return path
        return None

    def script(self, name: str, folders: tuple[str, ...]) -> TextFile | None:
        """The script that a task sends to its hosts; None where the tree has none."""
        if has_template(name) or name.startswith("/"):
            return None
        paths = (normpath(join(folder, part, name)) for folder in folders for part in ("", "files"))
        return next((self._scripts[path] for path in paths if path in self._scripts), None)

    def role(self, name: str, playbook: str) -> str | None:
        """The directory of a role: in `roles` beside the playbook or above it, or at the path that `name` is.

        `mine.net.vlan` is the role `vlan` of the collection `mine.net`, which may be the repository itself.
        """
        if has_template(name) or name.startswith("/"):
            return None
        folder = dirname(playbook)
        candidates = [normpath(join(folder, name))]
        while True:
            candidates.append(normpath(join(folder, "roles", name)))
            candidates += self._of_collection(name, folder)
            if not folder:
                break
            folder = dirname(folder)
        repository = self._repository(playbook)
        found = (path for path in candidates if path in self._roles)
        return next((path for path in found if self._roles[path] == repository), None)

    def _of_collection(self, name: str, folder: str) -> Iterator[str]:
        """Where a role with the name of its collection may be below `folder`."""
        steps = name.split(".")
        if len(steps) != 3:
            return
        space, collection, role = steps
        yield normpath(join(folder, "collections/ansible_collections", space, collection, "roles", role))
        for galaxy in self.mappings(normpath(join(folder, "galaxy.yml"))):
            if (galaxy.get("namespace").text, galaxy.get("name").text) == (space, collection):
                yield normpath(join(folder, "roles", role))

    @cached_property
    def _roles(self) -> dict[str, str]:
        """Every directory that has the parts of a role, with its repository."""
        found: dict[str, str] = {}
        for path in self._files:
            folder = dirname(path)
            if folder.rpartition("/")[2] in _ROLE_PARTS:
                found.setdefault(dirname(folder), self._repository(path))
        return found

    def entry(self, base: str, part: str, name: str) -> str:
        """The file of a role's part, `tasks/main.yml` say; a path that does not exist where there is none."""
        path = normpath(join(base, part, name))
        return next((path + suffix for suffix in _SUFFIXES if path + suffix in self._files), path)

    def lists(self, path: str) -> Iterator[Field]:
        """The lists of tasks that a file holds."""
        for document in self._files.get(path, ()):
            if isinstance(document.root.value, list):
                yield document.root

    def mappings(self, path: str | None) -> Iterator[Field]:
        """The mappings that a file holds, such as variables; none where there is no file."""
        for document in self._files.get(path or "", ()):
            if isinstance(document.root.value, dict):
                yield document.root

    def dependencies(self, base: str) -> Iterator[Field]:
        """The roles that a role runs first."""
        for document in self._files.get(self.entry(base, "meta", "main"), ()):
            yield from document.root.get("dependencies").elements()

    def _repository(self, path: str) -> str:
        documents = self._files.get(path)
        return documents[0].repository if documents else ""

    def _repository_of_folder(self, folder: str) -> str:
        return self._folders.get(folder, "")

    @cached_property
    def _folders(self) -> dict[str, str]:
        return {dirname(path): self._repository(path) for path in self._files}
