"""From an input to its project: what was written and, in its place, what that renders to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kubelint.checks import Registry
from kubelint.config.model import Settings
from kubelint.engine.renderings import Render, Renderings
from kubelint.engine.report import Skipped
from kubelint.engine.secret_search import SecretSearch
from kubelint.manifests import Document, Project
from kubelint.rendering.rendered import NoEngine
from kubelint.sources import SourceFile
from kubelint.sources.text_files import TextFile

if TYPE_CHECKING:
    from kubelint.sources.changes import Changes

#: Who crashed, where rendering did.
RENDERER = "the renderer"
_TEMPLATES = ("helm-template", "template")


class Input(NamedTuple):
    """What to read. `files` were read and are indexed; `reported` names those whose findings are wanted (None: all).

    `repositories` are directories of the tree known to be repositories of their own; `texts` the files that are no
    YAML, unread as yet; `render` renders the charts and kustomizations. With `changes` only findings on lines that
    they touch are wanted. `inside`: the root is a part of a repository, of which the rest is not seen. `configuration`
    is the file that the settings came from, if it is one of `files` and they apply to all of these.
    """

    files: list[SourceFile]
    reported: frozenset[str] | None = None
    skipped: tuple[Skipped, ...] = ()
    repositories: tuple[str, ...] = ()
    texts: tuple[TextFile, ...] = ()
    render: Render | None = None
    changes: Changes | None = None
    inside: bool = False
    configuration: str | None = None

    @property
    def paths(self) -> list[str]:
        """Of everything that is read."""
        return [*(file.path for file in self.files), *(text.path for text in self.texts)]


class Files(dict[str, SourceFile]):
    """The files of an input by their paths; those of text are read when somebody asks."""

    def __init__(self, given: Input) -> None:
        super().__init__((file.path, file) for file in given.files)
        self._texts = {file.path: file for file in given.texts}

    def __contains__(self, path: object) -> bool:
        return super().__contains__(path) or path in self._texts

    def __missing__(self, path: str) -> SourceFile:
        self[path] = self._texts[path].source
        return self[path]


class Reading:
    """An input, read and rendered.

    `project` holds what came of rendering in place of what it came from, and what was written of the rest; `written`
    only what was written. A renderer that crashes leaves its error in `failure`: what is written can still be judged.
    Raises NoEngine where rendering is asked for and nothing here can do it.
    """

    def __init__(self, given: Input, registry: Registry, settings: Settings) -> None:
        self.given = given
        self.files: dict[str, SourceFile] = Files(given)
        self.secrets = SecretSearch(registry, settings)
        self.failure: Exception | None = None
        self._cluster = settings.cluster
        self.written = self._read(Document(source) for file in given.files for source in file.documents)
        self.project = self.written
        self.renderings = self._render()
        self.sources = [*given.files, *self.renderings.sources]

    def _read(self, documents: Iterable[Document], rendered: frozenset[str] = frozenset()) -> Project:
        """The project of `documents`; the templates `rendered` hide nothing."""
        given = self.given
        hidden = {file.path for file in given.files if file.problems or file.skipped in _TEMPLATES}
        project = Project(documents, self._cluster, given.repositories, given.texts, hidden - rendered)
        project.inside = given.inside
        if given.changes is not None:
            project.earlier = lambda: self._earlier
        return project

    @cached_property
    def _earlier(self) -> Project:
        """The project before the changes: what they touched is read as it was, the rest is at hand."""
        given, changes = self.given, self.given.changes
        assert changes is not None
        files = [*(file for file in given.files if file.path not in changes), *changes.sources()]
        texts = [*(text for text in given.texts if text.path not in changes), *changes.texts()]
        files.sort(key=lambda file: file.path)
        texts.sort(key=lambda text: text.path)
        documents = (Document(source) for file in files for source in file.documents)
        hidden = {file.path for file in files if file.problems or file.skipped in _TEMPLATES}
        return Project(documents, self._cluster, given.repositories, texts, hidden)

    def _render(self) -> Renderings:
        if self.given.render is None:
            return Renderings()
        try:
            renderings = Renderings(self.given.render(self.written, self.secrets.finds))
        except NoEngine:
            raise
        except Exception as error:  # noqa: BLE001 - what is written can still be judged
            self.failure = error
            return Renderings()
        if renderings.files or renderings.superseded:
            self.files.update((source.path, source) for source in renderings.sources)
            written = (Document(source) for file in self.given.files for source in file.documents)
            kept = (document for document in written if (document.file, document.index) not in renderings.superseded)
            self.project = self._read([*kept, *renderings.documents(self.files)], renderings.read)
        return renderings
