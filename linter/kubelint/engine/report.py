"""The result of a run: findings with their characters found, and what happened besides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from kubelint.checks import Fix, Severity
from kubelint.checks.registry import RuleEntry
from kubelint.checks.rule import RuleMeta
from kubelint.engine.secret_texts import SecretTexts
from kubelint.manifests.objects import KubeObject
from kubelint.sources import Position, SourceText, Span


class Place(NamedTuple):
    """A span of a file, in offsets and in lines and columns."""

    path: str
    span: Span
    start: Position
    end: Position


class RelatedPlace(NamedTuple):
    """A place elsewhere that belongs to a finding, and why."""

    place: Place
    text: str


class ObjectRef(NamedTuple):
    """The Kubernetes object that a finding is about."""

    api_version: str
    kind: str
    namespace: str | None
    name: str | None

    @classmethod
    def of(cls, obj: KubeObject) -> ObjectRef:
        """The reference to `obj`."""
        name = obj.field("metadata", "name").value
        return cls(obj.api_version, obj.kind, obj.namespace, name if isinstance(name, str) else None)

    @property
    def display(self) -> str:
        """`Deployment shop/web`."""
        name = self.name or "?"
        return f"{self.kind} {self.namespace}/{name}" if self.namespace else f"{self.kind} {name}"

    def redacted(self, redact: Callable[[str], str]) -> ObjectRef:
        """The reference with `redact` applied to each part."""
        namespace, name = (part and redact(part) for part in (self.namespace, self.name))
        return ObjectRef(redact(self.api_version), redact(self.kind), namespace, name)


class ReportedFinding(NamedTuple):
    """A finding as reporters see it."""

    meta: RuleMeta
    severity: Severity
    message: str
    place: Place
    note: str = ""
    help_text: str = ""
    object: ObjectRef | None = None
    field: str | None = None
    related: tuple[RelatedPlace, ...] = ()
    fixes: tuple[Fix, ...] = ()
    structure: str = ""
    """The field with the names of list items instead of their numbers: the same after others were put before them."""
    kin: str = ""
    """What the finding shares with those that cannot be told from it but by their file: rule, object and structure; of
    text what is said of it. Not for print.
    """
    is_of_all: bool = False
    """Whether it speaks of a whole cluster or project, and points at one place of many."""
    identity: str = ""
    """What tells the finding from all others, in this run and the next. Not for print: that is `fingerprint`."""
    rendered_from: str | None = None
    """The chart's template that Helm rendered the document from, as its `# Source:` comment says."""

    is_rendered: bool = False
    """Whether it was found in what Helm or kustomize made, so that a run without them does not find it."""

    @property
    def fingerprint(self) -> str:
        """The identity in 32 hexadecimal digits."""
        from hashlib import sha256  # loads OpenSSL

        return sha256(self.identity.encode(errors="surrogatepass")).hexdigest()[:32]

    @property
    def order(self) -> tuple[str, Position, str, str]:
        """The key by which findings are sorted."""
        return self.place.path, self.place.start, self.meta.id, self.message

    def redacted(self, redact: Callable[[str], str]) -> ReportedFinding:
        """The finding with `redact` applied to whatever in it may quote a file."""
        return self._replace(
            message=redact(self.message),
            note=redact(self.note),
            help_text=redact(self.help_text),
            object=self.object and self.object.redacted(redact),
            field=None if self.field is None else redact(self.field),
            structure=redact(self.structure),
            related=tuple(related._replace(text=redact(related.text)) for related in self.related),
            fixes=tuple(fix._replace(title=redact(fix.title)) for fix in self.fixes),
        )


class Skipped(NamedTuple):
    """A file that was passed over, and why."""

    path: str
    reason: str


@dataclass
class Report:
    """What a run found, and the `rules` that it ran. `sources` holds the text of the files that findings point into;
    `masked` the spans of each that hold secrets, in order and apart; `secrets` their texts, which may stand elsewhere
    in the file, too; `unread` names the files of which a part could not be read, and nobody knows what it holds.
    """

    findings: list[ReportedFinding] = field(default_factory=list)
    untouched: list[ReportedFinding] = field(default_factory=list)
    """What is not reported because no change touched it."""
    rules: list[RuleEntry] = field(default_factory=list)
    suppressed: int = 0
    baselined: int = 0
    files: list[str] = field(default_factory=list)
    objects: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    crashed: bool = False
    duration_ms: int = 0
    sources: dict[str, SourceText] = field(default_factory=dict)
    masked: dict[str, list[Span]] = field(default_factory=dict)
    secrets: dict[str, SecretTexts] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    rendered: set[str] = field(default_factory=set)
    """The files that something was rendered from."""
    repository_path: Callable[[str], str] = str
    """The path of a file in its repository, by which CI services find it; that of all reports for people and programs
    is relative to the project root.
    """

    def count(self, severity: Severity) -> int:
        """How many findings have that severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def exit_code(self, fail_on: Severity | None) -> int:
        """0 where nothing is at or above `fail_on` (None: whatever was found), 1 where something is, 2 where a rule
        crashed.
        """
        if self.crashed:
            return 2
        return int(fail_on is not None and any(f.severity.rank <= fail_on.rank for f in self.findings))
