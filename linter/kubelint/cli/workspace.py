"""From paths on the command line to what the engine lints: the root, the configuration, the files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from posixpath import basename
from typing import TYPE_CHECKING, Literal, NamedTuple

from kubelint.checks import Registry
from kubelint.cli.errors import UsageProblem, config_problem
from kubelint.config.load import find_config, find_root, leaves_project, load_config
from kubelint.config.mistakes import ConfigError
from kubelint.config.model import BASELINE_NAME, Settings
from kubelint.engine.reading import Input
from kubelint.engine.report import Skipped
from kubelint.sources import SourceFile
from kubelint.sources.credential_names import is_structured
from kubelint.sources.discovery import SUFFIXES, Discovery
from kubelint.sources.reading import read_bytes, read_file, read_head, read_text
from kubelint.sources.text_files import TextFile, TextKind, text_kind

if TYPE_CHECKING:
    from kubelint.engine.renderings import Render
    from kubelint.manifests import Project
    from kubelint.rendering.rendered import Rendered
    from kubelint.sources.changes import Changes

STDIN = "-"
_STDIN_NAME = "stdin.yaml"


class Request(NamedTuple):
    """What the command line asks for, before any file is looked at."""

    paths: tuple[str, ...] = (".",)
    stdin_filename: str | None = None
    root: str | None = None
    config: str | None = None
    use_config: bool = True
    exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    render: Literal["auto", "never", "always"] = "never"
    since: str | None = None
    outputs: tuple[str, ...] = ()
    """Files that reports go to: what the last run left there is no input of this one."""


@dataclass
class Workspace:
    """A request resolved against the disk."""

    request: Request
    registry: Registry
    root: Path = field(init=False)
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        self._paths = [Path(path) for path in self.request.paths if path != STDIN]
        if "" in self.request.paths:
            raise UsageProblem("an empty path names nothing", "`.` is the current directory")
        for path in self._paths:
            if not _exists(path):
                raise UsageProblem(f"no such file or directory: {path}", _meant(self.request.paths))
        self.root = self._find_root()
        self._named = frozenset(map(self._relative, self._paths))
        for path in self._paths:
            self._refuse_outside(path)
        self.settings = self._load_settings()

    def _find_root(self) -> Path:
        if self.request.root is not None:
            if not Path(self.request.root).is_dir():
                raise UsageProblem(f"--root {self.request.root} is not a directory")
            return Path(self.request.root).resolve()
        folders = [path.resolve() if path.is_dir() else path.parent.resolve() for path in self._paths]
        if folders:
            return find_root(Path(os.path.commonpath(folders)))
        root = find_root(Path.cwd())
        folder = Path(self.request.stdin_filename or _STDIN_NAME).absolute().parent.resolve()
        return root if folder.is_relative_to(root) else find_root(_existing(folder))

    def _refuse_outside(self, path: Path) -> None:
        """Refuse a path that neither lies in the root nor holds it."""
        steps = self._relative(path).split("/")
        if steps[0] == ".." and not (set(steps) == {".."} and path.is_dir()):
            raise UsageProblem(f"{path} is outside of the root {self.root}", "name a root that holds it with --root")

    def _load_settings(self) -> Settings:
        settings = Settings()
        path = Path(self.request.config) if self.request.config else find_config(self.root)
        if path is not None and self.request.use_config:
            if not self.request.config and leaves_project(path):
                raise UsageProblem(f"{path} is a link that leaves the project", "name the configuration with --config")
            try:
                settings = load_config(path, self.registry)
            except ConfigError as error:
                raise config_problem(error, path) from None
        return settings._replace(exclude=(*settings.exclude, *self.request.exclude))

    def read(self) -> Input:
        """Read every file of the project; those that the paths name are to be reported."""
        discovery = Discovery(self.root, self.settings.exclude)
        walked = discovery.walk() if self._asks_for_anything else []
        outputs = {self._relative(Path(file)) for file in self.request.outputs}
        found = [path for path in walked if basename(path) != BASELINE_NAME and path not in outputs]
        texts = sorted(discovery.texts)
        self._ignored = discovery.ignored_by_repository()
        reported = {path for path in (*found, *texts) if self.names(path)}
        extra = self._extra_files(discovery, reported)
        texts += [path for path in extra if not path.endswith(SUFFIXES)]
        ignored = frozenset(discovery.ignored).difference(extra)
        texts = sorted({*texts, *ignored})
        reported |= {*extra, *filter(self.names, ignored)}
        discovery.skipped += [(path, "baseline") for path in walked if basename(path) == BASELINE_NAME]
        skipped = [Skipped(path, reason) for path, reason in discovery.skipped if self.names(path)]
        names = sorted({*found, *reported}.difference(texts))
        files = [read_file(self.root, name) for name in names]
        if STDIN in self.request.paths:
            name = self._stdin_name()
            files = [file for file in files if file.path != name]
            files.append(read_bytes(name, sys.stdin.buffer.read()))
            reported.add(name)
        files.sort(key=lambda file: file.path)
        return Input(
            files,
            frozenset(reported),
            tuple(skipped),
            tuple(discovery.repositories),
            tuple(self._text_file(path, path in ignored) for path in texts),
            self._render if self._renders else None,
            self._changes(discovery, [*names, *texts]) if self.request.since is not None else None,
            discovery.inside,
            self._configuration(names),
        )

    def _configuration(self, names: list[str]) -> str | None:
        """The file of the settings, if they are all that there is to go by."""
        if self.settings.origin is None or self.request.exclude:
            return None
        name = self._relative(Path(self.settings.origin))
        return name if name in names else None

    @cached_property
    def _asks_for_anything(self) -> bool:
        """Whether anything in the tree matters: of files that are not read, however many, nothing is reported.

        pre-commit names whatever a commit changes, and most of a repository may be a program.
        """
        if not self._paths:
            return bool(self.request.stdin_filename)
        names = zip(self._paths, map(self._relative, self._paths), strict=True)
        return any(path.is_dir() or name.endswith(SUFFIXES) or text_kind(name) is not None for path, name in names)

    def _changes(self, discovery: Discovery, files: list[str]) -> Changes:
        """What changed in `files` since the revision that is asked for."""
        from kubelint.sources.git import GitProblem
        from kubelint.sources.revisions import changes_since

        def is_read(path: str) -> bool:
            return (path.endswith(SUFFIXES) or text_kind(path) is not None) and not discovery.is_excluded(path)

        try:
            return changes_since(self.root, self.request.since or "", files, discovery.repositories, is_read)
        except GitProblem as problem:
            raise UsageProblem(str(problem), problem.hint) from None

    @property
    def _renders(self) -> bool:
        """Whether to render. The programs read the disk: what they make of it is not what standard input says."""
        return self.request.render != "never" and STDIN not in self.request.paths

    def _render(self, project: Project, holds_secret: Callable[[list[SourceFile]], bool]) -> Rendered:
        """Render the charts of the tree and build its kustomizations, if there are any."""
        return self._rendered(self.root, project, holds_secret)

    def rendering_with(self, texts: Mapping[str, str]) -> Render:
        """What renders the tree as it would be with other texts in some of its files."""

        def render(project: Project, holds_secret: Callable[[list[SourceFile]], bool]) -> Rendered:
            from kubelint.cli.overlay import overlay

            if not project.has_kustomizations() and not _has_chart(project):
                return self._rendered(self.root, project, holds_secret)
            with overlay(self.root, texts) as root:
                return self._rendered(root, project, holds_secret)

        return render

    def _rendered(self, root: Path, project: Project, holds_secret: Callable[[list[SourceFile]], bool]) -> Rendered:
        from kubelint.rendering.rendered import Rendered

        rendered = Rendered()
        if _has_chart(project):
            from kubelint.rendering.tree import render_charts

            rendered = render_charts(root, project, self.request.render, holds_secret)
        if project.has_kustomizations():
            from kubelint.rendering.kustomize import build_kustomizations

            built = build_kustomizations(root, project, self.request.render, holds_secret=holds_secret)
            rendered = rendered.joined(built)
        return rendered

    def _text_file(self, path: str, ignored: bool) -> TextFile:
        kind = text_kind(path)
        assert kind is not None
        read = read_file if kind is TextKind.CREDENTIALS and is_structured(path) else read_text
        return TextFile(
            path,
            kind,
            lambda: read(self.root, path),
            head=lambda: read_head(self.root, path),
            is_tracked=(lambda: path in self._tracked) if ignored else None,
        )

    @cached_property
    def _tracked(self) -> frozenset[str]:
        """The files that git has although it is told to ignore them; asked for when a rule wants to know."""
        from kubelint.sources.git import Git, GitProblem

        found: set[str] = set()
        for folder, paths in self._ignored.items():
            with suppress(GitProblem):
                inner = {path.removeprefix(f"{folder}/") if folder else path: path for path in paths}
                found.update(inner[path] for path in Git(self.root / folder).tracked(inner) if path in inner)
        return frozenset(found)

    def names(self, path: str) -> bool:
        """Whether a path of the command line is, or holds, the file `path`."""
        if self._names_all:
            return True
        while path and path not in self._named:
            path = path.rpartition("/")[0]
        return bool(path)

    @cached_property
    def _names_all(self) -> bool:
        return any(set(name.split("/")) <= {".", ".."} for name in self._named)

    def _relative(self, path: Path) -> str:
        absolute = path.parent.resolve() / path.name if path.is_symlink() and not path.is_dir() else path.resolve()
        return Path(os.path.relpath(absolute, self.root)).as_posix()

    def _extra_files(self, discovery: Discovery, reported: set[str]) -> list[str]:
        """The files that were named one by one and that walking did not find: excluded, or of another suffix."""
        extra = []
        for path in self._paths:
            name = self._relative(path)
            if path.is_dir() or name in reported or path.name == BASELINE_NAME:
                continue
            if not path.is_file():
                raise UsageProblem(f"{path} is not a regular file", "use `-` to read standard input")
            if path.is_symlink() and not path.resolve().is_relative_to(self.root):
                discovery.skipped.append((name, "link-leaves-root"))
            elif not name.endswith(SUFFIXES) and text_kind(name) is None:
                discovery.skipped.append((name, "unknown-suffix"))
            elif not (self.request.force_exclude and discovery.is_excluded(name)):
                extra.append(name)
        return extra

    def _stdin_name(self) -> str:
        if not self.request.stdin_filename:
            return _STDIN_NAME
        path = Path(self.request.stdin_filename)
        self._refuse_outside(path)
        return self._relative(path)


def _meant(paths: tuple[str, ...]) -> str:
    """What to do about a path that is not there: the first word may be a misspelt command."""
    from difflib import get_close_matches

    from kubelint.cli.main import COMMANDS

    near = get_close_matches(paths[0], COMMANDS, 1, 0.75)
    return f"did you mean `kubelint {near[0]}`?" if near else "give a path that exists"


def _has_chart(project: Project) -> bool:
    return any(basename(file) == "Chart.yaml" for file in project.files)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, not to be entered, not a path
        return False


def _existing(folder: Path) -> Path:
    """`folder`, or the nearest above it that exists."""
    return next(parent for parent in (folder, *folder.parents) if parent.is_dir())
