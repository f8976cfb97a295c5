"""The credentials that charts are given as values, each place once."""

from collections.abc import Iterator
from posixpath import basename

from kubelint.manifests import Document, Field, Project, once_per_project
from kubelint.manifests.releases.release import ValuesSource
from kubelint.regexes import regex

from .named_values import NamedValue, in_string, named_values
from .secret_objects import is_sealed

_NAME = regex(r"(?:[\w.-]*[._-])?values(?:[._-][\w.-]*)?\.ya?ml")


@once_per_project
def credentials_in_values(project: Project) -> list[tuple[NamedValue, str]]:
    """The credentials in the values of every chart of the tree, each with the file that it stands in."""
    return [
        (found, values.document.file)
        for values in _values(project)
        if not is_sealed(values.document.root)
        for found in (in_string(values, "", values.value) if type(values.value) is str else named_values(values))
    ]


@once_per_project
def value_documents(project: Project) -> frozenset[Document]:
    """The documents that are values as a whole: other rules leave them to the one about values."""
    return frozenset(values.document for values in _values(project) if not values.path)


def _values(project: Project) -> Iterator[Field]:
    """The roots of all values: of releases, of what charts are tested with, of files that are called so."""
    seen: set[tuple[Document, object]] = set()  # many releases may be given the same file
    for source in (source for release in project.releases for source in release.sources):
        values = _written(source)
        place = values.document, values.path
        if source.form == "assignments" or place not in seen:
            seen.add(place)
            yield values
    for field in (*(root for chart in project.charts.values() for root in chart.ci), *_files(project)):
        if (field.document, field.path) not in seen:
            seen.add((field.document, field.path))
            yield field


def _written(source: ValuesSource) -> Field:
    """The values; the text that should be them where a template keeps it from being read."""
    if source.form == "outside" and type(source.at.value) is str and "\n" in source.at.value:
        return source.at
    return source.values


def _files(project: Project) -> Iterator[Field]:
    """The files called as values are that no release of the tree names: others may."""
    for file, documents in project.files.items():
        first = documents[0]
        if _NAME.fullmatch(basename(file)) and not first.rendering and not first.root.get("kind").exists:
            yield first.root
