"""Runs rules over sources and makes the report. Reads no files, prints nothing, never exits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple, TypeVar

from kubelint.checks import (
    Category,
    ContainerRule,
    DocumentRule,
    Finding,
    Location,
    ObjectRule,
    PodRule,
    ProblemRule,
    ProjectRule,
    ReleaseRule,
    Registry,
    Rule,
    Severity,
    SuppressionRule,
    WorkflowRule,
)
from kubelint.checks.rule import TEXT
from kubelint.config.model import CONFIG_NAMES, Settings
from kubelint.engine.assembly import Assembly
from kubelint.engine.ignores import Ignores
from kubelint.engine.report import Report, Skipped
from kubelint.engine.selection import make_rule, select_rules
from kubelint.engine.suppressions import Suppressions
from kubelint.manifests import Document, Project
from kubelint.sources import SourceDocument, SourceFile, Span
from kubelint.sources.text_files import TextFile

INTERNAL_ERROR = "internal-error"

_Grain = TypeVar("_Grain", bound=Rule)


class Input(NamedTuple):
    """What to lint. `files` were read and are indexed; `reported` names those whose findings are wanted (None: all).

    `repositories` are directories of the tree known to be repositories of their own; `texts` the files that are no
    YAML, unread as yet.
    """

    files: list[SourceFile]
    reported: frozenset[str] | None = None
    skipped: tuple[Skipped, ...] = ()
    repositories: tuple[str, ...] = ()
    texts: tuple[TextFile, ...] = ()


class _Files(dict[str, SourceFile]):
    """The files of an input by their paths; those of text are read when somebody asks."""

    def __init__(self, given: Input) -> None:
        super().__init__((file.path, file) for file in given.files)
        self._texts = {file.path: file for file in given.texts}

    def __missing__(self, path: str) -> SourceFile:
        self[path] = self._texts[path].source
        return self[path]


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
        self.files: dict[str, SourceFile] = _Files(given)
        self.selected = select_rules(linter.registry, linter.settings)
        documents = (Document(source) for file in given.files for source in file.documents)
        self.project = Project(documents, linter.settings.cluster, given.repositories, given.texts)
        self.rules = self.load(self.present())
        self.findings: list[Finding] = []
        self.crashed = False

    def present(self) -> frozenset[str]:
        """What there is for rules to see."""
        project = self.project
        grains = {
            "document": project.documents,
            "pod": project.pods,
            "release": project.releases,
            "workflow": project.workflows,
            "problem": [file for file in self.given.files if file.problems],
        }
        kinds = {obj.kind for obj in project.all_objects}
        return frozenset({*kinds, *(grain for grain, members in grains.items() if members)})

    def marked(self, sees: frozenset[str]) -> set[str]:
        """The wanted files in whose text one of the marks stands; all of them where none is named."""
        marks = [word.removeprefix(TEXT) for word in sees if word.startswith(TEXT)]
        return {
            file.path
            for file in self.given.files
            if self.wanted(file.path) and (not marks or any(mark in file.text for mark in marks))
        }

    def load(self, present: frozenset[str], only: str = "") -> list[Rule]:
        """The rules that have something to see among `present`; of one grain if `only` names it."""
        return [
            make_rule(entry, self.linter.settings)
            for entry in self.selected
            if (not only or only in entry.sees)
            and (entry.concerns(present) or (_has_marks(entry.sees) and self.marked(entry.sees)))
        ]

    def wanted(self, path: str) -> bool:
        return self.given.reported is None or path in self.given.reported

    def report(self) -> Report:
        self.check_problems()
        self.check_documents()
        self.check_objects()
        self.check_releases()
        self.check_project()
        suppressions = self.read_suppressions()
        registry, settings = self.linter.registry, self.linter.settings
        ignores = Ignores(registry, settings, self.linter.today)
        assembly = Assembly(self.files, self.project, registry, settings, suppressions, ignores)
        assembly.add(finding for finding in self.findings if self.wanted(finding.location.file))
        self.findings = []
        self.check_suppressions(suppressions)
        assembly.add(self.findings)
        self.mask(assembly)
        return self.finish(assembly)

    def mask(self, assembly: Assembly) -> None:
        """Mask the secrets in the files that the report shows, those that no rule of this run looked for, too."""
        shown = set(assembly.report.sources)
        for obj in self.project.objects("Secret"):
            if obj.file in shown:
                assembly.masks.add_secret(obj)
        for path in shown:
            assembly.masks.add_unreadable(self.files[path])
        for location in self.unsought(shown):
            assembly.masks.add_credential(location)
        assembly.masks.add_lines(assembly.report, self.credentials)
        assembly.masks.hide_in(assembly.report)

    def unsought(self, shown: set[str]) -> list[Location]:
        """Where the secrets rules would find something in the files `shown`, if all of them ran over all of these."""
        rules = self.linter.registry.matching(Category.SECRETS)
        complete = all(entry in self.selected for entry in rules)
        files = [self.files[path] for path in sorted(shown) if not (complete and self.wanted(path))]
        if not files or not rules:
            return []
        run = self.for_secrets(files)
        run.check_objects()
        run.check_releases()
        run.check_project()
        return run.locations()

    def credentials(self, path: str, words: list[str]) -> list[int]:
        """Which of the `words` of a file the secrets rules take for credentials."""
        source = SourceFile(path, "\n".join(words))
        source.documents.append(SourceDocument(source, 0, words, Span(0, 0), 0))
        found = self.for_secrets([source]).locations() if self.linter.registry.matching(Category.SECRETS) else []
        return [location.path[0] for location in found if isinstance(location.path[0], int)]

    def for_secrets(self, files: list[SourceFile]) -> _Run:
        """A run of all secrets rules, and of nothing else, over the documents of `files`."""
        settings = self.linter.settings._replace(select=(Category.SECRETS,), deselect=())
        run = _Run(replace(self.linter, settings=settings), Input(files))
        run.check_documents()
        return run

    def locations(self) -> list[Location]:
        """Where this run found something."""
        return [finding.location for finding in self.findings if finding.rule != INTERNAL_ERROR]

    def check_problems(self) -> None:
        for rule in self.of(ProblemRule):
            for file in self.given.files:
                if self.wanted(file.path):
                    for problem in file.problems:
                        location = Location(file.path, span=problem.span)
                        self.collect(rule, rule.check, problem, location, at=location)

    def check_documents(self) -> None:
        for rule in self.of(DocumentRule):
            marked = self.marked(rule.sees())
            for document in self.project.documents:
                if document.file in marked:
                    self.collect(rule, rule.check, document, at=Location(document.file, document.index))
        for workflow_rule in self.of(WorkflowRule):
            for workflow in self.project.workflows:
                if self.wanted(workflow.file):
                    self.collect(workflow_rule, workflow_rule.check, workflow, at=Location(workflow.file))

    def check_objects(self) -> None:
        for rule in self.of(ObjectRule):
            kinds = None if "*" in rule.kinds else rule.kinds
            for obj in self.project.objects(kinds):
                if self.wanted(obj.file):
                    self.collect(rule, rule.check, obj, at=Location.of(obj))
        pods = [pod for pod in self.project.pods if self.wanted(pod.obj.file)]
        for pod_rule in self.of(PodRule):
            for pod in pods:
                self.collect(pod_rule, pod_rule.check, pod, at=Location.of(pod.obj))
        for container_rule in self.of(ContainerRule):
            for pod in pods:
                for container in pod.containers:
                    self.collect(container_rule, container_rule.check, container, at=Location.of(pod.obj))

    def check_releases(self) -> None:
        releases = [release for release in self.project.releases if self.wanted(release.file)]
        for rule in self.of(ReleaseRule):
            for release in releases:
                self.collect(rule, rule.check, release, at=Location.of(release.root))

    def check_project(self) -> None:
        for rule in self.of(ProjectRule):
            self.collect(rule, rule.check, self.project, at=None)

    def read_suppressions(self) -> Suppressions:
        running = {entry.meta.id for entry in self.selected}
        suppressions = Suppressions(self.linter.registry, running, self.linter.today)
        if self.linter.settings.suppressions:
            for file in self.given.files:
                if self.wanted(file.path):
                    suppressions.read_comments(file)
            for obj in self.project.all_objects:
                if obj.field("metadata", "annotations").value and self.wanted(obj.file):
                    suppressions.read_annotations(obj)
        return suppressions

    def check_suppressions(self, suppressions: Suppressions) -> None:
        given = list(suppressions)
        if given:
            self.rules += self.load(frozenset({SuppressionRule.grain}), only=SuppressionRule.grain)
        for rule in self.of(SuppressionRule):
            for suppression in given:
                self.collect(rule, rule.check, suppression, at=suppression.location)

    def of(self, grain: type[_Grain]) -> list[_Grain]:
        return [rule for rule in self.rules if isinstance(rule, grain)]

    def collect(self, rule: Rule, check: Callable[..., Iterable[Finding]], *what: Any, at: Location | None) -> None:
        """Run a check; a crash becomes a finding at `at`, or at the first wanted file if the rule saw all of them."""
        try:
            self.findings.extend(check(*what))
        except Exception as error:  # noqa: BLE001 - one rule's bug must not silence the others
            self.crashed = True
            self.findings.append(self.crash(rule, error, at))

    def crash(self, rule: Rule, error: Exception, at: Location | None) -> Finding:
        where = at or Location(next(filter(self.wanted, self.files)), span=Span(0, 0))
        frame = _innermost(error)
        message = f"rule `{rule.meta.id}` crashed: {type(error).__name__} at {frame}"
        help_text = "this is a bug in the rule, not in your files: please report it with this line"
        return Finding(INTERNAL_ERROR, message, Severity.ERROR, where, help_text=help_text)

    def finish(self, assembly: Assembly) -> Report:
        report = assembly.report
        report.files = [file.path for file in self.given.files if self.wanted(file.path)]
        report.objects = sum(self.wanted(obj.file) for obj in self.project.all_objects)
        report.skipped = sorted(self.skipped(), key=lambda skipped: (skipped.path, skipped.reason))
        report.crashed = self.crashed
        report.duration_ms = round((time.monotonic() - self.started) * 1000)
        return report

    def skipped(self) -> Iterator[Skipped]:
        yield from self.given.skipped
        meant = {obj.file for obj in self.project.all_objects} | {flow.file for flow in self.project.workflows}
        for file in self.given.files:
            if not self.wanted(file.path):
                continue
            if file.skipped is not None:
                yield Skipped(file.path, file.skipped)
            elif file.path not in meant and not file.problems:
                is_config = file.path.rsplit("/", 1)[-1] in CONFIG_NAMES
                yield Skipped(file.path, "configuration" if is_config else "unrecognised")


def _has_marks(sees: frozenset[str]) -> bool:
    return any(word.startswith(TEXT) for word in sees)


def _innermost(error: Exception) -> str:
    """`file.py:12` of the line that raised, without the value of anything: messages may quote the input."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{trace.tb_frame.f_code.co_filename.replace(chr(92), '/').rsplit('/', 1)[-1]}:{trace.tb_lineno}"
