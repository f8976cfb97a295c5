"""Real repositories: all of it reads, every scalar is found where it stands, comments are those between tokens."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sources.shared import SHARED

from kubelint.sources import Inside, Path, SourceDocument, SourceFile
from kubelint.sources.discovery import SUFFIXES
from kubelint.sources.reading import read_file
from kubelint.sources.scalars import PlainScalars
from kubelint.sources.values import UnreadableYaml, build_documents

CORPUS = SHARED / "corpus"
REPOSITORIES = sorted(path.name for path in CORPUS.glob("*__*"))
SMALL = 64 * 1024
PLAIN = PlainScalars()

pytestmark = pytest.mark.skipif(not REPOSITORIES, reason="no corpus beside the repository (KUBELINT_SHARED)")


@cache
def files(repository: str) -> list[SourceFile]:
    root = CORPUS / repository
    found = (path for path in sorted(root.rglob("*")) if path.name.endswith(SUFFIXES) and path.is_file())
    return [read_file(root, path.relative_to(root).as_posix()) for path in found]


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_every_file_reads(repository: str) -> None:
    broken = [(file.path, file.problems) for file in files(repository) if file.problems]
    assert broken == []
    skipped = [file for file in files(repository) if file.skipped in ("helm-template", "template")]
    assert all(any(mark in file.text for mark in ("{{", "${", "{%", "@")) for file in skipped)


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_scalars_stand_where_they_are_written(repository: str) -> None:
    for file in files(repository):
        for document in file.documents if len(file.text) < SMALL else []:
            for path, value in _scalars(document.value, (), set()):
                _check(file, document, path, value)


def _scalars(value: Any, path: Path, seen: set[int]) -> Iterator[tuple[Path, Any]]:
    if not isinstance(value, dict | list):
        yield path, value
    elif id(value) not in seen:
        seen.add(id(value))
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _scalars(item, (*path, step), seen)


def _check(file: SourceFile, document: SourceDocument, path: Path, value: Any) -> None:
    place = document.locate(path)
    assert place is not None
    assert place.found == len(path)
    text = file.text[place.node.span.start : place.node.span.end]
    where = (file.path, path)
    if place.key is not None:
        key = file.text[place.key.span.start : place.key.span.end]
        assert key == path[-1] or _alone(key, file.is_json) == path[-1] or str(path[-1]) in key, where
    if place.node.style == "alias":
        assert text.startswith("*"), where
    elif place.node.style == "plain" and "\n" not in text and not text.startswith("{{"):
        assert PLAIN[text] == value or text == value, where
    elif place.node.style in ("single", "double"):
        assert text[0] == text[-1] in "'\"", where
        assert _alone(text, file.is_json) == value, where
    elif place.node.style in ("literal", "folded"):
        assert text[0] in "|>", where
        assert _alone(text, False).rstrip("\n") == value.rstrip("\n"), where


def _alone(text: str, is_json: bool) -> Any:
    if is_json:
        text = text.replace("\\/", "/")
    [document] = build_documents(text + "\n", PLAIN)
    return document.value


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_comments_are_what_stands_between_tokens(repository: str) -> None:
    for file in files(repository):
        if not file.is_json and not file.skipped and len(file.text) < SMALL:
            assert [(comment.span.start, comment.text) for comment in file.comments] == list(_gaps(file.text)), (
                file.path
            )


def _gaps(text: str) -> Iterator[tuple[int, str]]:
    """The comments of `text` as the gaps between its tokens show them."""
    end = 0
    for token in yaml.scan(text, yaml.CSafeLoader):
        yield from _in_gap(text, end, token.start_mark.index)
        end = max(end, token.end_mark.index)
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            header = text[token.start_mark.index : text.index("\n", token.start_mark.index)]
            if "#" in header:
                yield token.start_mark.index + header.index("#"), header[header.index("#") :].rstrip("\r")
    yield from _in_gap(text, end, len(text))


def _in_gap(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    for line in text[start:end].splitlines(keepends=True):
        if "#" in line:
            at = line.index("#")
            yield start + at, line[at:].rstrip("\r\n")
        start += len(line)


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_scalars_of_documents_inside_strings(repository: str) -> None:
    for file in files(repository):
        for document in file.documents if len(file.text) < SMALL and not file.is_json else []:
            for path, value in _scalars(document.value, (), set()):
                if isinstance(value, str) and "\n" in value and ": " in value:
                    _check_embedded(file, document, path, value)


def _check_embedded(file: SourceFile, document: SourceDocument, path: Path, value: str) -> None:
    try:
        inner = [read.value for read in build_documents(value, PLAIN)]
    except UnreadableYaml:
        return
    for index, root in enumerate(inner):
        for step, text in _scalars(root, (), set()):
            place = document.locate((*path, Inside(index), *step))
            assert place is not None
            assert place.found == len(path) + 1 + len(step)
            shown = file.text[place.node.span.start : place.node.span.end]
            if place.node.style == "plain" and "\n" not in shown and "\\" not in shown and not shown.startswith("{{"):
                assert PLAIN[shown] == text or shown == text, (file.path, path, step)


@pytest.mark.filterwarnings("ignore::ruamel.yaml.error.ReusedAnchorWarning")
@pytest.mark.parametrize("repository", REPOSITORIES)
def test_an_independent_reader_sees_the_same_strings(repository: str) -> None:
    """ruamel.yaml, in Python and for YAML 1.2: the structure and what is quoted are the same in both versions."""
    small = [file for file in files(repository) if len(file.text) < 4096 and file.documents and not file.is_json]
    for file in small[::10]:
        try:
            loaded = list(YAML(typ="safe", pure=True).load_all(file.text))
        except (YAMLError, ValueError, TypeError, NotImplementedError):
            continue  # custom tags, `{{ }}` as a key
        assert [_shape(value) for value in loaded] == [_shape(document.value) for document in file.documents], file.path


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return value if isinstance(value, str) and "\n" in value else ""
