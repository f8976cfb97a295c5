"""Where in its template a field of a rendered document is written: by keys, indentation and what is written as it is.

Only a match that can be no other line counts. Else the nearest mapping around the field that has one is taken; and the
template's first line where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from kubelint.manifests.field import Part
from kubelint.rendering.rendered import Trace
from kubelint.rendering.template_lines import Entry, read_template
from kubelint.sources import Inside, Path, SourceFile, Span, Step

_MISSING = object()
_MOST = 3_000_000
"""How many entries are looked at for all findings in one template: seconds. What is left then gets the first line."""


class TemplateMap:
    """Leads from the documents of one rendered file back to its template."""

    def __init__(self, template: SourceFile, rendered: SourceFile) -> None:
        self._template = template
        self._rendered = rendered
        self._left = _MOST

    def trace(self, document: int, path: Path, part: Part) -> Trace:
        """Where the field at `path` is written; for one that is missing its nearest ancestor that is there."""
        root = self._rendered.documents[document].value if document < len(self._rendered.documents) else None
        steps = tuple(step for step in path if not isinstance(step, Inside))
        whole = len(steps) == len(path)
        known = _existing(root, steps) if whole else len(steps)
        for length in range(known, 0, -1):
            entry = self._find(root, steps[:length])
            if entry is not None:
                exact = length == len(steps)
                return self._trace(_span(entry, part if exact else "key"), part if exact else "key")
        entry = self._handle(root) if not steps or known == 0 or isinstance(root, dict) else None
        return self._trace(entry.span if entry is not None else self._first_line, part)

    def trace_span(self, span: Span) -> Trace:
        """Where the line of some rendered text stands, if it is one of a kind; else the template's first line."""
        wanted = self._rendered.lines.line(self._rendered.lines.position(span.start).line).strip()
        found = self._lines.get(wanted, []) if wanted else []
        return self._trace(found[0] if len(found) == 1 else self._first_line, "value")

    def _trace(self, span: Span, part: Part) -> Trace:
        return Trace(self._template.path, part=part, span=span)

    def _find(self, root: Any, steps: tuple[Step, ...]) -> Entry | None:
        """The one entry that can be what stands at `steps` of `root`."""
        found: list[Entry] = [entry for entry in self._documents if not _contradicts(entry, root)]
        value = root
        for step in steps:
            value = _at(value, step)
            children = [child for entry in found for child in entry.children if _is_step(child, step)]
            self._left -= sum(1 + len(entry.children) for entry in (*found, *children))
            if self._left < 0:
                return None
            found = [child for child in children if not _contradicts(child, value)]
        fitting = found if value is _MISSING else [entry for entry in found if entry.fits(value)]
        literal = [entry for entry in fitting if entry.says(value)]
        return _only(literal) or _only(fitting) if len(literal) < 2 else None

    def _handle(self, root: Any) -> Entry | None:
        """What people call an object: its name, else its kind."""
        return self._find(root, ("metadata", "name")) or self._find(root, ("kind",))

    @cached_property
    def _documents(self) -> list[Entry]:
        return read_template(self._template.text)

    @cached_property
    def _lines(self) -> dict[str, list[Span]]:
        """The lines of the template by what they hold."""
        lines = self._template.lines
        found: dict[str, list[Span]] = {}
        for number in range(1, len(lines) + 1):
            text = lines.line(number)
            start = lines.offset(number) + len(text) - len(text.lstrip())
            found.setdefault(text.strip(), []).append(Span(start, start + len(text.strip())))
        return found

    @property
    def _first_line(self) -> Span:
        return self._template.lines.span(1)


def _span(entry: Entry, part: Part) -> Span:
    short = entry.text and entry.text[0] not in "|>&"
    return entry.span if part == "value" and short else entry.key_span


def _only(entries: list[Entry]) -> Entry | None:
    return entries[0] if len(entries) == 1 else None


def _is_step(entry: Entry, step: Step) -> bool:
    return entry.kind == "item" if isinstance(step, int) else entry.kind == "key" and entry.is_named(str(step))


def _contradicts(entry: Entry, value: Any) -> bool:
    """Whether what is written below `entry` cannot be `value`: a scalar there is another one, however written."""
    if isinstance(value, dict):
        return any(not any(child.fits(item) for child in same) for item, same in _scalars(entry, value))
    if entry.kind == "item" and not isinstance(value, list) and value is not None and value is not _MISSING:
        return not entry.fits(value)
    return False


def _scalars(entry: Entry, value: dict[str, Any]) -> Iterable[tuple[Any, list[Entry]]]:
    """The scalars of `value`, each with the entries below `entry` that are written under its key; of a name too."""
    by_key: dict[str, list[Entry]] = {}
    for child in entry.children:
        if child.kind == "key":
            by_key.setdefault(child.key.strip("\"'"), []).append(child)
    for key, item in value.items():
        if key in by_key and not isinstance(item, dict | list):
            yield item, by_key[key]
        elif key == "metadata" and isinstance(item, dict) and entry.kind == "document":
            for child in by_key.get(key, []):
                yield from ((name, same) for name, same in _scalars(child, {"name": item.get("name")}) if same)


def _existing(value: Any, steps: tuple[Step, ...]) -> int:
    """How many of `steps` can be gone from `value`."""
    for number, step in enumerate(steps):
        value = _at(value, step)
        if value is _MISSING:
            return number
    return len(steps)


def _at(value: Any, step: Step) -> Any:
    if isinstance(value, dict) and not isinstance(step, int):
        return value.get(step, _MISSING)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return _MISSING
