"""What the tests of releases share: a project of files given as text, and where a value of it stands."""

from kubelint.checks import Location
from kubelint.engine.places import Places
from kubelint.manifests import Document, Project
from kubelint.sources.reading import read_bytes


class Tree:
    """A project of files given as text."""

    def __init__(self, files: dict[str, str], repositories=()) -> None:
        self.sources = {name: read_bytes(name, text.encode()) for name, text in files.items()}
        documents = (Document(source) for file in self.sources.values() for source in file.documents)
        self.project = Project(documents, None, repositories)

    def where(self, target) -> str:
        """`file:line:column` of what a finding would point at, and the text there."""
        place = Places(self.sources).find(Location.of(target))
        text = self.sources[place.path].text[place.span.start : place.span.end]
        return f"{place.path}:{place.start.line}:{place.start.column} {text}"

    def releases(self, wrapper=None):
        return [release for release in self.project.releases if wrapper in (None, release.wrapper)]

    def release(self, wrapper):
        (found,) = self.releases(wrapper)
        return found
