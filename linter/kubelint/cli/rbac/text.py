"""The answers of `kubelint rbac`, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kubelint.cli.rbac.answers import Answered, Explanation, Held, HeldRule, Judgement, Source
from kubelint.cli.rbac.clusters import Spot
from kubelint.cli.rbac.words import Asked, Question
from kubelint.cluster.rbac import PolicyRule, Verdict
from kubelint.reporters.style import clean

_PATH_LENGTH = 4096
_NAMES = 3
WORDS = {Verdict.ALLOWED: "yes", Verdict.DENIED: "no", Verdict.UNKNOWN: "unknown"}
_MASTER = "members of system:masters may do anything: no rule is asked"


def explained(asked: Asked, answers: list[Answered]) -> Iterator[str]:
    """The lines of `explain`."""
    yield clean(str(asked))
    if asked.groups:
        yield f"in the groups {clean(', '.join(asked.groups))}"
    if asked.is_master:
        yield _MASTER
    for answered in answers:
        yield from heading(answers, answered)
        yield from _holdings(answered.answer)


def _holdings(explanation: Explanation) -> Iterator[str]:
    heading = ""
    for held in explanation.held:
        place = f"in namespace {clean(held.namespace)}" if held.namespace else "in the whole cluster"
        place += "" if held.binding.spot is not None else ", as in every cluster"
        if heading != place:
            heading = place
            yield ""
            yield f"{heading}:"
        yield f"  {_source(held.binding)} gives {_source(held.role)}"
        yield from _table(held.rules)
    if not explanation.held:
        yield ""
        yield "nothing: no binding is for it"
    if explanation.unknown:
        yield ""
        yield "there may be more:"
        yield from (f"  {clean(reason)}" for reason in explanation.unknown)


def _table(rules: Iterable[HeldRule]) -> Iterator[str]:
    rows = [(_place(held.spot) if held.spot else "", _rule(held)) for held in rules]
    size = max((len(place) for place, _ in rows), default=0)
    for place, text in rows:
        yield f"    {place.ljust(size)}  {text}" if size else f"    {text}"


def judged(asked: Asked, question: Question, answers: list[Answered]) -> Iterator[str]:
    """The lines of `can-i`."""
    for number, answered in enumerate(answers):
        if number:
            yield ""
        yield from heading(answers, answered, gap=False)
        yield from _judgement(asked, question, answered.answer)


def _judgement(asked: Asked, question: Question, answer: Judgement) -> Iterator[str]:
    may = {Verdict.ALLOWED: "may", Verdict.DENIED: "may not", Verdict.UNKNOWN: "may or may not"}[answer.verdict]
    yield f"{WORDS[answer.verdict]}: {clean(str(asked))} {may} {clean(str(question))}"
    if answer.verdict is Verdict.ALLOWED:
        yield from _witness(answer.witness)
        return
    where = " for the whole cluster" if answer.elsewhere else ""
    rules = "rule" if answer.rules == 1 else "rules"
    yield f"  none of the {answer.rules} {rules} that it is known to hold allows that{where}"
    if answer.elsewhere:
        yield f"  it may in {clean(', '.join(answer.elsewhere))} (ask with --namespace)"
    yield from (f"  {clean(reason)}" for reason in answer.unknown)


def _witness(held: Held | None) -> Iterator[str]:
    if held is None:
        yield f"  {_MASTER}"
        return
    [rule] = held.rules
    yield f"  binding  {_source(held.binding)}"
    yield f"  role     {_source(held.role)}"
    yield f"  rule     {_rule(rule)} ({_place(rule.spot)})"


def heading(answers: list[Answered], answered: Answered, gap: bool = True) -> Iterator[str]:
    """Which clusters an answer is for, where not all give the same."""
    if len(answers) > 1:
        if gap:
            yield ""
        names = [clean(name or "the whole tree", _PATH_LENGTH) for name in answered.names]
        more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
        yield f"cluster: {', '.join(names[:_NAMES])}{more}"


def _source(source: Source) -> str:
    return f"{clean(str(source))} ({_place(source.spot) if source.known else 'not in the tree'})"


def _place(spot: Spot | None) -> str:
    if spot is None:
        return "built in"
    return clean(f"{spot.file}:{spot.line}" if spot.line else spot.file, _PATH_LENGTH)


def _rule(held: HeldRule) -> str:
    through = f" (aggregated from {clean(held.through.name)})" if held.through is not None else ""
    return f"{rule_text(held.rule)}{through}"


def rule_text(rule: PolicyRule) -> str:
    """A rule as one reads it out: `get, list deployments, replicasets (apps)`; cleaned."""
    verbs = ", ".join(rule.verbs) or "no verb"
    things = []
    if rule.resources or not rule.non_resource_urls:
        names = f" named {', '.join(rule.resource_names)}" if rule.resource_names else ""
        things.append(f"{', '.join(rule.resources) or 'no resource'}{_groups(rule.api_groups)}{names}")
    things += [", ".join(rule.non_resource_urls)] if rule.non_resource_urls else []
    return clean(f"{verbs}: {'; '.join(things)}")


def _groups(groups: tuple[str, ...]) -> str:
    if groups == ("",):
        return ""
    if not groups:
        return " of no group"
    return f" of {', '.join(group or 'core' for group in groups)}" if groups != ("*",) else " of any group"


def explained_data(asked: Asked, answers: list[Answered]) -> dict[str, Any]:
    """What `explain --format json` prints."""
    return {
        "version": 1,
        "subject": subject_data(asked),
        "answers": [
            {
                "clusters": list(answered.names),
                "held": [_held_data(held) for held in answered.answer.held],
                "unknown": list(answered.answer.unknown),
            }
            for answered in answers
        ],
    }


def judged_data(asked: Asked, question: Question, answers: list[Answered], verdict: Verdict) -> dict[str, Any]:
    """What `can-i --format json` prints."""
    request = question.request
    return {
        "version": 1,
        "subject": subject_data(asked),
        "request": {
            "verb": request.verb,
            "group": request.api_group,
            "resource": request.resource,
            "subresource": request.subresource,
            "namespace": request.namespace,
            "name": request.name,
            "path": request.path,
        },
        "answer": WORDS[verdict],
        "answers": [_judgement_data(answered) for answered in answers],
    }


def _judgement_data(answered: Answered) -> dict[str, Any]:
    answer: Judgement = answered.answer
    return {
        "clusters": list(answered.names),
        "answer": WORDS[answer.verdict],
        "witness": None if answer.witness is None else _held_data(answer.witness),
        "namespaces": list(answer.elsewhere),
        "unknown": list(answer.unknown),
    }


def subject_data(asked: Asked) -> dict[str, Any]:
    """An identity, as all answers name it."""
    return {
        "kind": asked.kind,
        "name": asked.name,
        "namespace": asked.namespace,
        "user": asked.user,
        "groups": list(asked.groups),
    }


def _held_data(held: Held) -> dict[str, Any]:
    return {
        "namespace": held.namespace,
        "binding": _source_data(held.binding),
        "role": _source_data(held.role),
        "rules": [_rule_data(rule) for rule in held.rules],
    }


def _source_data(source: Source) -> dict[str, Any]:
    return {
        "kind": source.kind,
        "name": source.name,
        "namespace": source.namespace,
        "known": source.known,
        "builtin": source.known and source.spot is None,
        **spot_data(source.spot),
    }


def _rule_data(held: HeldRule) -> dict[str, Any]:
    rule = held.rule
    return {
        "verbs": list(rule.verbs),
        "apiGroups": list(rule.api_groups),
        "resources": list(rule.resources),
        "resourceNames": list(rule.resource_names),
        "nonResourceURLs": list(rule.non_resource_urls),
        "aggregatedFrom": None if held.through is None else held.through.name,
        **spot_data(held.spot),
    }


def spot_data(spot: Spot | None) -> dict[str, Any]:
    """A place; everything is null where nothing is written."""
    if spot is None:
        return {"path": None, "line": None, "column": None}
    return {"path": spot.file, "line": spot.line or None, "column": spot.column if spot.line else None}
