"""Ansible plays with their tasks, those of roles and imported files among them.

Follows ansible `lib/ansible/playbook/` (plays, blocks, roles, includes) and its search for files: beside the file that
asks, in the role, beside the playbook.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from posixpath import dirname
from typing import TYPE_CHECKING

from kubelint.manifests.field import Field
from kubelint.manifests.hosts.play_templates import filled
from kubelint.manifests.hosts.task_files import TaskFiles
from kubelint.manifests.hosts.tasks import BLOCK_PARTS, Task, is_block

if TYPE_CHECKING:
    from kubelint.manifests.documents import Document

SECTIONS = ("pre_tasks", "roles", "tasks", "post_tasks", "handlers")

_MOST_TASKS = 20_000
_DEEPEST = 40
_PLAYBOOKS = frozenset({"import_playbook", "include", "ansible.builtin.import_playbook"})
_FILES = frozenset({"import_tasks", "include_tasks", "include"})
_ROLES = frozenset({"import_role", "include_role"})


class Play:
    """One play: which hosts, and what is done on them."""

    def __init__(self, root: Field, files: TaskFiles) -> None:
        self.root = root
        self.file = root.document.file
        self._files = files
        self.unresolved: list[Field] = []
        """What the play includes and the tree does not hold, or names by a template; known once `tasks` was read."""
        self.roles: list[str] = []
        """The directories of the roles that it runs; known once `tasks` was read."""

    def __repr__(self) -> str:
        return f"<Play {self.name or '?'} in {self.file}>"

    @property
    def name(self) -> str | None:
        """What the play calls itself."""
        return self.root.get("name").text

    @property
    def hosts(self) -> Field:
        """The pattern of hosts, a string or a list."""
        return self.root.get("hosts")

    @property
    def patterns(self) -> list[str] | None:
        """The patterns of hosts; None where they are unknown, wholly or in part."""
        value = self.hosts.value
        found = [filled(item, self.root) for item in (value if isinstance(value, list) else [value])]
        names = [item for item in found if isinstance(item, str) and item]
        return names if len(names) == len(found) else None

    @property
    def serial(self) -> object:
        """How many hosts at a time, as it stands there but for templates that are known; None where nothing is said."""
        value = self.root.get("serial").value
        if isinstance(value, list):
            return [filled(item, self.root, item) for item in value]
        return filled(value, self.root, value)

    @cached_property
    def tasks(self) -> list[Task]:
        """All tasks, those of roles and imported files where they run; handlers last."""
        walk = _Walk(self)
        return walk.tasks()


class _Walk:
    """Collects the tasks of one play; a file or role within itself is read once."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.files = play._files
        self.found: list[Task] = []
        self.handlers: list[Task] = []
        self.roles: set[tuple[str, str]] = set()
        self.bases: set[str] = set()
        self.visits = 0

    def tasks(self) -> list[Task]:
        folder = dirname(self.play.file)
        for section in SECTIONS:
            field = self.play.root.get(section)
            if section == "roles":
                for entry in field.elements():
                    self.role(entry, entry, (self.play.root,), folder, 0)
            else:
                self.read(field, section, (self.play.root,), (folder,), 0)
        return [*self.found, *self.handlers]

    def read(self, tasks: Field, section: str, outer: tuple[Field, ...], folders: tuple[str, ...], depth: int) -> None:
        if depth > _DEEPEST:
            return
        for field in tasks.elements():
            self.visits += 1
            if self.visits > _MOST_TASKS:
                return
            if is_block(field):
                for part in BLOCK_PARTS:
                    self.read(field.get(part), section, (*outer, field), folders, depth + 1)
            elif isinstance(field.value, dict):
                self.task(Task(field, section, outer), folders, depth)

    def task(self, task: Task, folders: tuple[str, ...], depth: int) -> None:
        (self.handlers if task.section == "handlers" else self.found).append(task)
        if task.module in _FILES:
            self.include(task, folders, depth)
        elif task.module == "script":
            words = (task.argument("cmd") or task.argument("_raw_params") or task.free_form or "").split()
            task.script = self.files.script(words[0], folders) if words else None
        elif task.module in _ROLES and task.arguments is not None:
            self.role(task.root, task.arguments, (*task.outer, task.root), folders[-1], depth, task.section)

    def include(self, task: Task, folders: tuple[str, ...], depth: int) -> None:
        name = task.argument("file") or task.argument("_raw_params") or task.free_form
        path = self.files.find(name, folders) if name else None
        if path is None:
            self.play.unresolved.append(task.root)
            return
        if any(field.document.file == path for field in (task.root, *task.outer)):
            return
        outer = (*task.outer, task.root)
        for tasks in self.files.lists(path):
            self.read(tasks, task.section, outer, (dirname(path), *folders), depth + 1)

    def role(
        self, entry: Field, names: Field, outer: tuple[Field, ...], folder: str, depth: int, section: str = "roles"
    ) -> None:
        name = names.text or names.get("role").text or names.get("name").text
        base = self.files.role(name, self.play.file) if name else None
        if base is None:
            self.play.unresolved.append(entry)
            return
        main = names.get("tasks_from").text or "main"
        if (base, main) in self.roles or depth > _DEEPEST:
            return
        known = base in self.bases
        if not known:
            self.bases.add(base)
            self.play.roles.append(base)
        parts = [("tasks", main)] if known else [("tasks", main), ("handlers", "main")]
        self.roles.add((base, main))
        inside = outer if outer and outer[-1] is entry else (*outer, entry)
        for dependency in self.files.dependencies(base):
            self.role(dependency, dependency, inside, folder, depth + 1, section)
        for part, start in parts:
            for tasks in self.files.lists(self.files.entry(base, part, start)):
                where = "handlers" if part == "handlers" else section
                self.read(tasks, where, inside, (f"{base}/{part}", base, folder), depth + 1)


def read_plays(documents: list[Document], files: TaskFiles) -> list[Play]:
    """The plays of every playbook, in the order of the files."""
    return [Play(root, files) for document in documents for root in plays_of(document)]


def plays_of(document: Document) -> Iterator[Field]:
    """The plays that a document holds: the items of its list that name hosts."""
    root = document.root
    if not isinstance(root.value, list) or not all(map(_is_play, root.value)):
        return
    for item in root.elements():
        if "hosts" in item.value:
            yield item


def _is_play(value: object) -> bool:
    return isinstance(value, dict) and ("hosts" in value or not _PLAYBOOKS.isdisjoint(value))


def imported_playbooks(document: Document) -> Iterator[Field]:
    """The fields that name other playbooks: `import_playbook: site.yml`."""
    for item in document.root.elements():
        for name, field in item.items():
            if name in _PLAYBOOKS:
                yield field
