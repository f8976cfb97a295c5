"""The smallest roles for a deployment as YAML, ready to apply, with what is to be known of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Any

import yaml

from kubelint.cli.rbac.deployment import Deployment
from kubelint.cli.rbac.needs import ACCOUNT, Needed
from kubelint.cli.rbac.needs_text import unreadable
from kubelint.cli.rbac.words import Asked
from kubelint.cluster.helm import Demand, account_manifest, granted, role_manifests
from kubelint.cluster.rbac import Subject, namespace_of
from kubelint.reporters.style import clean, visible

_WIDTH = 100
_ONE_LINE = 1 << 30
_ESCALATE = (
    "Scanners flag `escalate` (checkov CKV_K8S_158, trivy KSV-0050, kubescape C-0191): its holder can write any role "
    "of the kind. Nothing less writes a role that aggregates others; else an administrator has to apply that role."
)
_BIND = (
    "Scanners flag `bind` (checkov CKV_K8S_157, trivy KSV-0050, kubescape C-0191). With the names of roles it gives "
    "away these and no others; without it the account would have to hold all of their rules itself."
)


class _Flow(list[str]):
    """A list that is written on one line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent the items of lists."""
        super().increase_indent(flow, False)


def _flow(dumper: yaml.SafeDumper, data: _Flow) -> yaml.Node:
    quoted = [yaml.ScalarNode("tag:yaml.org,2002:str", text, style='"') for text in data]
    return yaml.SequenceNode("tag:yaml.org,2002:seq", quoted, flow_style=True)


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=None if visible(data) == data else '"')


_Dumper.add_representer(_Flow, _flow)
_Dumper.add_representer(str, _text)


def subject_of(deployment: Deployment, asked: Asked | None, rules: Iterable[str] = ()) -> Subject:
    """Whom the roles are for: who is asked about, or an account beside what is deployed."""
    if asked is not None:
        return Subject(asked.kind, asked.name, asked.namespace)
    places = [place for place in rules if place]
    own = deployment.namespace if deployment.assumed or deployment.namespace in places or not places else places[0]
    return Subject("ServiceAccount", ACCOUNT, own)


def manifests(
    deployment: Deployment, asked: Asked | None, demands: Iterable[Demand], taken: Iterable[str]
) -> list[dict[str, Any]]:
    """What grants the demands: an account where nobody is asked about, and roles with their bindings, which have none
    of the names that are `taken`.
    """
    rules = granted(demands)
    subject = subject_of(deployment, asked, rules)
    roles = role_manifests(rules, subject, _free_name(deployment.name, frozenset(taken)))
    return roles if asked is not None else [account_manifest(subject.namespace, subject.name), *roles]


def _free_name(text: str, taken: frozenset[str]) -> str:
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in text.lower()).split()
    own = "-".join(words)[:200]
    name = own if own.startswith("deploy") else f"deploy-{own}".rstrip("-")
    numbers = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return next(free for free in (name, *numbers) if free not in taken)


def as_yaml(
    deployment: Deployment, asked: Asked | None, answers: list[Needed], found: list[dict[str, Any]]
) -> Iterator[str]:
    """The lines of the manifests, the comments above them included."""
    for text in _remarks(deployment, asked, answers, found):
        yield from (f"# {line}" for line in wrap(clean(text), _WIDTH, break_long_words=False, break_on_hyphens=False))
    for manifest in found:
        yield "---"
        text = yaml.dump(_styled(manifest), Dumper=_Dumper, sort_keys=False, width=_ONE_LINE)
        yield from map(visible, text.splitlines())  # its escapes are those of YAML's double quotes


def _styled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _styled(item) for key, item in value.items()}
    if isinstance(value, list):
        return _Flow(value) if all(isinstance(item, str) for item in value) else [_styled(item) for item in value]
    return value


def _remarks(
    deployment: Deployment, asked: Asked | None, answers: list[Needed], found: list[dict[str, Any]]
) -> Iterator[str]:
    subject = str(asked) if asked is not None else ""
    if asked is None:
        yield f"What `{deployment.words}` takes, and no more, for an account that is made here (--as names another)."
    elif found:
        yield f"What {subject} lacks for `{deployment.words}`, and no more."
    else:
        yield f"{subject} holds everything that `{deployment.words}` takes."
    verbs = {verb for manifest in found for rule in manifest.get("rules", ()) for verb in rule["verbs"]}
    if any(rule.get("resourceNames") for manifest in found for rule in manifest.get("rules", ())):
        yield "Rights are limited to the names that are deployed now: objects that come later take more."
    if "bind" in verbs:
        yield _BIND
    if "escalate" in verbs and _escalates(answers):
        yield _ESCALATE
    for namespace in sorted(deployment.namespaces_made & {namespace_of(manifest) for manifest in found}):
        yield f"The namespace {namespace} has to be there before: it is among what is deployed."
    reasons = dict.fromkeys(reason for answer in answers for reason in answer.unknown)
    if reasons:
        yield f"It may hold some of this already: {'; '.join(reasons)}."
    for line in dict.fromkeys(line for answer in answers for line in unreadable(answer.demands)):
        yield f"Not known, and left out: {line}."


def _escalates(answers: Iterable[Needed]) -> bool:
    """Whether `escalate` is asked for, not only passed on."""
    demands = (demand for answer in answers for demand in answer.demands if demand.lacking and not demand.held)
    return any(demand.need.request.verb == "escalate" for demand in demands)
