"""From what rules said to what is reported: severities, ignores, suppressions, places, order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from posixpath import basename
from typing import TYPE_CHECKING

from kubelint.checks import Category, ChangeRule, Finding, Location, ProblemRule, Registry, RuleMeta
from kubelint.config.model import Settings
from kubelint.engine.audited_secrets import NAME, AuditedSecrets
from kubelint.engine.crashes import INTERNAL_ERROR
from kubelint.engine.ignores import Ignores
from kubelint.engine.kinship import kinship, structure
from kubelint.engine.masks import Masks
from kubelint.engine.places import Places
from kubelint.engine.renderings import Renderings
from kubelint.engine.report import ObjectRef, Place, RelatedPlace, Report, ReportedFinding
from kubelint.engine.selection import with_severity
from kubelint.engine.suppressions import Suppressions, allowlisted_lines
from kubelint.manifests import Document, KubeObject, Project
from kubelint.manifests.field import display_path
from kubelint.sources import SourceFile

if TYPE_CHECKING:
    from kubelint.sources.changes import Changes


class Assembly:
    """Takes findings in and builds the report."""

    def __init__(
        self,
        files: dict[str, SourceFile],
        project: Project,
        registry: Registry,
        settings: Settings,
        suppressions: Suppressions,
        ignores: Ignores,
        renderings: Renderings,
        changes: Changes | None = None,
    ) -> None:
        self.report = Report()
        self.masks = Masks(files, renderings.locate)
        self._files = files
        self._registry = registry
        self._settings = settings
        self._suppressions = suppressions
        self._ignores = ignores
        self._renderings = renderings
        self._changes = changes
        self._spoken: dict[tuple[str, Place], str | None] = {}
        self._places = Places(files)
        self._objects: dict[tuple[str, int], list[KubeObject]] = {}
        for obj in project.all_objects:
            self._objects.setdefault((obj.file, obj.document.index), []).append(obj)
        self._allowlisted: dict[str, frozenset[int]] = {}
        baselines = (file for file in project.texts if basename(file.path) == NAME)
        self._audited = AuditedSecrets((file.path, file.text) for file in baselines)
        self._ordinals: Counter[str] = Counter()

    def add(self, findings: Iterable[Finding]) -> None:
        """Take `findings` in; what is ignored or suppressed is counted and left out."""
        ordered = sorted(_in_order(findings), key=self._is_rendered)
        reported = [self._finish(with_severity(finding, self._settings)) for finding in ordered]
        kept = [finding for finding in reported if finding is not None]
        self.report.findings = sorted([*self.report.findings, *kept], key=lambda finding: finding.order)

    def use(self, findings: Iterable[Finding]) -> None:
        """Mark what silences `findings` that nobody asked for as used: their other ends may lie in what is reported."""
        for finding in filter(lambda finding: self._suppressions.name(finding.rule), findings):
            at = {self._places.find(finding.location), self._places.find(self._renderings.locate(finding.location))}
            self._suppressions.silence(finding.rule, at, self._ends(finding))

    def _finish(self, finding: Finding) -> ReportedFinding | None:
        entry = self._registry.get(finding.rule)
        if entry is None:
            raise KeyError(f"a finding names the unknown rule `{finding.rule}`")
        finding = self._renderings.without_rendered(finding, self._is_known)
        place = self._places.find(self._renderings.locate(finding.location))
        obj = self._object(finding.location)
        is_secret = entry.meta.category is Category.SECRETS
        if is_secret and not finding.is_public:
            self.masks.add_credential(finding.location)
        silenced = self._is_silenced(finding, obj, place, is_secret)
        if self._is_repeated(finding, place):
            return None
        touched = self._is_touched(finding, entry.sees, place)
        if silenced:
            self.report.suppressed += touched
            return None
        reported = self._reported(finding, entry.meta, place, obj)
        if not touched:
            self.report.untouched.append(reported)
            return None
        self.report.sources.update((at.path, self._files[at.path]) for at in (place, *_places(reported)))
        return reported

    def _reported(self, finding: Finding, meta: RuleMeta, place: Place, obj: KubeObject | None) -> ReportedFinding:
        at = self._structure(finding.location, obj)
        is_secret = meta.category is Category.SECRETS
        kin = kinship(finding, obj, at, self._files[finding.location.file], is_secret=is_secret)
        return ReportedFinding(
            meta=meta,
            severity=finding.severity,
            message=finding.message,
            place=place,
            note=finding.note,
            help_text=finding.help_text,
            object=ObjectRef.of(obj) if obj is not None else None,
            field=_field(finding.location, obj),
            related=tuple(self._related(finding)),
            fixes=finding.fixes,
            structure=at,
            kin=kin,
            is_of_all=finding.is_of_all,
            identity=self._identity(place.path, kin),
            rendered_from=self._rendered_from(finding, obj),
            is_rendered=self._is_rendered(finding),
        )

    def _is_rendered(self, finding: Finding) -> bool:
        return self._renderings.rendering(finding.location.file) is not None

    def _is_known(self, path: str) -> bool:
        return path in self._files

    def _is_repeated(self, finding: Finding, place: Place) -> bool:
        """Whether the rule has spoken of the place already, in what was written or in another rendering of it."""
        rendering = self._renderings.rendering(finding.location.file)
        return self._spoken.setdefault((finding.rule, place), rendering) != rendering

    def _is_touched(self, finding: Finding, sees: frozenset[str], place: Place) -> bool:
        """Whether the changes touched the place of a finding, or one that belongs to it. A crash is always shown, and
        so is what is wrong with the change itself: it may show where something else no longer hides it.
        """
        if self._changes is None or finding.rule == INTERNAL_ERROR or ChangeRule.grain in sees:
            return True
        if ProblemRule.grain in sees:  # what breaks a file may stand far from where it can be read no more
            return place.path in self._changes
        related = (self._places.find(self._renderings.locate(label.location)) for label in finding.labels)
        return any(self._changes.touch(self._files[at.path], at.span) for at in (place, *related))

    def _rendered_from(self, finding: Finding, obj: KubeObject | None) -> str | None:
        origin = self._renderings.origin(finding.location.file)
        return origin or (obj.document.source.helm_source if obj is not None else None)

    def _is_silenced(self, finding: Finding, obj: KubeObject | None, place: Place, is_secret: bool) -> bool:
        location = self._renderings.locate(finding.location)
        if self._ignores.cover(finding._replace(location=location), obj):
            return True
        places = {place, self._places.find(finding.location)}
        if is_secret and self._settings.suppressions and any(map(self._is_allowlisted, places)):
            return True
        if not self._suppressions.name(finding.rule):
            return False
        return self._suppressions.silence(finding.rule, places, self._ends(finding))

    def _ends(self, finding: Finding) -> set[Place]:
        """The places that belong to a finding, where they are written and where they were rendered."""
        written = {self._renderings.locate(label.location) for label in finding.labels}
        return set(map(self._places.find, {*written, *(label.location for label in finding.labels)}))

    def _is_allowlisted(self, place: Place) -> bool:
        """Whether a secret is let through by a comment or a baseline of other programs that look for secrets."""
        if place.path not in self._allowlisted:
            self._allowlisted[place.path] = allowlisted_lines(self._files[place.path])
        lines = self._allowlisted[place.path]
        if lines and not lines.isdisjoint(range(place.start.line, place.end.line + 1)):
            return True
        source = self._files[place.path]
        shown = slice(source.lines.span(place.start.line).start, source.lines.span(place.end.line).end)
        return self._audited.hold(place.path, source.text[shown])

    def _related(self, finding: Finding) -> Iterator[RelatedPlace]:
        for label in finding.labels:
            place = self._places.find(self._renderings.locate(label.location))
            yield RelatedPlace(place, label.text)

    def _object(self, location: Location) -> KubeObject | None:
        if location.span is not None and not location.path:
            return None
        for obj in self._objects.get((location.file, location.document), []):
            if location.path[: len(obj.root.path)] == obj.root.path:
                return obj
        return None

    def _structure(self, location: Location, obj: KubeObject | None) -> str:
        if not location.path:
            return ""
        if obj is not None:
            return structure(obj.root, location.path[len(obj.root.path) :])
        document = Document(self._files[location.file].documents[location.document])
        return structure(document.root, location.path)

    def _identity(self, path: str, kin: str) -> str:
        """The identity of a finding across runs: its file, what it is of, and an ordinal; never a line or a value."""
        identity = f"{path}\0{kin}"
        self._ordinals[identity] += 1
        return f"{identity}\0{self._ordinals[identity]}"


def _places(finding: ReportedFinding) -> Iterator[Place]:
    return (related.place for related in finding.related)


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without exact repetitions, in an order that does not depend on how they were found."""
    return sorted(
        dict.fromkeys(findings),
        key=lambda f: (f.location.file, f.location.document, str(f.location.path), f.rule, f.message),
    )


def _field(location: Location, obj: KubeObject | None) -> str | None:
    path = location.path[len(obj.root.path) :] if obj is not None else location.path
    return display_path(path) or None
