"""A place in a document that a rule can read, walk from and point at. It need not exist."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from kubelint.cluster.templates import has_template
from kubelint.sources import Inside, Path, Step
from kubelint.sources.scalars import PlainScalars, TaggedText
from kubelint.sources.values import UnreadableYaml, build_documents

if TYPE_CHECKING:
    from kubelint.manifests.documents import Document

Part = Literal["value", "key"]
Action = Literal["replace", "delete", "append", "insert"]


class FieldKey(NamedTuple):
    """A field's key, to point at instead of its value."""

    field: Field


class FieldSlice(NamedTuple):
    """Some characters of a string's value, to point at instead of all of it."""

    field: Field
    start: int
    end: int


class Edit(NamedTuple):
    """One change to a document, said in its own terms: which field, and what YAML text becomes of it.

    `replace` puts `text` in place of the value; `delete` removes the field with its key; `append` adds the item
    `text` to a sequence; `insert` adds `key: text` to a mapping. The engine turns it into characters, in the style of
    the file.
    """

    file: str
    document: int
    path: Path
    action: Action
    text: str = ""
    key: str = ""
    characters: tuple[int, int] | None = None
    """Where only some characters of the string at the path are meant: their start and end in its value."""
    order: tuple[str, ...] = ()
    """The keys of the mapping as people write them, to put a new one in its place; without them it comes last."""


class Field:
    """A value at a path of a document: known, absent or unknown. Immutable; walking never raises."""

    __slots__ = ("_in_template", "_template_key", "document", "exists", "path", "value")

    _template_key: bool
    characters: tuple[int, int] | None = None
    """Start and end of the value within the string at the path, where the value is only a part of it."""

    def __init__(
        self, document: Document, path: Path, value: Any, exists: bool = True, in_template: bool = False
    ) -> None:
        self.document = document
        self.path = path
        self.value = value
        self.exists = exists
        self._in_template = in_template

    def __repr__(self) -> str:
        state = "unknown" if self.unknown else "exists" if self.exists else "absent"
        return f"<Field {self.document.file}:{self.display} {state}>"

    @property
    def unknown(self) -> bool:
        """Whether the value is filled in by somebody else later: template text, a custom tag, or below either."""
        return self._in_template or _is_template(self.value)

    @property
    def absent(self) -> bool:
        """Whether nothing is there for sure: no key, or null; and no template that may supply it."""
        return self.value is None and not self.unknown

    @property
    def text(self) -> str | None:
        """The value if it is a known string."""
        return self.value if isinstance(self.value, str) and not self.unknown else None

    @property
    def integer(self) -> int | None:
        """The value if it is a known integer; booleans are none."""
        return self.value if isinstance(self.value, int) and not isinstance(self.value, bool) else None

    @property
    def boolean(self) -> bool | None:
        """The value if it is a known boolean."""
        return self.value if isinstance(self.value, bool) else None

    @property
    def key(self) -> FieldKey:
        """This field's key, to point at."""
        return FieldKey(self)

    @property
    def name(self) -> str:
        """The last step of the path: the key, or the index as text."""
        return str(self.path[-1]) if self.path else ""

    @property
    def display(self) -> str:
        """The path as people write it: `spec.containers[0].image`."""
        return display_path(self.path)

    def get(self, *steps: Step) -> Field:
        """The field that `steps` lead to, existing or not."""
        here = self
        for step in steps:
            here = here._child(step)
        return here

    def _child(self, step: Step) -> Field:
        value = self.value
        if isinstance(value, dict) and step in value:
            return Field(self.document, (*self.path, step), value[step], True, self._in_template)
        if isinstance(value, list) and isinstance(step, int) and step < len(value):
            return Field(self.document, (*self.path, step), value[step], True, self._in_template)
        unknown = self.unknown or (isinstance(value, dict) and self._any_template_key(value))
        return Field(self.document, (*self.path, step), None, False, unknown)

    def _any_template_key(self, value: dict[str, Any]) -> bool:
        """Whether a key is template text, so that any key may be there; found out once for all that is not."""
        try:
            return self._template_key
        except AttributeError:
            self._template_key = any(map(_is_template_key, value))
            return self._template_key

    def items(self) -> Iterator[tuple[str, Field]]:
        """The keys and fields of a mapping; nothing for anything else."""
        if isinstance(self.value, dict):
            for key in self.value:
                yield key, self._child(key)

    def elements(self) -> Iterator[Field]:
        """The items of a sequence; nothing for anything else."""
        if isinstance(self.value, list):
            for index in range(len(self.value)):
                yield self._child(index)

    def strings(self) -> list[str]:
        """The known strings of a sequence of strings, or the one known string that stands in its place."""
        if isinstance(self.value, list):
            return [item for item in self.value if isinstance(item, str) and not _is_template(item)]
        return [self.text] if self.text is not None else []

    def embedded(self) -> list[Field]:
        """The roots of the YAML documents that this string holds; none where it is no string or not YAML."""
        if not isinstance(self.value, str):
            return []
        try:
            documents = list(build_documents(self.value, PlainScalars()))
        except UnreadableYaml:
            return []
        return [
            Field(self.document, (*self.path, Inside(index)), document.value)
            for index, document in enumerate(documents)
        ]

    def slice(self, start: int, end: int) -> FieldSlice:
        """The characters `start` to `end` of this string's value, to point at."""
        return FieldSlice(self, start, end)

    def replace(self, text: str) -> Edit:
        """Put the YAML text `text` in place of the value."""
        return self._edit("replace", text)

    def delete(self) -> Edit:
        """Remove the field, key and all."""
        return self._edit("delete")

    def append(self, text: str, order: tuple[str, ...] = ()) -> Edit:
        """Add the item `text` to this sequence. Where it is missing, its key comes where `order` has it."""
        return self._edit("append", text, order=order)

    def insert(self, key: str, text: str, order: tuple[str, ...] = ()) -> Edit:
        """Add `key: text` to this mapping, where `order` has the key or, where that is missing too, the mapping's."""
        return self._edit("insert", text, key, order)

    def _edit(self, action: Action, text: str = "", key: str = "", order: tuple[str, ...] = ()) -> Edit:
        return Edit(self.document.file, self.document.index, self.path, action, text, key, self.characters, order)


class Excerpt(Field):
    """A value that some characters of a string say: the `1` of `helm upgrade --set replicas=1`."""

    __slots__ = ("characters",)

    def __init__(self, document: Document, path: Path, value: Any, characters: tuple[int, int] | None) -> None:
        super().__init__(document, path, value)
        self.characters = characters


def _is_template(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    return isinstance(value, TaggedText) or has_template(value)


#: The same few keys stand in all manifests.
_is_template_key = lru_cache(4096, typed=True)(_is_template)


def display_path(path: Path) -> str:
    """`path` as people write it; a step into embedded YAML shows as ` › `."""
    shown = ""
    for step in path:
        if isinstance(step, Inside):
            shown += " › "
        elif isinstance(step, int):
            shown += f"[{step}]"
        elif step and step.replace("-", "").replace("_", "").isalnum():
            shown += f".{step}" if shown and not shown.endswith(" › ") else step
        else:
            quoted = step.replace("\\", "\\\\").replace('"', '\\"')
            shown += f'["{quoted}"]'
    return shown
