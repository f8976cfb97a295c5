"""What the configuration silences: rules by path, and entries that name rules, paths and objects."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from kubelint.checks import Finding, Registry
from kubelint.cluster.gitignore import GitPatterns
from kubelint.config.model import IgnoreEntry, Settings
from kubelint.manifests import KubeObject


class Ignores:
    """The `per-file-ignores` and `ignore` of the settings, ready to be asked. Past its date an entry is mute."""

    def __init__(self, registry: Registry, settings: Settings, today: date) -> None:
        self._per_file = [
            (GitPatterns([pattern]), _ids(registry, names)) for pattern, names in settings.per_file_ignores.items()
        ]
        self._entries = [
            (entry, GitPatterns(entry.paths), _ids(registry, entry.rules))
            for entry in settings.ignore
            if entry.until is None or entry.until >= today
        ]

    def cover(self, finding: Finding, obj: KubeObject | None) -> bool:
        """Whether `finding`, which is about `obj`, is not to be reported."""
        file = finding.location.file
        if any(finding.rule in rules and paths.ignore(file) for paths, rules in self._per_file):
            return True
        return any(
            finding.rule in rules and (not entry.paths or paths.ignore(file)) and _is_about(entry, obj)
            for entry, paths, rules in self._entries
        )


def _is_about(entry: IgnoreEntry, obj: KubeObject | None) -> bool:
    return not entry.objects or (obj is not None and any(_names(pattern, obj) for pattern in entry.objects))


def _names(pattern: str, obj: KubeObject) -> bool:
    """Whether `Kind/namespace/name` or `Kind/name` names the object."""
    steps = pattern.split("/")
    if len(steps) == 3:
        return [obj.kind, obj.namespace or "", obj.name or ""] == steps
    return [obj.kind, obj.name or ""] == steps


def _ids(registry: Registry, selectors: Iterable[str]) -> set[str]:
    return {entry.meta.id for selector in selectors for entry in registry.matching(selector)}
