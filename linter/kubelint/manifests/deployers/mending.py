"""The way from a command to the roles of its account, and which of them a missing right belongs in."""

from __future__ import annotations

import json
from collections.abc import Iterable

from kubelint.cluster.rbac import PolicyRule
from kubelint.manifests.access import Grant
from kubelint.manifests.deployers.model import Link
from kubelint.manifests.deployers.requests import KnownRun
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.project import Project


def links_to_account(known: KnownRun) -> list[Link]:
    """The steps from a command to its account: runner, account; without the place of the command itself."""
    return [link for link in known.run.who.chain if link.at != known.run.at and not _same(link.at, known.run.at)]


def roles_of(grants: Iterable[Grant]) -> list[KubeObject]:
    """The roles that are granted, each once."""
    return list({id(grant.role): grant.role for grant in grants}.values())


def role_to_mend(roles: Iterable[KubeObject], project: Project) -> KubeObject | None:
    """The one role through which an account may get what is missing; None where there are several, or where others
    write it too.
    """
    found = list(roles)
    if len(found) != 1:
        return None
    rules = found[0].field("rules")
    open_ = project.may_be_patched(found[0], "rules") or not found[0].field("aggregationRule").absent
    return None if open_ or rules.unknown or not isinstance(rules.value, list) else found[0]


def flow_rule(rule: PolicyRule) -> str:
    """A rule as it is written in a role, on one line of YAML."""
    parts = (
        ("apiGroups", rule.api_groups),
        ("resources", rule.resources),
        ("resourceNames", rule.resource_names),
        ("nonResourceURLs", rule.non_resource_urls),
        ("verbs", rule.verbs),
    )
    return "{" + ", ".join(f"{key}: {_list(texts)}" for key, texts in parts if texts) + "}"


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(json.dumps(text, ensure_ascii=False) for text in texts) + "]"


def _same(one: object, other: object) -> bool:
    places = [(getattr(at, "document", None), getattr(at, "path", None)) for at in (one, other)]
    return places[0][1] is not None and places[0] == places[1]
