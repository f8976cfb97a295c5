"""Looks for secrets where no rule of a run was asked to: what a report shows must not show them."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Location, Registry
from kubelint.config.model import Settings
from kubelint.engine.checking import Checking
from kubelint.engine.selection import select_rules
from kubelint.manifests import Document, Project
from kubelint.sources import SourceDocument, SourceFile, Span
from kubelint.sources.text_files import TextFile, text_kind


class SecretSearch:
    """All secrets rules, and nothing else, over whatever files it is given."""

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self.rules = registry.matching(Category.SECRETS)
        self._settings = settings._replace(select=(Category.SECRETS,), deselect=())
        self._registry = registry

    def locations(self, files: list[SourceFile]) -> list[Location]:
        """Where there is a secret in `files`."""
        return self._over(files).locations() if files and self.rules else []

    def finds(self, files: list[SourceFile]) -> bool:
        """Whether there is a Secret among `files`, or anything that the rules find."""
        if not files:
            return False
        checking = self._over(files)
        return bool(checking.project.objects("Secret") or checking.locations())

    def among(self, path: str, words: list[str]) -> list[int]:
        """Which of the `words` of a file are secrets."""
        source = SourceFile(path, "\n".join(words))
        source.documents.append(SourceDocument(source, 0, words, Span(0, 0), 0))
        steps = (location.path[:1] for location in self.locations([source]))
        return [step for (step,) in filter(None, steps) if isinstance(step, int)]

    def _over(self, files: list[SourceFile]) -> Checking:
        documents = (Document(source) for file in files for source in file.documents)
        project = Project(documents, texts=[text for file in files for text in _texts(file)])
        entries = select_rules(self._registry, self._settings) if self.rules else []
        checking = Checking(project, files, entries, self._settings)
        checking.run()
        return checking


def _texts(file: SourceFile) -> Iterator[TextFile]:
    """A file that is read as text, as rules see it; nothing of any other."""
    kind = text_kind(file.path)
    if kind is not None and not file.documents:
        yield TextFile(file.path, kind, lambda: file)
