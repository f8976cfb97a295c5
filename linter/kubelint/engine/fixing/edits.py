"""From edits, which name fields, to changes, which are characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from kubelint.engine.fixing.changes import CannotEdit, Change
from kubelint.engine.fixing.containers import Holder
from kubelint.engine.fixing.removals import removals
from kubelint.engine.fixing.sheets import Sheet, encoded_slice, fits_plain, sheet_at
from kubelint.engine.fixing.yaml_text import parsed, scalar, style_of
from kubelint.manifests.field import Edit
from kubelint.sources import Inside, Path, SourceFile, Span
from kubelint.sources.embedded import span_inside
from kubelint.sources.nodes import Node, Place


class _Target(NamedTuple):
    """An edit with the place that its path leads to, as far as that exists, and the text that holds it."""

    edit: Edit
    place: Place
    sheet: Sheet

    @property
    def missing(self) -> Path:
        """The end of the path that is not there."""
        return self.edit.path[self.place.found :]

    def holder(self, up: int = 0) -> Holder:
        """The node at the place, or, with `up`, the one that holds it."""
        trail = self.place.trail[: len(self.place.trail) - up]
        inside = [number for number, step in enumerate(self.edit.path[: len(trail) - 1]) if isinstance(step, Inside)]
        first = inside[-1] + 1 if inside else 0
        in_flow = any(node.style == "flow" for node in trail[first:-1])
        style = style_of(trail[first], self.sheet.text, is_json=self.sheet.is_json)
        return Holder(self.sheet, trail[-1], _key_of(trail[first:]), in_flow, style)


def changes_of(source: SourceFile, edits: Sequence[Edit]) -> list[Change]:
    """The changes of the text of `source` that `edits`, those of one fix, come down to.

    Raises CannotEdit where one of them cannot be made without touching what it does not speak of.
    """
    changes = [Change(Span(*edit.characters), edit.text) for edit in edits if edit.characters and is_of_text(edit)]
    targets = [_target(source, edit) for edit in edits if not is_of_text(edit)]
    for old, new in _renames(targets):
        changes += _renamed(old, new)
        targets = [target for target in targets if target is not old and target is not new]
    for together in _groups(targets):
        changes += _changes(together)
    return changes


def is_of_text(edit: Edit) -> bool:
    """Whether an edit counts in the file's characters: of a comment, or of a file that is no YAML."""
    return not edit.path and edit.characters is not None


def _target(source: SourceFile, edit: Edit) -> _Target:
    place = source.documents[edit.document].locate(edit.path) if edit.document < len(source.documents) else None
    if place is None:
        raise CannotEdit("its document cannot be read")
    target = _Target(edit, place, sheet_at(source, place, edit.path))
    if not all(isinstance(step, str) for step in target.missing):
        raise CannotEdit("it is not there")
    if edit.action == "delete" and (target.missing or not edit.path or isinstance(edit.path[-1], Inside)):
        raise CannotEdit("it is no member of anything")
    return target


def _renames(targets: list[_Target]) -> Iterator[tuple[_Target, _Target]]:
    """Each removal of a key with the insertion that puts another in its place."""
    taken: set[int] = set()
    for old in targets:
        if old.edit.action != "delete" or not isinstance(old.edit.path[-1], str):
            continue
        for number, new in enumerate(targets):
            beside = new.edit[:3] == (old.edit.file, old.edit.document, old.edit.path[:-1])
            if new.edit.action == "insert" and beside and number not in taken:
                taken.add(number)
                yield old, new
                break


def _renamed(old: _Target, new: _Target) -> list[Change]:
    """The key in its place under its new name, with its value where that stays the same."""
    outer, member = old.holder(1), old.holder()
    if member.key is None or outer.node.child(new.edit.key) is not None:
        raise CannotEdit("the key is there already")
    name = scalar(new.edit.key, outer.style, like=member.key.style, flow=outer.is_flow)
    changes = [Change(old.sheet.span(member.key), name)]
    value = parsed(new.edit.text)
    if value != _value(old):
        changes += member.become(value)
    return [old.sheet.outward(change) for change in changes]


def _value(target: _Target) -> Any:
    """What stands at the place, as plain data."""
    node, sheet = target.place.node, target.sheet
    if node.style in ("single", "double", "literal", "folded"):
        return node.text
    try:
        return parsed(" " * sheet.column(node) + sheet.text[slice(*sheet.span(node))])
    except CannotEdit:
        return None


def _groups(targets: list[_Target]) -> list[list[_Target]]:
    """The targets that are changed together: all members of a collection that go, or come. What lies deeper comes
    first: where two collections end, so the text of the inner one stands before that of the outer.
    """
    groups: dict[tuple[Any, ...], list[_Target]] = {}
    for number, target in enumerate(targets):
        action, trail = target.edit.action, target.place.trail
        if target.edit.characters is not None or (action == "replace" and not target.missing):
            groups[(number,)] = [target]
        elif action == "delete":
            groups.setdefault((action, id(trail[-2])), []).append(target)
        else:
            groups.setdefault((action == "append" and not target.missing, id(trail[-1])), []).append(target)
    return sorted(groups.values(), key=lambda group: -len(group[0].place.trail))


def _changes(together: list[_Target]) -> list[Change]:
    """The changes of the file for targets of one group."""
    first = together[0]
    if first.edit.characters is not None:
        return _slice(first)
    if first.edit.action == "delete":
        found = removals(first.holder(1), [target.place.node for target in together])
    elif first.edit.action == "replace" and not first.missing:
        found = first.holder().become(parsed(first.edit.text))
    elif first.edit.action == "append" and not first.missing:
        found = first.holder().append([parsed(target.edit.text) for target in together])
    else:
        found = first.holder().insert(_members(together), _orders(together))
    return [first.sheet.outward(change) for change in found]


def _members(together: list[_Target]) -> dict[str, Any]:
    """What is to be added to a mapping, the mappings on the way that are missing among it."""
    members: dict[str, Any] = {}
    for target in together:
        here, edit = members, target.edit
        *way, last = (*target.missing, edit.key) if edit.action == "insert" else target.missing
        for step in way:
            here = here.setdefault(str(step), {})
        value = parsed(edit.text)
        if edit.action == "insert" and last in here:
            raise CannotEdit("the key is there already")
        here[str(last)] = [*here.get(str(last), []), value] if edit.action == "append" else value
    return members


def _orders(together: list[_Target]) -> dict[str, tuple[str, ...]]:
    """Among which keys each of the `_members` belongs, where that is known."""
    added = ((str((*target.missing, target.edit.key)[0]), target.edit.order) for target in together)
    return {key: order for key, order in added if key in order}


def _slice(target: _Target) -> list[Change]:
    """Some characters of a string, as they are to stand in the file; all of them where it needs quotes for that."""
    place, sheet = target.place, target.sheet
    if target.missing or place.node.text is None or target.edit.characters is None:
        raise CannotEdit("the string is not there")
    holder, (start, end) = target.holder(), target.edit.characters
    if place.node.style == "plain" and not fits_plain(target.edit.text, flow=holder.is_flow):
        whole = place.node.text[:start] + target.edit.text + place.node.text[end:]
        return [sheet.outward(change) for change in holder.become(whole)]
    span = span_inside(sheet.source.text, place.node, Span(start, end))
    return [Change(span, encoded_slice(target.edit.text, sheet.source, place.node, sheet.holders))]


def _key_of(trail: Sequence[Node]) -> Node | None:
    """The key that the last node of `trail` stands under in the one before it."""
    pairs = (trail[-2].pairs or []) if len(trail) > 1 else []
    return next((pair.key for pair in pairs if pair.value is trail[-1]), None)
