"""Runs rules, each over what it asked for, and gathers their findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from kubelint.checks import (
    ChangeRule,
    ContainerRule,
    DocumentRule,
    Finding,
    Location,
    ObjectRule,
    PodRule,
    ProblemRule,
    ProjectRule,
    ReleaseRule,
    Rule,
    Suppression,
    SuppressionRule,
    WorkflowRule,
)
from kubelint.checks.registry import RuleEntry
from kubelint.config.model import Settings
from kubelint.engine.crashes import INTERNAL_ERROR, crash_finding, witness
from kubelint.engine.marks import Marks, marks_of
from kubelint.engine.selection import make_rule
from kubelint.manifests import Project
from kubelint.manifests.releases import Release
from kubelint.sources import SourceFile, Span

_Grain = TypeVar("_Grain", bound=Rule)


class Checking:
    """Some rules over one project. `files` are what the project was read from; `wanted` says in which of them findings
    may be. Files with problems that nobody is to hear of are `silent`.
    """

    def __init__(
        self,
        project: Project,
        files: list[SourceFile],
        entries: list[RuleEntry],
        settings: Settings,
        wanted: Callable[[str], bool] = lambda path: True,
        silent: frozenset[str] = frozenset(),
    ) -> None:
        self.project = project
        self.files = files
        self.entries = entries
        self.settings = settings
        self.wanted = wanted
        self.silent = silent
        self.findings: list[Finding] = []
        self.crashed = False
        self.marks = Marks(project, files)
        self.rules = self.load(self.present())

    def run(self) -> None:
        """Run every rule but those about suppressions."""
        self.check_problems()
        self.check_documents()
        self.check_objects()
        self.check_releases()
        self.check_project()

    def locations(self) -> list[Location]:
        """Where rules found something."""
        return [one.location for one in self.findings if one.rule != INTERNAL_ERROR and not one.is_public]

    def present(self) -> frozenset[str]:
        """What there is for rules to see."""
        project = self.project
        grains = {
            "document": project.documents,
            "pod": self.view("pods"),
            "release": self.view("releases"),
            "workflow": project.workflows,
            "credentials": project.named_for_credentials,
            "change": [project.earlier] if project.earlier is not None else [],
            "problem": [*self.view("unread"), *(file for file in self.files if file.problems)],
        }
        kinds = {obj.kind for obj in project.all_objects}
        return frozenset({*kinds, *(grain for grain, members in grains.items() if members)})

    def view(self, name: str) -> list[Any]:
        """A view of the project; empty, and a finding, where its reader crashes: the rest is still checked."""
        try:
            found: list[Any] = getattr(self.project, name)
        except Exception as error:  # noqa: BLE001 - one reader's bug must not silence the others
            self.crash(f"the reader of {name}", error)
            found = []
            setattr(self.project, name, found)
        return found

    def marked(self, sees: frozenset[str]) -> set[str]:
        """The wanted files in whose text one of the marks stands; all of them where none is named."""
        marks = marks_of(sees)
        return {
            file.path
            for file in self.files
            if self.wanted(file.path) and (not marks or any(mark in file.text for mark in marks))
        }

    def load(self, present: frozenset[str], only: str = "") -> list[Rule]:
        """The rules that have something to see among `present`; of one grain if `only` names it."""
        return [
            make_rule(entry, self.settings)
            for entry in self.entries
            if (not only or only in entry.sees) and self.concerns(entry, present)
        ]

    def concerns(self, entry: RuleEntry, present: frozenset[str]) -> bool:
        """Whether there is anything that a rule could find something in."""
        return entry.concerns(present) or self.marks.any_stands(marks_of(entry.sees))

    def check_problems(self) -> None:
        """Report what could not be read, in files and in the YAML inside of strings."""
        for rule in self.of(ProblemRule):
            for file in self.files:
                if self.wanted(file.path) and file.path not in self.silent:
                    for problem in file.problems:
                        location = Location(file.path, span=problem.span)
                        self.collect(rule, rule.check, problem, location, at=location)
            for problem, at in self.project.unread:
                location = Location.of(at)
                if self.wanted(location.file):
                    self.collect(rule, rule.check, problem, location, at=location)

    def check_documents(self) -> None:
        """Run the rules that see documents and workflows."""
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
        """Run the rules that see objects, pods and containers."""
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
        """Run the rules that see releases of charts."""
        rules = self.of(ReleaseRule)
        releases = [release for release in self.project.releases if self.shows(release)] if rules else []
        for rule in rules:
            for release in releases:
                self.collect(rule, rule.check, release, at=Location.of(release.root))

    def shows(self, release: Release) -> bool:
        """Whether a finding about `release` can lie in a file that is wanted: its own, or one that gives it values."""
        return any(map(self.wanted, (release.file, *(source.values.document.file for source in release.sources))))

    def check_project(self) -> None:
        """Run the rules that see everything at once."""
        for rule in self.of(ProjectRule):
            self.collect(rule, rule.check, self.project, at=None)
        for change_rule in self.of(ChangeRule):
            self.collect(change_rule, self.compare, change_rule, at=None)

    def compare(self, rule: ChangeRule) -> Iterable[Finding]:
        """What a rule finds between the project as it was, if that is known, and as it is."""
        before = self.project.before
        return () if before is None else rule.check(before, self.project)

    def check_suppressions(self, suppressions: list[Suppression]) -> None:
        """Run the rules about suppressions, which know by now what each of them silenced."""
        grain = SuppressionRule.grain
        for rule in self.load(frozenset({grain}), only=grain) if suppressions else ():
            assert isinstance(rule, SuppressionRule)
            for suppression in suppressions:
                self.collect(rule, rule.check, suppression, at=suppression.location)

    def of(self, grain: type[_Grain]) -> list[_Grain]:
        """The rules of one grain."""
        return [rule for rule in self.rules if isinstance(rule, grain)]

    def collect(self, rule: Rule, check: Callable[..., Iterable[Finding]], *what: Any, at: Location | None) -> None:
        """Run a check; a crash becomes a finding at `at`, or near what the rule looked at if it saw all files."""
        try:
            self.findings.extend(check(*what))
        except Exception as error:  # noqa: BLE001 - one rule's bug must not silence the others
            self.crash(f"rule `{rule.meta.id}`", error, at)

    def crash(self, who: str, error: Exception, at: Location | None = None) -> None:
        """Report a crash: at `at`, else where the crashed code was in the files that may have findings."""
        self.crashed = True
        where = at or witness(error)
        if where is None or not self.wanted(where.file):
            paths = [*(file.path for file in self.files), *(file.path for file in self.project.texts)]
            where = Location(next(filter(self.wanted, paths), paths[0]), span=Span(0, 0))
        self.findings.append(crash_finding(who, error, where))
