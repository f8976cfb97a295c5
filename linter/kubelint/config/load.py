"""Finds and reads kubelint.yaml. What is wrong in it is said with its place and, where a word is misspelt, the right
one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from kubelint.checks import Registry, Severity
from kubelint.cluster.gitignore import is_pattern
from kubelint.config.model import CONFIG_NAMES, IgnoreEntry, Profile, RuleSetting, Settings
from kubelint.manifests import ClusterSettings, ImageFacts, NodeFacts
from kubelint.sources import SourceFile, Span
from kubelint.sources.reading import read_bytes


class ConfigError(Exception):
    """The configuration cannot be used. `source` and `span` are the place, where there is one; `hint` what to do."""

    def __init__(
        self, message: str, source: SourceFile | None = None, span: Span | None = None, hint: str = ""
    ) -> None:
        super().__init__(message)
        self.source = source
        self.span = span
        self.hint = hint


def find_config(start: Path) -> Path | None:
    """The configuration nearest above `start`, a resolved directory, up to the git root."""
    for folder in (start, *start.parents):
        for name in CONFIG_NAMES:
            if (folder / name).is_file():
                return folder / name
        if (folder / ".git").exists():
            return None
    return None


def find_root(start: Path) -> Path:
    """The project root of `start`: where the nearest configuration is, else the git root, else `start` itself."""
    config = find_config(start)
    if config is not None:
        return config.parent
    return next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), start)


def leaves_project(config: Path) -> bool:
    """Whether `config`, found beside what is linted, is a link out of its repository: not the user's own word."""
    above = (folder for folder in config.parents if (folder / ".git").exists())
    return not config.resolve().is_relative_to(next(above, config.parent))


def load_config(path: Path, registry: Registry) -> Settings:
    """The settings in the file at `path`. Raises ConfigError."""
    try:
        source = read_bytes(str(path), path.read_bytes())
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    if source.problems:
        problem = source.problems[0]
        raise ConfigError(f"not YAML: {problem.message}", source, problem.span)
    if source.skipped or len(source.documents) > 1:
        raise ConfigError(f"{path}: expected one YAML document", hint="settings are one mapping of plain values")
    value = source.documents[0].value if source.documents else None
    if value is None:
        return Settings(origin=str(path))
    _validate(value, source, registry)
    return _settings(value, str(path))


def _validate(value: Any, source: SourceFile, registry: Registry) -> None:
    from jsonschema import Draft202012Validator, FormatChecker

    from kubelint.config.schema import build_schema

    validator = Draft202012Validator(build_schema(registry), format_checker=FormatChecker(["date"]))
    error = min(
        validator.iter_errors(value), key=lambda error: (len(error.absolute_path), str(error.message)), default=None
    )
    if error is not None:
        raise _explain(error, source, registry)
    _validate_default_arch(value.get("cluster") or {}, source)
    if value.get("require-reasons"):
        _validate_reasons(value.get("ignore", ()), source)
    for path, pattern in _patterns(value):
        if not is_pattern(pattern):
            message = f"`{_short(pattern)}` is not a gitignore pattern"
            raise ConfigError(message, source, _value_span(source, path))


def _validate_default_arch(cluster: dict[str, Any], source: SourceFile) -> None:
    declared, default = cluster.get("architectures"), cluster.get("default-arch")
    if declared and default is not None and default not in declared:
        where = _value_span(source, ("cluster", "default-arch"))
        hint = f"one of {', '.join(declared)}, which `cluster.architectures` names"
        raise ConfigError(f"`cluster.default-arch` cannot be `{default}`", source, where, hint)


def _validate_reasons(entries: Iterable[dict[str, Any]], source: SourceFile) -> None:
    for number, entry in enumerate(entries):
        if not entry.get("reason", "").strip():
            where = _key_span(source, ("ignore", number, "rules"))
            raise ConfigError(f"`ignore.{number}` gives no reason", source, where, "`require-reasons` asks for one")


def _patterns(value: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every gitignore pattern of the settings, and where it stands."""
    for index, pattern in enumerate(value.get("exclude", ())):
        yield ("exclude", index), pattern
    for pattern in value.get("per-file-ignores", ()):
        yield ("per-file-ignores", pattern), pattern
    for number, entry in enumerate(value.get("ignore", ())):
        for index, pattern in enumerate(entry.get("paths", ())):
            yield ("ignore", number, "paths", index), pattern


def _explain(error: Any, source: SourceFile, registry: Registry) -> ConfigError:
    path = tuple(error.absolute_path)
    if error.validator == "anyOf":
        inner = [
            e for e in error.context if e.validator in ("additionalProperties", "enum", "type") and e.absolute_path
        ]
        deeper = next((e for e in inner if isinstance(error.instance, dict) and e.schema_path[0] == 1), None)
        if deeper is not None:
            return _explain(deeper, source, registry)
        path = tuple(error.absolute_path)
    where = ".".join(map(str, path)) or "the configuration"
    if error.validator == "additionalProperties":
        unknown = next(key for key in error.instance if key not in error.schema["properties"])
        hint = _did_you_mean(unknown, list(error.schema["properties"]))
        return ConfigError(f"unknown key `{unknown}`", source, _key_span(source, (*path, unknown)), hint)
    choices = _choices(error)
    if choices:
        return ConfigError(
            f"`{where}` cannot be `{_short(error.instance)}`",
            source,
            _value_span(source, path),
            _did_you_mean(str(error.instance), choices),
        )
    return ConfigError(f"`{where}`: {_expectation(error)}", source, _value_span(source, path))


def _choices(error: Any) -> list[str]:
    if error.validator == "enum":
        return [str(choice) for choice in error.validator_value]
    if error.validator == "anyOf":
        return [str(choice) for option in error.validator_value for choice in option.get("enum", [])]
    return []


def _expectation(error: Any) -> str:
    if error.validator == "type":
        names = {
            "object": "a mapping",
            "array": "a list",
            "string": "text",
            "boolean": "true or false",
            "integer": "a number",
        }
        return f"expected {names.get(str(error.validator_value), error.validator_value)}"
    if error.validator == "format":
        return "expected a date such as 2027-01-31"
    if error.validator == "required":
        return f"the key `{error.validator_value[0]}` is missing"
    return f"expected {error.validator} {_short(error.validator_value)}"


def _did_you_mean(word: str, choices: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, choices, 1)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"one of {', '.join(choices)}" if len(choices) <= 12 else ""


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _key_span(source: SourceFile, path: tuple[Any, ...]) -> Span:
    place = source.documents[0].locate(path)
    return place.key.span if place and place.key else Span(0, 0)


def _value_span(source: SourceFile, path: tuple[Any, ...]) -> Span:
    place = source.documents[0].locate(path)
    if place is None:
        return Span(0, 0)
    if place.key is not None and (place.node.style == "block" or place.node.span.start == place.node.span.end):
        return place.key.span
    return Span(place.node.span.start, max(place.node.span.end, place.node.span.start))


def _settings(value: dict[str, Any], origin: str) -> Settings:
    fail_on = value.get("fail-on", Severity.WARNING.value)
    return Settings(
        cluster=_cluster(value),
        profile=Profile(value.get("profile", Profile.RECOMMENDED.value)),
        rules={rule: _rule_setting(setting) for rule, setting in (value.get("rules") or {}).items()},
        exclude=tuple(value.get("exclude") or ()),
        per_file_ignores={glob: tuple(names) for glob, names in (value.get("per-file-ignores") or {}).items()},
        ignore=tuple(_ignore(entry) for entry in value.get("ignore") or ()),
        require_reasons=value.get("require-reasons", False),
        fail_on=None if fail_on == "never" else Severity(fail_on),
        origin=origin,
    )


def _cluster(value: dict[str, Any]) -> ClusterSettings:
    cluster = value.get("cluster") or {}
    images, nodes = cluster.get("images") or {}, cluster.get("nodes") or {}
    single = {name: tuple(patterns) for name, patterns in (images.get("single-arch") or {}).items()}
    return ClusterSettings(
        architectures=tuple(cluster.get("architectures") or ()),
        default_arch=cluster.get("default-arch"),
        nodes={name: NodeFacts((facts or {}).get("architecture")) for name, facts in nodes.items()},
        images=ImageFacts(tuple(images.get("multi-arch") or ()), single),
        kubernetes=cluster.get("kubernetes"),
        deployers=tuple(value.get("deployers") or ()),
        external=tuple(value.get("external") or ()),
    )


def _rule_setting(value: Any) -> RuleSetting:
    if not isinstance(value, dict):
        level, options = value, {}
    else:
        level = value.get("severity", "")
        options = {key.replace("-", "_"): _option(item) for key, item in value.items() if key != "severity"}
    if level in ("off", False):
        return RuleSetting(off=True)
    return RuleSetting(Severity(level) if level else None, options=options)


def _option(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _ignore(value: dict[str, Any]) -> IgnoreEntry:
    return IgnoreEntry(
        rules=tuple(value["rules"]),
        paths=tuple(value.get("paths", ())),
        objects=tuple(value.get("objects", ())),
        reason=value.get("reason", ""),
        until=date.fromisoformat(value["until"]) if "until" in value else None,
    )


def setting_names() -> list[str]:
    """The fields of Settings that a file can set, for `config show`."""
    return [name for name in Settings._fields if name not in ("select", "deselect", "suppressions", "origin")]
