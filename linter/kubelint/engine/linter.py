"""Runs rules over sources and makes the report. Reads no files, prints nothing, never exits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from kubelint.checks import Finding, Location, Registry, Suppression, SuppressionRule
from kubelint.config.model import CONFIG_NAMES, Settings
from kubelint.engine.assembly import Assembly
from kubelint.engine.checking import Checking
from kubelint.engine.ignores import Ignores
from kubelint.engine.places import Places
from kubelint.engine.reading import RENDERER, Input, Reading
from kubelint.engine.report import Report, Skipped
from kubelint.engine.selection import select_rules
from kubelint.engine.suppressions import Suppressions
from kubelint.manifests.recognition import unrecognised
from kubelint.sources import Span


@dataclass
class Linter:
    """Lints one input with one selection of rules."""

    registry: Registry
    settings: Settings = field(default_factory=Settings)
    today: date = field(default_factory=date.today)

    def run(self, given: Input) -> Report:
        """The report on `given`. A rule that crashes is a finding of its own; the others still report."""
        return _Run(self, given).report()


class _Run:
    def __init__(self, linter: Linter, given: Input) -> None:
        self.started = time.monotonic()
        self.linter = linter
        self.given = given
        self.selected = select_rules(linter.registry, linter.settings)
        self.reading = reading = Reading(given, linter.registry, linter.settings)
        self.files, self.project, self.renderings = reading.files, reading.project, reading.renderings
        self.checking = Checking(
            self.project, reading.sources, self.selected, linter.settings, self.wanted, self.renderings.read
        )
        if reading.failure is not None:
            self.checking.crash(RENDERER, reading.failure)

    def wanted(self, path: str) -> bool:
        """Whether findings in `path` may be; of what was rendered that shows once it is known where they lie."""
        return self.given.reported is None or path in self.given.reported or path in self.renderings.files

    def shown(self, finding: Finding) -> bool:
        """Whether the file in which a finding is written is one whose findings are wanted."""
        file = self.renderings.locate(finding.location).file
        return self.wanted(file) and (finding.location.file not in self.renderings.files or file in self.files)

    def report(self) -> Report:
        self.checking.run()
        suppressions = self.read_suppressions()
        registry, settings = self.linter.registry, self.linter.settings
        ignores = Ignores(registry, settings, self.linter.today)
        assembly = Assembly(
            self.files, self.project, registry, settings, suppressions, ignores, self.renderings, self.given.changes
        )
        assembly.use(finding for finding in self.checking.findings if not self.shown(finding))
        assembly.add(filter(self.shown, self.checking.findings))
        for of_themselves in (False, True):  # what speaks of suppressions is used once these are judged
            self.checking.findings = []
            given = self.renderings.merged(suppressions)
            wanted = (entry for entry in given if self.wanted(entry.location.file))
            self.checking.check_suppressions([each for each in wanted if self.is_of_rule(each) is of_themselves])
            assembly.add(self.checking.findings)
        self.checking.findings = []
        self.checking.check_suppressions(self.unused_ignores(ignores))
        assembly.add(self.checking.findings)
        self.mask(assembly)
        return self.finish(assembly)

    def unused_ignores(self, ignores: Ignores) -> list[Suppression]:
        """The entries of the configuration that did nothing; only a run over all there is can tell."""
        settings, given = self.linter.settings, self.given
        document = next((each for each in self.project.documents if each.file == given.configuration), None)
        chosen = settings.select or settings.deselect
        unrendered = self.renderings.skipped or any(each.reason == "helm-template" for each in self.skipped())
        if document is None or chosen or unrendered or not all(map(self.wanted, self.files)):
            return []
        return list(ignores.suppressions(document, {entry.meta.id for entry in self.selected}))

    def is_of_rule(self, suppression: Suppression) -> bool:
        """Whether a suppression silences a rule about suppressions."""
        entry = self.linter.registry.get(suppression.rule)
        return entry is not None and SuppressionRule.grain in entry.sees

    def mask(self, assembly: Assembly) -> None:
        """Mask the secrets in the files that the report shows, those that no rule of this run looked for, too."""
        shown = set(assembly.report.sources)
        for obj in self.project.objects("Secret"):
            if self.renderings.file(obj.file) in shown or obj.file in shown:
                assembly.masks.add_secret(obj)
        for path in shown:
            if problems := self.problems(path):
                assembly.masks.add_unreadable(self.files[path], problems)
                assembly.report.unread.add(path)
        for location in self.unsought(shown):
            assembly.masks.add_credential(location)
        assembly.masks.add_lines(assembly.report, self.reading.secrets.among)
        assembly.masks.hide_in(assembly.report)

    def problems(self, path: str) -> list[Span]:
        """Where a file could not be read, the YAML inside of its strings too."""
        places = Places(self.files)
        inner = (Location.of(at) for _, at in self.project.unread)
        found = [places.find(location).span for location in inner if location.file == path]
        return [*(problem.span for problem in self.files[path].problems), *found]

    def unsought(self, shown: set[str]) -> list[Location]:
        """Where the secrets rules would find something in the files `shown`, if all of them ran over all of these."""
        complete = all(entry in self.selected for entry in self.reading.secrets.rules)
        files = [self.files[path] for path in sorted(shown) if not (complete and self.wanted(path))]
        return self.reading.secrets.locations([*files, *([] if complete else self.renderings.written_in(shown))])

    def read_suppressions(self) -> Suppressions:
        running = {entry.meta.id for entry in self.selected}
        settings = self.linter.settings
        suppressions = Suppressions(
            self.linter.registry, running, self.linter.today, require_reasons=settings.require_reasons
        )
        if settings.suppressions:
            for file in self.reading.sources:
                if file.path in self.renderings.read:
                    suppressions.read_template(file)
                elif file.skipped is None:
                    suppressions.read_comments(file)
            for text in self.given.texts:
                if not text.ignored:
                    suppressions.read_text(text)
            for obj in self.project.all_objects:
                if obj.field("metadata", "annotations").value and self.wanted(obj.file):
                    suppressions.read_annotations(obj)
        return suppressions

    def finish(self, assembly: Assembly) -> Report:
        report = assembly.report
        ran = {*(entry.meta.id for entry in self.selected), *(finding.meta.id for finding in report.findings)}
        report.rules = [entry for entry in self.linter.registry if entry.meta.id in ran]
        read = [file.path for file in self.given.files if self.wanted(file.path)]
        report.files = list(dict.fromkeys([*read, *(finding.place.path for finding in report.findings)]))
        report.objects = sum(self.wanted(self.renderings.file(obj.file)) for obj in self.project.all_objects)
        report.skipped = sorted(self.skipped(), key=lambda skipped: (skipped.path, skipped.reason))
        report.rendered = self.renderings.origins()
        report.crashed = self.checking.crashed
        report.duration_ms = round((time.monotonic() - self.started) * 1000)
        return report

    def skipped(self) -> Iterator[Skipped]:
        yield from self.given.skipped
        yield from (Skipped(path, reason) for path, reason in self.renderings.skipped if self.wanted(path))
        files = [file for file in self.given.files if self.wanted(file.path)]
        files = [file for file in files if file.path not in self.renderings.read]
        yield from (Skipped(file.path, file.skipped) for file in files if file.skipped is not None)
        named = {path for path, _ in self.renderings.skipped}
        meant = (
            named
            | {path for path, _ in self.renderings.superseded}
            | {obj.file for obj in self.project.all_objects}
            | {flow.file for flow in self.project.workflows}
        )
        left = {file.path for file in files if file.skipped is None and not file.problems} - meant
        configurations = {path for path in left if path.rsplit("/", 1)[-1] in CONFIG_NAMES}
        yield from (Skipped(path, "configuration") for path in configurations)
        yield from (Skipped(path, "unrecognised") for path in unrecognised(self.project, left - configurations))
