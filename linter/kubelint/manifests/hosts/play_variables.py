"""The variables that plays give their hosts: their own, those of files they name, and those of their roles.

Follows ansible `lib/ansible/vars/manager.py` (which variable wins): a role's defaults are weaker than the inventory; a
play's `vars`, its `vars_files`, a role's `vars` and `include_vars` are stronger, in this order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from posixpath import dirname
from typing import NamedTuple

from kubelint.manifests.field import Field
from kubelint.manifests.hosts.ansible_plays import Play
from kubelint.manifests.hosts.task_files import TaskFiles
from kubelint.manifests.hosts.tasks import Task

DEFAULTS = 0
"""The rank of a role's defaults: the only one below the inventory."""

_VARS, _FILES, _ROLE, _INCLUDED = 1, 2, 3, 4


class GivenVariables(NamedTuple):
    """Variables that a play gives all of its hosts; of several that give one, that with the highest rank counts."""

    play: Play
    rank: int
    root: Field
    """A mapping of variables."""


def read_given(plays: Iterable[Play], files: TaskFiles) -> list[GivenVariables]:
    """What each of the plays gives. What is included under a condition is left out: it may not be for every host."""
    found = [GivenVariables(play, rank, root) for play in plays for rank, root in _of_play(play, files)]
    return [given for given in found if isinstance(given.root.value, dict)]


def _of_play(play: Play, files: TaskFiles) -> Iterator[tuple[int, Field]]:
    folder = dirname(play.file)
    yield _VARS, play.root.get("vars")
    for name in play.root.get("vars_files").strings():
        yield from ((_FILES, root) for root in files.mappings(files.find(name, (folder,), "vars")))
    tasks = play.tasks
    for base in play.roles:
        for rank, part in ((DEFAULTS, "defaults"), (_ROLE, "vars")):
            yield from ((rank, root) for root in files.mappings(files.entry(base, part, "main")))
    for task in tasks:
        if task.module == "include_vars" and not task.keyword("when").exists:
            yield from ((_INCLUDED, root) for root in files.mappings(_included(task, folder, files)))


def _included(task: Task, folder: str, files: TaskFiles) -> str | None:
    name = task.argument("file") or task.argument("_raw_params") or task.free_form
    here = dirname(task.file)
    return files.find(name, (here, dirname(here), folder), "vars") if name else None
