"""What a rule is: metadata, options, a page of documentation, and a check at one of several grains.

The base class is the grain. The engine walks the project and hands each rule what it asked for; a rule never loops
over files and never asks whether something is a CronJob.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

from kubelint.checks.finding import Finding, Location, Severity, Target
from kubelint.checks.suppression import Suppression
from kubelint.manifests.documents import Document
from kubelint.manifests.github.workflows import Workflow
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.pods import Container, PodTemplate
from kubelint.manifests.project import Project
from kubelint.manifests.releases import Release
from kubelint.sources import Problem

ANY_KIND = frozenset({"*"})
TEXT = "text:"
"""What a mark starts with among the things that a rule sees."""


class Category(StrEnum):
    """The families of rules; each is a folder and can be selected by its name."""

    INPUTS = "inputs"
    SCHEDULING = "scheduling"
    NODES = "nodes"
    RUNNERS = "runners"
    RBAC = "rbac"
    DEPLOY = "deploy"
    DNS = "dns"
    CONTROLPLANE = "controlplane"
    ALERTS = "alerts"
    BACKUP = "backup"
    ROTATION = "rotation"
    SECRETS = "secrets"


class RuleMeta(NamedTuple):
    """What is known of a rule without running it.

    `incident` is the number of the production failure that it would have caught; `default` is False for a rule that
    runs only when selected or under the strict profile; `aliases` are its former ids.
    """

    id: str
    summary: str
    category: Category
    severity: Severity
    since: str
    incident: int | None = None
    default: bool = True
    fixable: bool = False
    aliases: tuple[str, ...] = ()


class NoOptions(NamedTuple):
    """A rule without options."""


class Rule(ABC):
    """The base of all grains. One instance serves one run."""

    meta: ClassVar[RuleMeta]
    Options: ClassVar[type[Any]] = NoOptions
    grain: ClassVar[str] = ""
    """What the rule sees, if that is not objects: the word under which a project says that it has some."""

    def __init__(self, options: Any = None) -> None:
        self.options: Any = self.Options() if options is None else options

    @classmethod
    def sees(cls) -> frozenset[str]:
        """The kinds of objects, or the grain, without which the rule has nothing to do; `*` where it always has."""
        return frozenset({cls.grain or "*"})

    def finding(self, message: str, *, at: Target, note: str = "", severity: Severity | None = None) -> Finding:
        """A finding of this rule. `note` stands beside the carets; `severity` overrides the rule's own."""
        return Finding(self.meta.id, message, severity or self.meta.severity, Location.of(at), note)


class EngineRule(Rule):
    """A rule that the engine itself reports, such as another rule's crash. It has a page and no check."""

    grain = "engine"


class ProblemRule(Rule):
    """Sees every part of a file that could not be read."""

    grain = "problem"

    @abstractmethod
    def check(self, problem: Problem, location: Location) -> Iterator[Finding]:
        """The findings about `problem`, which lies at `location`."""


class SuppressionRule(Rule):
    """Sees every suppression once all other rules have run."""

    grain = "suppression"

    @abstractmethod
    def check(self, suppression: Suppression) -> Iterator[Finding]:
        """The findings about `suppression`."""


class DocumentRule(Rule):
    """Sees every document of every file, Kubernetes or not.

    A rule that names `marks` sees only documents of files in whose text one of them stands: most files need not be
    walked.
    """

    grain = "document"
    marks: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def sees(cls) -> frozenset[str]:
        """The marks, written `text:…`; or any document."""
        return frozenset(f"{TEXT}{mark}" for mark in cls.marks) or frozenset({cls.grain})

    @abstractmethod
    def check(self, document: Document) -> Iterator[Finding]:
        """The findings in `document`."""


class ObjectRule(Rule):
    """Sees every object of the given kinds."""

    kinds: ClassVar[frozenset[str]] = ANY_KIND

    @classmethod
    def sees(cls) -> frozenset[str]:
        """The kinds that the rule names."""
        return cls.kinds

    @abstractmethod
    def check(self, obj: KubeObject) -> Iterator[Finding]:
        """The findings in `obj`."""


class PodRule(Rule):
    """Sees every pod template, whichever kind holds it."""

    grain = "pod"

    @abstractmethod
    def check(self, pod: PodTemplate) -> Iterator[Finding]:
        """The findings in `pod`."""


class ContainerRule(Rule):
    """Sees every container, init and ephemeral ones too."""

    grain = "pod"

    @abstractmethod
    def check(self, container: Container) -> Iterator[Finding]:
        """The findings in `container`."""


class WorkflowRule(Rule):
    """Sees every GitHub workflow."""

    grain = "workflow"

    @abstractmethod
    def check(self, workflow: Workflow) -> Iterator[Finding]:
        """The findings in `workflow`."""


class ReleaseRule(Rule):
    """Sees every release of a chart, whichever wrapper it is written in."""

    grain = "release"

    @abstractmethod
    def check(self, release: Release) -> Iterator[Finding]:
        """The findings in `release`."""


class ProjectRule(Rule):
    """Sees the whole project once.

    `needs` names the kinds whose bodies it reads; `about` those without which it has nothing to find, if they are
    fewer; `marks` texts, one of which stands in some file, or in its path, wherever there is anything to find, if that
    says more.
    """

    needs: ClassVar[frozenset[str]] = ANY_KIND
    about: ClassVar[frozenset[str]] = frozenset()
    marks: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def sees(cls) -> frozenset[str]:
        """The marks, written `text:…`, or the kinds that the rule is about."""
        return frozenset(f"{TEXT}{mark}" for mark in cls.marks) or cls.about or cls.needs

    @abstractmethod
    def check(self, project: Project) -> Iterator[Finding]:
        """The findings in `project`."""


class ChangeRule(Rule):
    """Sees the whole project once, beside what it was before a change: runs only where that is known (`--since`)."""

    grain = "change"

    @abstractmethod
    def check(self, before: Project, project: Project) -> Iterator[Finding]:
        """The findings about what became of `before`; they lie in `project`. Nothing in `before` is rendered."""
