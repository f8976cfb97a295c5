"""Git hooks that a repository sets up: with pre-commit, lefthook or husky.

Follows pre-commit's `.pre-commit-config.yaml`, lefthook's configuration (`internal/config`) and husky 9's `.husky`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Literal, NamedTuple

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.texts import TextSlice
from kubelint.sources import Span
from kubelint.sources.text_files import TextFile

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

Tool = Literal["pre-commit", "lefthook", "husky"]

_PRE_COMMIT = frozenset({".pre-commit-config.yaml", ".pre-commit-config.yml"})
_LEFTHOOK = re.compile(r"\.?lefthook(?:-local)?\.(?:ya?ml|json)")
_STAGES = frozenset(
    {
        "applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "pre-merge-commit", "prepare-commit-msg",
        "commit-msg", "post-commit", "pre-rebase", "post-checkout", "post-merge", "pre-push", "post-rewrite",
        "pre-auto-gc", "pre-receive", "update",
    }
)  # fmt: skip
_FIRST_LINE = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*([^\n]*)")
_MAX_DEPTH = 8


class GitHook(NamedTuple):
    """One hook. `id` is None where it is unknown: what a remote configuration or an unseen file brings in."""

    tool: Tool
    id: str | None
    """pre-commit's hook id; lefthook's name of the command, script or job; husky's hook (`pre-commit`)."""
    repo: str | None
    """Where its code comes from: pre-commit's repository (an address, `local`, `meta`), lefthook's remote."""
    run: str | None
    """The command or script that runs, where the file says it."""
    stages: tuple[str, ...]
    """The git hooks that run it, as far as the file names them."""
    at: Field | TextSlice
    file: str

    @property
    def field(self) -> Field | None:
        """The entry of the configuration; None of a script."""
        return self.at if isinstance(self.at, Field) else None


def read_hooks(project: Project) -> list[GitHook]:
    """The hooks of the tree: those of configurations in the order of the files, then scripts.

    A configuration counts wherever it stands, although the tools read only that at a repository's root.
    """
    found: list[GitHook] = []
    for document in project.documents:
        name = basename(document.file)
        if name in _PRE_COMMIT:
            found.extend(_pre_commit(document))
        elif _LEFTHOOK.fullmatch(name):
            found.extend(_lefthook(document))
    return [*found, *(hook for text in project.texts for hook in _husky(text))]


def _pre_commit(document: Document) -> Iterator[GitHook]:
    defaults = tuple(document.root.get("default_stages").strings())
    for repo in document.root.get("repos").elements():
        for hook in repo.get("hooks").elements():
            if not isinstance(hook.value, dict):
                continue
            stages = tuple(hook.get("stages").strings()) or defaults
            yield GitHook(
                "pre-commit", hook.get("id").text, repo.get("repo").text, hook.get("entry").text, stages, hook,
                document.file,
            )  # fmt: skip


def _lefthook(document: Document) -> Iterator[GitHook]:
    for name in ("remote", "remotes", "extends"):
        field = document.root.get(name)
        for source in field.elements() if isinstance(field.value, list) else [field]:
            if source.value is not None or source.unknown:
                repo = source.get("git_url").text
                yield GitHook("lefthook", None, repo, None, (), source, document.file)
    for stage, field in document.root.items():
        for name in ("commands", "scripts"):
            for id_, command in field.get(name).items():
                yield _command(id_, stage, command)
        yield from _jobs(field.get("jobs"), stage, 0)


def _command(id_: str | None, stage: str, field: Field) -> GitHook:
    return GitHook("lefthook", id_, None, field.get("run").text, (stage,), field, field.document.file)


def _jobs(jobs: Field, stage: str, depth: int) -> Iterator[GitHook]:
    """Jobs, those in groups too; a job without a name is known by its script."""
    for job in jobs.elements():
        group = job.get("group", "jobs")
        if group.exists and depth < _MAX_DEPTH:
            yield from _jobs(group, stage, depth + 1)
        elif isinstance(job.value, dict):
            yield _command(job.get("name").text or job.get("script").text, stage, job)


def _husky(text: TextFile) -> Iterator[GitHook]:
    """A script of husky, pointed at by its first line that is no comment."""
    name = basename(text.path)
    if basename(dirname(text.path)) != ".husky" or name not in _STAGES:
        return
    match = _FIRST_LINE.match(text.text)
    line = Span(*match.span(1)) if match else Span(0, 0)
    yield GitHook("husky", name, None, text.text, (name,), TextSlice(text.path, line), text.path)
