"""Looks for secrets where no rule of a run was asked to: what a report shows must not show them."""

from __future__ import annotations

from kubelint.checks import Category, Location, Registry
from kubelint.config.model import Settings
from kubelint.engine.checking import Checking
from kubelint.engine.selection import select_rules
from kubelint.manifests import Document, Project
from kubelint.sources import SourceDocument, SourceFile, Span


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
        steps = (location.path[0] for location in self.locations([source]))
        return [step for step in steps if isinstance(step, int)]

    def _over(self, files: list[SourceFile]) -> Checking:
        project = Project(Document(source) for file in files for source in file.documents)
        entries = select_rules(self._registry, self._settings) if self.rules else []
        checking = Checking(project, files, entries, self._settings)
        checking.run()
        return checking
