"""How a refusal is told: what it is, what becomes of the command, the chain to the role, and how that is mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubelint.checks import Finding, Fix, named
from kubelint.cluster.helm import Need, Without
from kubelint.cluster.rbac import PolicyRule
from kubelint.manifests import Edit, KubeObject, Project
from kubelint.manifests.access import Grant, WrittenRule, written_rules
from kubelint.manifests.deployers import KnownRun, Purpose, flow_rule, links_to_account, role_to_mend, roles_of

_Wanted = tuple[str, str, tuple[str, ...]]
"""A group, a resource of it, and the verbs that are missing."""
_SENSITIVE = "secrets"


def unrepeated(runs: Iterable[KnownRun], *purposes: Purpose) -> Iterator[tuple[KnownRun, list[Need]]]:
    """The commands that are refused something, with what; each account and refusal once, where it shows first.

    Objects of Flux are left to `flux-account-cannot-reconcile`.
    """
    seen: set[object] = set()
    for known in (known for known in runs if known.run.source != "flux"):
        found = [need for need in known.refused(*purposes) if need.without is not Without.DEGRADED]
        places = frozenset((need.request.namespace, *_resource(need), need.request.verb) for need in found)
        key = known.identity, known.run.scope, places
        if found and key not in seen:
            seen.add(key)
            yield known, found


def refused_words(found: Iterable[Need]) -> str:
    """`may not `list` `replicasets` in `shop``."""
    found = list(found)
    together: dict[tuple[str, ...], list[str]] = {}
    for _, plural, verbs in _wanted(found):
        together.setdefault(verbs, []).append(plural)
    shown = ", nor ".join(f"{named(verbs)} {_shortened(plurals)}" for verbs, plurals in together.items())
    places = sorted({need.request.namespace for need in found} - {""})
    return f"may not {shown}" + (f" in {named(places)}" if places else "")


def outcome(command: str, found: Iterable[Need]) -> str:
    """What becomes of the command, for each version of Helm that it is known for."""
    found = list(found)
    versions = sorted({need.helm for need in found if need.helm is not None})
    if not versions:
        return f"{command} {ending(found)}"
    shared = [need for need in found if need.helm is None]
    ends = {version: ending([*shared, *(need for need in found if need.helm == version)]) for version in versions}
    if len(ends) == 2 and len(set(ends.values())) == 1:
        return f"{command} {ends[versions[0]]}"
    return f"{command} " + " or ".join(f"{end} (Helm {version})" for version, end in ends.items())


def ending(found: Iterable[Need]) -> str:
    """How a command ends: what is refused at once hides what is waited for."""
    outcomes = {need.without for need in found}
    if Without.REFUSED in outcomes:
        return "stops with Forbidden"
    return "never ends" if Without.HANGS_FOR_EVER in outcomes else "hangs until its timeout"


def _shortened(plurals: list[str]) -> str:
    return named(plurals) if len(plurals) < 5 else f"{named(plurals[:3])} and {len(plurals) - 3} kinds more"


def _resource(need: Need) -> tuple[str, str]:
    request = need.request
    return request.api_group, f"{request.resource}/{request.subresource}" if request.subresource else request.resource


def chained(finding: Finding, known: KnownRun, found: list[Need]) -> Finding:
    """The finding with labels along its chain: runner, account, binding, role."""
    for link in links_to_account(known):
        finding = finding.label(link.at, link.says)
    grants = _grants(known, found) or _shared(known, found)
    for grant in grants[:2]:
        finding = finding.label(grant.subject, f"bound here to {grant.role.kind} `{grant.role.name}`")
    for role in roles_of(grants)[:2]:
        finding = finding.label(role, f"this {role.kind} does not allow it")
    return finding


def mended(finding: Finding, known: KnownRun, found: list[Need], project: Project, otherwise: str = "") -> Finding:
    """The finding with the least right that is missing, and a fix where one role of the tree alone can be it.

    `otherwise` is what else would help.
    """
    rest = f", {otherwise}" if otherwise else ""
    wanted = _wanted(found)
    shown = "; ".join(f"{named(verbs)} on `{_title(group, plural)}`" for group, plural, verbs in wanted)
    role = role_to_mend(roles_of(_grants(known, found)), project)
    if role is not None:
        finding = finding.fix(Fix.unsafe(f"grant what is missing to {role.kind} `{role.name}`", *_edits(role, wanted)))
        return finding.help(f"grant {shown} in {role.kind} `{role.name}`{rest}")
    return finding.help(f"grant {shown} to the account, by the rule `{', '.join(_rules(wanted))}`{rest}")


def _grants(known: KnownRun, found: list[Need]) -> list[Grant]:
    """The grants that count wherever something is refused."""
    return known.grants_in(need.request.namespace for need in found)


def _shared(known: KnownRun, found: list[Need]) -> list[Grant]:
    """The same of the grants to all accounts, whose role is not one to widen for one of them."""
    places = {need.request.namespace for need in found}
    return [grant for grant in known.shared if not grant.namespace or places == {grant.namespace}]


def _title(group: str, plural: str) -> str:
    return f"{plural}.{group}" if group else plural


def _wanted(found: Iterable[Need]) -> list[_Wanted]:
    verbs: dict[tuple[str, str], dict[str, None]] = {}
    for need in found:
        verbs.setdefault(_resource(need), {})[need.request.verb] = None
    return [(group, plural, tuple(asked)) for (group, plural), asked in verbs.items()]


def _rules(wanted: Iterable[_Wanted]) -> list[str]:
    """What is missing as rules of a role, one for all resources of a group with the same verbs."""
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for group, plural, verbs in wanted:
        together.setdefault((group, verbs), []).append(plural)
    return [flow_rule(PolicyRule(verbs, (group,), tuple(plurals))) for (group, verbs), plurals in together.items()]


def _edits(role: KubeObject, wanted: Iterable[_Wanted]) -> list[Edit]:
    """Verbs for the rules that name the resources already, and rules for the rest."""
    added: dict[int, tuple[WrittenRule, dict[str, None]]] = {}
    rest: list[_Wanted] = []
    for group, plural, verbs in wanted:
        entry = _entry(role, group, plural)
        if entry is None:
            rest.append((group, plural, verbs))
        else:
            added.setdefault(int(entry.field.name), (entry, {}))[1].update(dict.fromkeys(verbs))
    edits = [entry.field.get("verbs").append(f'"{verb}"') for entry, verbs in added.values() for verb in verbs]
    return [*edits, *(role.field("rules").append(rule) for rule in _rules(rest))]


def _entry(role: KubeObject, group: str, plural: str) -> WrittenRule | None:
    """The rule that a verb may be added to and lets nobody read Secrets, or more than is named."""
    for entry in written_rules(role):
        rule = entry.rule
        named_both = set(rule.api_groups) == {group} and plural in rule.resources and "*" not in rule.resources
        careful = plural == _SENSITIVE or _SENSITIVE not in rule.resources
        if entry.known and named_both and careful and not rule.resource_names and _is_list(entry):
            return entry
    return None


def _is_list(entry: WrittenRule) -> bool:
    return isinstance(entry.field.get("verbs").value, list)
