"""What the tests of releases share: projects read from a fixture or from text, and where a value of theirs stands."""

from linting import FIXTURES

from kubelint.checks import Location
from kubelint.engine.places import Places
from kubelint.manifests import Document, Project
from kubelint.sources import read_documents
from kubelint.sources.discovery import Discovery
from kubelint.sources.reading import read_file


def fixture_project(name):
    """The project in `fixtures/projects/releases/<name>`."""
    root = (FIXTURES / "projects" / "releases" / name).resolve()
    return _project([read_file(root, path) for path in Discovery(root).walk()])


def text_project(**files):
    """A project of files given as text, `__` for `/` in their names."""
    return _project([read_documents(f"{name.replace('__', '/')}.yaml", text) for name, text in files.items()])


def _project(sources):
    return Project(Document(document) for source in sources for document in source.documents)


def place(field):
    """`file:line:column` of a field, as a finding there would show it."""
    source = field.document.source.source
    found = Places({source.path: source}).find(Location.of(field))
    return f"{found.path}:{found.start.line}:{found.start.column}"


def by_name(releases):
    """The releases by the names of their objects."""
    return {release.obj.name: release for release in releases}
