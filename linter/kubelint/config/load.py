"""Finds and reads kubelint.yaml."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from kubelint.checks import Registry, Severity
from kubelint.config.mistakes import ConfigError, Mistake, find_mistakes
from kubelint.config.model import CONFIG_NAMES, IgnoreEntry, Profile, RuleSetting, Settings
from kubelint.manifests import ClusterSettings, ImageFacts, NodeFacts
from kubelint.sources import SourceFile
from kubelint.sources.reading import read_bytes


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
        raise ConfigError(Mistake(f"cannot read {path}: {error.strerror}")) from None
    return settings_in(source, registry)


def settings_in(source: SourceFile, registry: Registry) -> Settings:
    """The settings that `source` holds. Raises ConfigError."""
    if source.problems:
        problem = source.problems[0]
        raise ConfigError(Mistake(f"not YAML: {problem.message}", source, problem.span))
    if source.skipped or len(source.documents) > 1:
        hint = "settings are one mapping of plain values"
        raise ConfigError(Mistake(f"{source.path}: expected one YAML document", hint=hint))
    value = source.documents[0].value if source.documents else None
    if value is None:
        return Settings(origin=source.path)
    if mistakes := find_mistakes(value, source, registry):
        raise ConfigError(*mistakes)
    return _settings(value, source.path)


def _settings(value: dict[str, Any], origin: str) -> Settings:
    fail_on = value.get("fail-on", Severity.WARNING.value)
    return Settings(
        cluster=_cluster(value),
        profile=Profile(value.get("profile", Profile.RECOMMENDED.value)),
        rules={rule: _rule_setting(setting) for rule, setting in (value.get("rules") or {}).items()},
        exclude=tuple(value.get("exclude") or ()),
        per_file_ignores={glob: tuple(names) for glob, names in (value.get("per-file-ignores") or {}).items()},
        ignore=tuple(ignore_entry(entry) for entry in value.get("ignore") or ()),
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


def ignore_entry(value: dict[str, Any]) -> IgnoreEntry:
    """What an entry of `ignore` says; its form is that of the schema."""
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
