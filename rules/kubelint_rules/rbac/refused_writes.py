"""How it is told that a deployer may not write a role or binding: in the API server's words, along the chain to the
role that would have to give more, and with the least that is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kubelint.checks import Finding, Severity, named
from kubelint.cluster.helm import Helm, Kubectl
from kubelint.cluster.rbac import RBAC_GROUP, RESOURCES, PolicyRule
from kubelint.manifests import KubeObject, Project
from kubelint.manifests.access import Grant, WrittenRule, access_to, written_rules
from kubelint.manifests.deployers import KnownRun, Written, flow_rule, links_to_account, role_to_mend, written_roles

from .escalation import is_dead, may_have_cloud_rights, writes
from .holding import BUILT_IN, Holdings

_SHOWN, _LONGEST = 2, 200
_ATTEMPT = "attempting to grant RBAC permissions not currently held"
_AGGREGATES = "must have cluster-admin privileges to use the aggregationRule"


@dataclass(frozen=True)
class Refusal:
    """What one account is refused for one reason; the first of `objects` stands for the others."""

    objects: tuple[Written, ...]

    @property
    def first(self) -> Written:
        """The object that is shown."""
        return self.objects[0]

    @property
    def known(self) -> KnownRun:
        """The run that meets the refusal first."""
        return self.first.known

    @property
    def places(self) -> list[str]:
        """The namespaces of the objects, each once."""
        return list(dict.fromkeys(each.namespace for each in self.objects))

    @property
    def missing(self) -> list[PolicyRule]:
        """What is missing for any of the objects."""
        return list(dict.fromkeys(rule for each in self.objects for rule in each.decision.missing))

    @property
    def aggregates(self) -> bool:
        """Whether it is about the `aggregationRule` and not about single rights."""
        return self.first.decision.message.endswith(_AGGREGATES)

    @property
    def severity(self) -> Severity:
        """Milder where the deployer is inferred, or is refused only to create or only to change something."""
        partly = not (self.first.always and self.first.creates)
        return Severity.WARNING if self.known.declared or partly else Severity.ERROR

    @property
    def verb(self) -> str:
        """What it may not do with the object."""
        return "create" if self.first.creates else "change"

    @property
    def where(self) -> str:
        """` in `shop``, ` in `shop` and 3 more namespaces`, or nothing for the whole cluster."""
        places = [place for place in self.places if place]
        if len(places) <= _SHOWN:
            return f" in {named(places)}" if places else ""
        return f" in `{places[0]}` and {len(places) - 1} more namespaces"

    @property
    def answer(self) -> str:
        """The API server's words, with as many of the missing rules as can be read."""
        if self.aggregates:
            return f'"{_AGGREGATES}"'
        rules = self.first.decision.missing
        shown = [_shortened(str(rule)) for rule in rules[:_SHOWN]]
        more = f" and {len(rules) - _SHOWN} more" if len(rules) > _SHOWN else ""
        return f'"{_ATTEMPT}": {", ".join(shown)}{more}'


def refusals(project: Project, *, bindings: bool) -> Iterator[Refusal]:
    """What is surely refused, each object once for an account: what one right would mend together."""
    found: dict[tuple[object, ...], dict[tuple[str, str], Written]] = {}
    for each in written_roles(project):
        if each.refused and each.is_binding is bindings and not may_have_cloud_rights(each.known.identity):
            key = (each.known.identity, each.known.run.scope, *(_bound(each) if bindings else _role(each)))
            found.setdefault(key, {}).setdefault((each.obj.kind, each.display), each)
    return (Refusal(tuple(objects.values())) for objects in found.values())


def _bound(written: Written) -> tuple[object, ...]:
    """What is bound, and whether in the whole cluster."""
    kind, name = role_ref(written.obj)
    return kind, name, written.namespace if kind == "Role" else not written.namespace


def _role(written: Written) -> tuple[object, ...]:
    return written.obj.kind, tuple(written.decision.missing)


def role_ref(binding: KubeObject) -> tuple[str, str]:
    """The kind and the name of what a binding binds."""
    ref = binding.field("roleRef")
    return ref.get("kind").text or "", ref.get("name").text or ""


def doer(known: KnownRun) -> str:
    """What meets the refusal, as people call it."""
    command = known.run.command
    if isinstance(command, Helm | Kubectl):
        return f"`{'helm' if isinstance(command, Helm) else 'kubectl'} {command.action}`"
    return "Argo CD" if known.run.source == "argo" else "Flux"


@dataclass(frozen=True)
class Held:
    """A rule that lets an account write something: the grant that gives it, and the role in which it stands."""

    grant: Grant
    role: KubeObject
    entry: WrittenRule


class Chains:
    """From what is refused to the role that would have to give more."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._holdings = Holdings(project, access_to(project))

    def held(self, refusal: Refusal) -> list[Held]:
        """Through which the account may write the objects: its own grants, else those to all accounts."""
        places = set(refusal.places)
        shared = [grant for grant in refusal.known.shared if not grant.namespace or places == {grant.namespace}]
        found = [list(self._through(grants, refusal)) for grants in (refusal.known.grants_in(places), shared)]
        return found[0] or found[1]

    def _through(self, grants: Iterable[Grant], refusal: Refusal) -> Iterator[Held]:
        resource = RESOURCES[refusal.first.obj.kind]
        for grant in grants:
            for role in self._holdings.parts(grant.role):
                entries = (each for each in written_rules(role) if each.known and writes((resource,), [each.rule]))
                entry = next(entries, None)
                if entry is not None:
                    yield Held(grant, role, entry)

    def told(self, finding: Finding, refusal: Refusal, lacks: str) -> Finding:
        """The finding with its chain: runner, account, binding, role, and what is refused."""
        for link in links_to_account(refusal.known):
            finding = finding.label(link.at, link.says)
        for held in self.held(refusal)[:2]:
            finding = _with_role(finding, held, f"may write `{RESOURCES[refusal.first.obj.kind]}`, {lacks}")
        for written in refusal.objects[:3]:
            finding = finding.label(written.obj, "is refused")
        more = len(refusal.objects) - 3
        return finding.label(refusal.objects[3].obj, f"and {more} more like it") if more > 0 else finding

    def role_of(self, refusal: Refusal) -> KubeObject | None:
        """The role to put a right into: the one through which the account, and nobody else, may write the objects."""
        identity = refusal.known.identity
        held = self.held(refusal)
        role = role_to_mend({id(each.role): each.role for each in held}.values(), self._project)
        if role is None or any(key.startswith(BUILT_IN) for key in role.labels):
            return None
        holders = [*(each.grant for each in held), *self._holdings.holders(role)]
        return None if any(grant.identity != identity for grant in holders) else role


def _with_role(finding: Finding, held: Held, says: str) -> Finding:
    bound, role = held.grant.role, held.role
    finding = finding.label(held.grant.subject, f"bound here to {bound.kind} `{bound.name}`")
    if bound is not role:
        finding = finding.label(bound.field("aggregationRule").key, f"takes in the rules of `{role.name}`")
    finding = finding.label(held.entry.field.get("resources"), says)
    for dead in (each for each in written_rules(role) if is_dead(each.rule)):
        finding = finding.label(dead.field.get("verbs"), "`bind` and `escalate` have no effect on bindings")
    return finding


def whole_role(refusal: Refusal, rules: Iterable[PolicyRule], what: str) -> str:
    """A role that gives what is missing and nothing else, on one line of YAML, and how it is bound."""
    place, identity = refusal.places[0] if len(refusal.places) == 1 else "", refusal.known.identity
    kind = "Role" if place else "ClusterRole"
    metadata = f"name: {identity.name}-{what}" + (f", namespace: {place}" if place else "")
    text = (
        f"{{apiVersion: {RBAC_GROUP}/v1, kind: {kind}, metadata: {{{metadata}}}, "
        f"rules: [{', '.join(map(flow_rule, rules))}]}}"
    )
    return f"`{text}` and bind it to `{identity}` by a {kind}Binding"


def merged(rules: Iterable[PolicyRule]) -> list[PolicyRule]:
    """The same rights in fewer rules: one for all verbs on a resource, one for all resources with the same verbs."""
    verbs: dict[tuple[tuple[str, ...], ...], dict[str, None]] = {}
    for rule in rules:
        about = (rule.api_groups, rule.resources, rule.resource_names, rule.non_resource_urls)
        verbs.setdefault(about, {}).update(dict.fromkeys(rule.verbs))
    together: dict[tuple[tuple[str, ...], ...], PolicyRule] = {}
    for (groups, resources, names, urls), found in verbs.items():
        key = (groups, names, urls, tuple(sorted(found)))
        rule = PolicyRule(tuple(found), groups, (), names, urls)
        known = together.setdefault(key, rule)
        joined = tuple(dict.fromkeys((*known.resources, *resources)))
        together[key] = replace(known, resources=joined)
    return list(together.values())


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
