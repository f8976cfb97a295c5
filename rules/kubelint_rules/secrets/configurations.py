"""What of a tree is configuration: entries of ConfigMaps, and what kustomizations make ConfigMaps of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from kubelint.manifests import Document, Field, KubeObject, Project, once_per_project
from kubelint.manifests.kustomize.generated import Generated, GeneratedKey
from kubelint.manifests.shell.lexer import read_shell
from kubelint.manifests.shell.passages import FilePassage, Passage, passage_of_field
from kubelint.manifests.shell.scripts import interpreter
from kubelint.manifests.shell.wrappers import SHELLS

from .chart_values import value_documents
from .command_secrets import may_hold_secret, secrets_in
from .named_values import MOST, NamedValue, in_encoded, in_string, in_text, named_values

_SCRIPT_NAMES = (".sh", ".bash")


def in_config_map(project: Project, obj: KubeObject) -> Iterator[NamedValue]:
    """The credentials in the entries of a ConfigMap; entries that are the values of a chart are left out."""
    given = _chart_values(project)
    for key, field in obj.field("data").items():
        if (field.document, field.path) not in given and type(field.value) is str:
            yield from _in_entry(field, key, field.value)
    for _, field in obj.field("binaryData").items():
        if type(field.value) is str:
            yield from in_encoded(field, field.value)


def in_generated(project: Project, generated: Generated) -> Iterator[NamedValue]:
    """The credentials in what a ConfigMap is generated from: literals, and files that are read."""
    values = value_documents(project)
    for key in generated.keys:
        if key.text is not None:
            yield from _in_literal(key)
        for document in key.documents:
            if document not in values and not _is_object(document):
                yield from named_values(document.root)
        passage = _texts(project).get(key.file or "")
        if passage is not None:
            yield from _in_file(key.name, passage)


@once_per_project
def _texts(project: Project) -> dict[str, Passage]:
    return {text.path: FilePassage(text) for text in project.texts}


def _in_file(name: str, passage: Passage) -> Iterator[NamedValue]:
    if _is_script(name, passage.text):
        yield from _in_script(passage)
        return
    for found in in_text(passage.text)[:MOST]:
        at = passage.at(found.start, found.end)
        yield NamedValue(found.key, found.kind, found.end - found.start, at, found.proven)


def _in_literal(key: GeneratedKey) -> Iterator[NamedValue]:
    """The entry as a whole: that is where what it makes is traced back to."""
    for found in in_string(key.field, key.name, key.text or ""):
        yield found._replace(at=key.field)


def _in_entry(field: Field, key: str, text: str) -> Iterator[NamedValue]:
    if "\n" in text and _is_script(key, text):
        yield from _in_script(passage_of_field(field))
    else:
        yield from in_string(field, key, text)


def _is_script(key: str, text: str) -> bool:
    if key.endswith(_SCRIPT_NAMES):
        return True
    return text.startswith("#!") and interpreter(text) in SHELLS


def _in_script(passage: Passage) -> Iterator[NamedValue]:
    """The credentials on the command lines of a shell script."""
    if may_hold_secret(passage.text):
        found = (secret for command in read_shell(passage).commands for secret in secrets_in(command))
        for secret in islice(found, MOST):
            yield NamedValue(secret.name, secret.kind, secret.length, secret.at, secret.proven)


def _is_object(document: Document) -> bool:
    return document.root.get("apiVersion").exists and document.root.get("kind").exists


@once_per_project
def _chart_values(project: Project) -> frozenset[tuple[Document, tuple[Any, ...]]]:
    """The entries of ConfigMaps that hold the values of charts: those are read as such."""
    sources = (source for release in project.releases for source in release.sources if source.form == "ConfigMap")
    return frozenset((source.values.document, source.values.path[:-1]) for source in sources)
