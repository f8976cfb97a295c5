"""What is wrong in a configuration: all of it, each with its place and, where a word is misspelt, the right one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from kubelint.checks import Registry
from kubelint.cluster.gitignore import is_pattern
from kubelint.manifests import Document
from kubelint.sources import SourceFile, Span

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "boolean": "true or false",
    "integer": "a number",
    "null": "nothing",
}
_Path = tuple[Any, ...]


class Mistake(NamedTuple):
    """What is wrong. `source` and `span` are the place, where there is one; `hint` says what to do."""

    message: str
    source: SourceFile | None = None
    span: Span | None = None
    hint: str = ""


class ConfigError(Exception):
    """The configuration cannot be used, for `mistakes`, of which there is at least one."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("; ".join(mistake.message for mistake in mistakes))
        self.mistakes = mistakes


def find_mistakes(value: Any, source: SourceFile, registry: Registry) -> list[Mistake]:
    """All that is wrong in `value`, which `source` holds, in the order of the file."""
    found = [*_of_form(value, source, registry)] or [*_of_meaning(value, source)]
    found += _twice(source)
    at_place = {(mistake.span, mistake.message): mistake for mistake in found}
    return sorted(at_place.values(), key=lambda mistake: mistake.span or Span(0, 0))


def _of_form(value: Any, source: SourceFile, registry: Registry) -> Iterator[Mistake]:
    from jsonschema import Draft202012Validator, FormatChecker

    from kubelint.config.schema import build_schema

    validator = Draft202012Validator(build_schema(registry), format_checker=FormatChecker(["date"]))
    for error in validator.iter_errors(value):
        yield from _explained(error, source)


def _of_meaning(value: dict[str, Any], source: SourceFile) -> Iterator[Mistake]:
    """What no schema tells."""
    yield from _default_arch(value.get("cluster", {}), source)
    if value.get("require-reasons"):
        yield from _missing_reasons(value.get("ignore", ()), source)
    for path, pattern in _patterns(value):
        if not is_pattern(pattern):
            yield Mistake(f"`{_short(pattern)}` is not a gitignore pattern", source, _value_span(source, path))


def _default_arch(cluster: dict[str, Any], source: SourceFile) -> Iterator[Mistake]:
    declared, default = cluster.get("architectures"), cluster.get("default-arch")
    if declared and default is not None and default not in declared:
        where = _value_span(source, ("cluster", "default-arch"))
        hint = f"one of {', '.join(declared)}, which `cluster.architectures` names"
        yield Mistake(f"`cluster.default-arch` cannot be `{default}`", source, where, hint)


def _missing_reasons(entries: Iterable[dict[str, Any]], source: SourceFile) -> Iterator[Mistake]:
    for number, entry in enumerate(entries):
        if not entry.get("reason", "").strip():
            where = _key_span(source, ("ignore", number, "rules"))
            yield Mistake(f"`ignore[{number}]` gives no reason", source, where, "`require-reasons` asks for one")


def _patterns(value: dict[str, Any]) -> Iterator[tuple[_Path, str]]:
    """Every gitignore pattern of the settings, and where it stands."""
    for index, pattern in enumerate(value.get("exclude", ())):
        yield ("exclude", index), pattern
    for pattern in value.get("per-file-ignores", ()):
        yield ("per-file-ignores", pattern), pattern
    for number, entry in enumerate(value.get("ignore", ())):
        for index, pattern in enumerate(entry.get("paths", ())):
            yield ("ignore", number, "paths", index), pattern


def _twice(source: SourceFile) -> Iterator[Mistake]:
    for duplicate in Document(source.documents[0]).duplicate_keys():
        yield Mistake(f"the key `{_short(duplicate.path[-1])}` is given twice", source, duplicate.again, "keep one")


def _explained(error: Any, source: SourceFile) -> Iterator[Mistake]:
    """What a `ValidationError` of jsonschema says to people. Of the forms that a value may take, its own is meant."""
    path = tuple(error.absolute_path)
    if error.validator == "anyOf" and isinstance(error.instance, dict):
        for deeper in error.context or ():
            if deeper.schema_path[0] == 1:
                yield from _explained(deeper, source)
    elif error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        for key in error.instance:
            if key not in known:
                where = _key_span(source, (*path, key))
                yield Mistake(f"unknown key `{_short(key)}`", source, where, _did_you_mean(key, known))
    elif choices := _choices(error):
        value = error.instance
        said = value if isinstance(value, str) else _said(source, path, value)
        where, hint = _value_span(source, path), _did_you_mean(said, choices)
        yield Mistake(f"`{_dotted(path)}` cannot be `{_short(said)}`", source, where, hint)
    else:
        name = f"`{_dotted(path)}`: " if path else ""
        hint = _remedy(error, source, path)
        yield Mistake(f"{name}{_expectation(error)}", source, _value_span(source, path), hint)


def _choices(error: Any) -> list[str]:
    if error.validator == "enum":
        listed = error.validator_value
    elif error.validator == "anyOf":
        listed = [choice for option in error.validator_value for choice in option.get("enum", [])]
    else:
        return []
    return [choice for choice in listed if isinstance(choice, str)]


def _expectation(error: Any) -> str:
    wanted = error.validator_value
    match error.validator:
        case "type":
            return f"expected {_KINDS[wanted]}"
        case "anyOf":
            return f"expected {' or '.join(_KINDS[option['type']] for option in wanted)}"
        case "required":
            return f"the key `{wanted[0]}` is missing"
        case "uniqueItems":
            return "names something twice"
        case "minItems":
            return "expected one at least"
    kind = "a date" if "format" in error.schema else "text"
    return f"expected {kind} such as {error.schema['examples'][0]}"


def _remedy(error: Any, source: SourceFile, path: _Path) -> str:
    """What to do about a value of the wrong type. YAML makes a number of 1.30, and one that has lost its nought."""
    if error.validator != "type" or isinstance(error.instance, dict | list):
        return ""
    if error.instance is None:
        return "give it one, or take the key away"
    said = _short(_said(source, path, error.instance))
    if error.validator_value == "string":
        return f'put it in quotes: `"{said}"`'
    if error.validator_value == "array" and isinstance(error.instance, str):
        return f"put it in brackets: `[{said}]`"
    return ""


def _did_you_mean(word: str, choices: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, choices, 1)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"one of {', '.join(choices)}" if len(choices) <= 12 else ""


def _dotted(path: _Path) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{_short(step)}" for step in path)
    return "".join(steps).removeprefix(".")


def _said(source: SourceFile, path: _Path, value: Any) -> str:
    """A value in the words of the file: `off`, not what YAML makes of it."""
    place = source.documents[0].locate(path)
    words = source.text[place.node.span.start : place.node.span.end] if place else ""
    return words if words and "\n" not in words else str(value)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _key_span(source: SourceFile, path: _Path) -> Span:
    place = source.documents[0].locate(path)
    return place.key.span if place and place.key else Span(0, 0)


def _value_span(source: SourceFile, path: _Path) -> Span:
    place = source.documents[0].locate(path)
    if place is None:
        return Span(0, 0)
    if place.key is not None and (place.node.style == "block" or place.node.span.start == place.node.span.end):
        return place.key.span
    return Span(place.node.span.start, max(place.node.span.end, place.node.span.start))
