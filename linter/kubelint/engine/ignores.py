"""What the configuration silences: rules by path, and entries that name rules, paths and objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from kubelint.checks import Finding, Fix, Location, Registry, Suppression
from kubelint.cluster.gitignore import GitPatterns
from kubelint.config.load import ignore_entry
from kubelint.config.model import IgnoreEntry, Settings
from kubelint.manifests import Document, Field, KubeObject
from kubelint.manifests.field import FieldKey


class Ignores:
    """The `per-file-ignores` and `ignore` of the settings, ready to be asked. Past its date an entry is mute."""

    def __init__(self, registry: Registry, settings: Settings, today: date) -> None:
        self._per_file = [
            (GitPatterns([pattern]), _ids(registry, names)) for pattern, names in settings.per_file_ignores.items()
        ]
        self._entries = [_Entry(registry, entry, today) for entry in settings.ignore]

    def cover(self, finding: Finding, obj: KubeObject | None) -> bool:
        """Whether `finding`, which is about `obj`, is not to be reported. What says so is marked as used."""
        file = finding.location.file
        if any(finding.rule in rules and paths.ignore(file) for paths, rules in self._per_file):
            return True
        covering = [entry for entry in self._entries if entry.covers(finding, obj)]
        return bool(covering)

    def suppressions(self, configuration: Document, running: Collection[str]) -> Iterator[Suppression]:
        """The entries in `configuration` that silenced nothing, though rules that they name are `running`, and those
        past their date. An entry that names several rules is one suppression where all of it is in vain.
        """
        written = list(configuration.root.get("ignore").elements())
        for entry in self._entries:
            field = next((field for field in written if ignore_entry(field.value) == entry.given), None)
            if field is not None:
                written.remove(field)
                yield from entry.in_vain(field, running)


class _Entry:
    """An entry of `ignore`, and which of the rules and categories that it names silenced something."""

    def __init__(self, registry: Registry, given: IgnoreEntry, today: date) -> None:
        self.given = given
        self._paths = GitPatterns(given.paths)
        self._rules = {selector: _ids(registry, [selector]) for selector in given.rules}
        self._expired = given.until is not None and given.until < today
        self._used: set[str] = set()

    def covers(self, finding: Finding, obj: KubeObject | None) -> bool:
        if self._expired or (self.given.paths and not self._paths.ignore(finding.location.file)):
            return False
        if self.given.objects and not _is_named(self.given.objects, obj):
            return False
        using = {selector for selector, rules in self._rules.items() if finding.rule in rules}
        self._used |= using
        return bool(using)

    def in_vain(self, field: Field, running: Collection[str]) -> Iterator[Suppression]:
        removal = Fix.safe("remove the entry", field.delete())
        idle = [each for each in self._rules if each not in self._used and not self._rules[each].isdisjoint(running)]
        if self._expired or len(idle) == len(self._rules):
            yield self._suppression("`, `".join(self._rules), field.get("rules").key, removal)
            return
        for named in field.get("rules").elements():
            if named.value in idle:
                removal = Fix.safe(f"take `{named.value}` out of the list", named.delete())
                yield self._suppression(named.value, named, removal)

    def _suppression(self, rules: str, at: Field | FieldKey, removal: Fix) -> Suppression:
        reason, until = self.given.reason, self.given.until
        return Suppression(rules, Location.of(at), reason, until, expired=self._expired, removal=removal)


def _is_named(patterns: Iterable[str], obj: KubeObject | None) -> bool:
    return obj is not None and any(_names(pattern, obj) for pattern in patterns)


def _names(pattern: str, obj: KubeObject) -> bool:
    """Whether `Kind/namespace/name` or `Kind/name` names the object."""
    steps = pattern.split("/")
    if len(steps) == 3:
        return [obj.kind, obj.namespace or "", obj.name or ""] == steps
    return [obj.kind, obj.name or ""] == steps


def _ids(registry: Registry, selectors: Iterable[str]) -> set[str]:
    return {entry.meta.id for selector in selectors for entry in registry.matching(selector)}
