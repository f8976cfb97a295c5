"""From what rules said to what is reported: severities, ignores, suppressions, places, order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kubelint.checks import Category, Finding, Location, Registry
from kubelint.config.model import IgnoreEntry, Settings
from kubelint.engine.places import Places
from kubelint.engine.report import ObjectRef, RelatedPlace, Report, ReportedFinding
from kubelint.engine.selection import with_severity
from kubelint.engine.suppressions import Suppressions, is_allowlisted
from kubelint.manifests import KubeObject, Project
from kubelint.manifests.field import display_path
from kubelint.sources import SourceFile

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class Assembly:
    """Takes findings in and builds the report."""

    def __init__(
        self,
        files: dict[str, SourceFile],
        project: Project,
        registry: Registry,
        settings: Settings,
        suppressions: Suppressions,
    ) -> None:
        self.report = Report()
        self._files = files
        self._registry = registry
        self._settings = settings
        self._suppressions = suppressions
        self._places = Places(files)
        self._objects: dict[tuple[str, int], list[KubeObject]] = {}
        for obj in project.all_objects:
            self._objects.setdefault((obj.file, obj.document.index), []).append(obj)
        self._per_file = [
            (_globs([pattern]), {rule.meta.id for name in names for rule in registry.matching(name)})
            for pattern, names in settings.per_file_ignores.items()
        ]
        self._ignores = [(entry, _globs(entry.paths)) for entry in settings.ignore]
        self._ordinals: Counter[str] = Counter()

    def add(self, findings: Iterable[Finding]) -> None:
        """Take `findings` in; what is ignored or suppressed is counted and left out."""
        reported = [self._finish(with_severity(finding, self._settings)) for finding in set_order(findings)]
        kept = [finding for finding in reported if finding is not None]
        self.report.findings = sorted([*self.report.findings, *kept], key=lambda finding: finding.order)

    def _finish(self, finding: Finding) -> ReportedFinding | None:
        rule = self._registry.get(finding.rule)
        if rule is None:
            raise KeyError(f"a finding names the unknown rule `{finding.rule}`")
        place = self._places.find(finding.location)
        secret = rule.meta.category is Category.SECRETS
        if secret:
            self.report.masked.setdefault(place.path, []).append(place.span)
        obj = self._object(finding.location)
        file = self._files[place.path]
        if self._ignored(finding, obj) or (secret and self._allowlisted(file, finding, place.span)):
            self.report.suppressed += 1
            return None
        if self._suppressions.silence(finding.rule, place.path, place.span):
            self.report.suppressed += 1
            return None
        self.report.sources[place.path] = file
        return ReportedFinding(
            meta=rule.meta,
            severity=finding.severity,
            message=finding.message,
            place=place,
            note=finding.note,
            help_text=finding.help_text,
            object=_object_ref(obj),
            field=_field(finding.location, obj),
            related=tuple(self._related(finding)),
            fixes=finding.fixes,
            fingerprint=self._fingerprint(finding, obj),
        )

    def _allowlisted(self, file: SourceFile, finding: Finding, span: object) -> bool:
        return self._settings.suppressions and is_allowlisted(file, self._places.find(finding.location).span)

    def _related(self, finding: Finding) -> Iterable[RelatedPlace]:
        for label in finding.labels:
            place = self._places.find(label.location)
            self.report.sources[place.path] = self._files[place.path]
            yield RelatedPlace(place, label.text)

    def _object(self, location: Location) -> KubeObject | None:
        if location.span is not None and not location.path:
            return None
        for obj in self._objects.get((location.file, location.document), []):
            if location.path[: len(obj.root.path)] == obj.root.path:
                return obj
        return None

    def _ignored(self, finding: Finding, obj: KubeObject | None) -> bool:
        file = finding.location.file
        if any(finding.rule in rules and paths.match_file(file) for paths, rules in self._per_file):
            return True
        return any(self._entry_ignores(entry, paths, finding, obj) for entry, paths in self._ignores)

    def _entry_ignores(
        self, entry: IgnoreEntry, paths: GitIgnoreSpec, finding: Finding, obj: KubeObject | None
    ) -> bool:
        rules = {rule.meta.id for name in entry.rules for rule in self._registry.matching(name)}
        if finding.rule not in rules or (entry.paths and not paths.match_file(finding.location.file)):
            return False
        return not entry.objects or (obj is not None and any(_names(pattern, obj) for pattern in entry.objects))

    def _fingerprint(self, finding: Finding, obj: KubeObject | None) -> str:
        """The identity of a finding across runs: rule, file, object, field and ordinal; never a line, never a value."""
        ref = _object_ref(obj)
        location = finding.location
        import hashlib

        identity = "\0".join(
            (finding.rule, location.file, ref.display if ref else str(location.document), _field(location, obj) or "")
        )
        self._ordinals[identity] += 1
        return hashlib.sha256(f"{identity}\0{self._ordinals[identity]}".encode()).hexdigest()[:32]


def set_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without exact repetitions, in an order that does not depend on how they were found."""
    unique = dict.fromkeys(findings)
    return sorted(unique, key=lambda f: (f.location.file, f.location.document, str(f.location.path), f.rule, f.message))


def _globs(patterns: Iterable[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)


def _names(pattern: str, obj: KubeObject) -> bool:
    """Whether `Kind/namespace/name` or `Kind/name` names the object."""
    steps = pattern.split("/")
    if len(steps) == 3:
        return [obj.kind, obj.namespace or "", obj.name or ""] == steps
    return [obj.kind, obj.name or ""] == steps


def _object_ref(obj: KubeObject | None) -> ObjectRef | None:
    if obj is None:
        return None
    name = obj.field("metadata", "name").value
    return ObjectRef(obj.api_version, obj.kind, obj.namespace, name if isinstance(name, str) else None)


def _field(location: Location, obj: KubeObject | None) -> str | None:
    path = location.path[len(obj.root.path) :] if obj is not None else location.path
    return display_path(path) or None
