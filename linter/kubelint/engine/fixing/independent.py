"""Whether a changed text says what its edits say, and nothing else: as ruamel.yaml reads it, which nothing else here is
read with.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from kubelint.engine.fixing.differing import differing
from kubelint.engine.fixing.edits import is_of_text
from kubelint.manifests.field import Edit
from kubelint.sources import Inside, Path, SourceFile, Span, read_documents
from kubelint.sources.comments import find_comments

_SURROGATE = re.compile("[\ud800-\udfff]")
_NULL = "tag:yaml.org,2002:null"
_GONE = object()
"""What stands where something was deleted: the paths of other edits count it still."""


class Scalar(NamedTuple):
    """A scalar: its tag, explicit or resolved, and its text."""

    tag: str
    text: str


class Embedded(NamedTuple):
    """A string that holds documents, with the comments in it."""

    documents: tuple[Any, ...]
    comments: Counter[str]


class NotAsMeant(Exception):
    """What came of some edits is not what they say. The message says how, and quotes nothing of the file."""


def check(before: SourceFile, after: str, edits: Sequence[Edit]) -> None:
    """Raise NotAsMeant unless `after` is what `edits` make of `before`: the data differ only where an edit says so, and
    every comment that no edit is about is still there.
    """
    if not before.documents:
        return  # no YAML: the edits say the text itself
    part = differing(before.text, after, [edit.document for edit in edits if not is_of_text(edit)])
    wanted = _documents(part.before)
    for edit in edits:
        if not is_of_text(edit):
            number = edit.document - part.number
            if number >= len(wanted):
                raise NotAsMeant("its document cannot be found again")
            wanted[number] = _edited(wanted[number], edit.path, edit)
    if not _same_all(wanted, _documents(part.after)):
        raise NotAsMeant("it would have changed something else, too")
    if _comments(part.before, edits, part.start) - _comments(part.after):
        raise NotAsMeant("a comment would have been lost")
    if read_documents(before.path, after).problems:
        raise NotAsMeant("the file could not be read any more")


def _comments(text: str, edits: Iterable[Edit] = (), start: int = 0) -> Counter[str]:
    """The comments of `text`, which stands at `start` in its file, but those that one of `edits` is about."""
    about = [edit.characters for edit in edits if edit.characters and is_of_text(edit)]
    spans = [Span(first - start, last - start) for first, last in about]
    comments = [found for found in find_comments(text) if not any(_meet(found.span, span) for span in spans)]
    return Counter(found.text.strip() for found in comments)


def _meet(comment: Span, edited: Span) -> bool:
    return edited.start < comment.end and comment.start < edited.end


def _documents(text: str) -> list[Any]:
    """The documents of `text` as plain data: mappings, lists and Scalars."""
    reader = YAML(typ="safe", pure=True)  # round-trip mode marks the folds of scalars in their text
    try:
        return [_plain(node, {}) for node in reader.compose_all(text)]
    except (YAMLError, RecursionError, ValueError):
        raise NotAsMeant("another reader of YAML cannot read it") from None


def _plain(node: Node | None, known: dict[int, Any]) -> Any:
    if id(node) in known:
        return known[id(node)]
    if isinstance(node, MappingNode):
        found: Any = {}
        known[id(node)] = found
        found.update((str(getattr(key, "value", None)), _plain(value, known)) for key, value in node.value)
    elif isinstance(node, SequenceNode):
        known[id(node)] = found = []
        found.extend(_plain(item, known) for item in node.value)
    else:
        tag = str(getattr(node, "tag", ""))
        found = Scalar(tag, "" if tag == _NULL else _joined(str(getattr(node, "value", ""))))
    return found


def _joined(text: str) -> str:
    """`text` with characters in place of their two surrogates, as JSON may say them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _SURROGATE.search(text) else text


def _edited(data: Any, path: Path, edit: Edit) -> Any:
    """A copy of `data` in which `edit` is made at the end of `path`."""
    if not path:
        return _remade(data, edit)
    step, rest = path[0], path[1:]
    if isinstance(step, Inside):
        return _edited_inside(data, step.document, rest, edit)
    if isinstance(step, int):
        items = list(data) if isinstance(data, list) else []
        if step >= len(items):
            raise NotAsMeant("it is not there")
        items[step] = _edited(items[step], rest, edit)
        return items
    members = dict(data) if isinstance(data, dict) else {}
    members[step] = _edited(members.get(step), rest, edit)
    return members


def _edited_inside(data: Any, number: int, path: Path, edit: Edit) -> Embedded:
    if isinstance(data, Scalar):
        data = Embedded(tuple(_documents(data.text)), _comments(data.text))
    if not isinstance(data, Embedded) or number >= len(data.documents):
        raise NotAsMeant("it is not there")
    documents = list(data.documents)
    documents[number] = _edited(documents[number], path, edit)
    return data._replace(documents=tuple(documents))


def _remade(data: Any, edit: Edit) -> Any:
    """What `edit` makes of the data at its path."""
    if edit.action == "delete":
        return _GONE
    if edit.characters is not None and isinstance(data, Scalar):
        start, end = edit.characters
        return data._replace(text=data.text[:start] + edit.text + data.text[end:])
    (value,) = _documents(edit.text) or [Scalar("", "")]
    if edit.action == "append":
        return [*(data if isinstance(data, list) else ()), value]
    if edit.action == "insert":
        return {**(data if isinstance(data, dict) else {}), edit.key: value}
    return value


def _same_all(wanted: Sequence[Any], found: Sequence[Any]) -> bool:
    return len(wanted) == len(found) and all(map(_same, wanted, found))


def _same(wanted: Any, found: Any) -> bool:
    """Whether two values are equal: keys in any order, an embedded document in whatever string it stands."""
    if isinstance(wanted, Embedded):
        if not isinstance(found, Scalar) or wanted.comments - _comments(found.text):
            return False
        return _same_all(wanted.documents, _documents(found.text))
    if isinstance(wanted, dict) and isinstance(found, dict):
        kept = {key: value for key, value in wanted.items() if value is not _GONE}
        return kept.keys() == found.keys() and all(_same(value, found[key]) for key, value in kept.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return _same_all([item for item in wanted if item is not _GONE], found)
    return bool(wanted == found)
