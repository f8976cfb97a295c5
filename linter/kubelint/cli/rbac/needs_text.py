"""What a deployment takes, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kubelint.cli.rbac.answers import Answered
from kubelint.cli.rbac.deployment import Deployment
from kubelint.cli.rbac.needs import Needed
from kubelint.cli.rbac.text import WORDS, heading, spot_data, subject_data
from kubelint.cli.rbac.words import Asked
from kubelint.cluster.helm import Demand, Need, Occasion, Without
from kubelint.cluster.rbac import Verdict, name_of, namespace_of
from kubelint.reporters.style import clean

OUTCOMES = {
    Without.REFUSED: "refused",
    Without.HANGS_UNTIL_TIMEOUT: "hangs until the timeout",
    Without.HANGS_FOR_EVER: "hangs for ever",
    Without.DEGRADED: "goes on without",
}
_NAMES = 8


class _Row(NamedTuple):
    """Verbs that are asked for one reason, and what happens without them."""

    verbs: tuple[str, ...]
    outcome: str
    why: str


def needed(deployment: Deployment, needed: Needed) -> Iterator[str]:
    """The lines of `needs`, where no identity is asked about."""
    yield f"`{clean(deployment.words)}` takes:"
    yield from _groups(needed.demands)
    yield from _unreadable(needed.demands)


def lacked(deployment: Deployment, asked: Asked, answers: list[Answered]) -> Iterator[str]:
    """The lines of `needs` about an identity: what it lacks, and what it may lack."""
    for number, answered in enumerate(answers):
        if number:
            yield ""
        yield from heading(answers, answered, gap=False)
        yield from _lacked(deployment, asked, answered.answer)


def _lacked(deployment: Deployment, asked: Asked, answer: Needed) -> Iterator[str]:
    number, total = _number(answer.missing or answer.unsure), _number(answer.demands)
    words = f"{total} rights that `{clean(deployment.words)}` takes"
    if answer.verdict is Verdict.ALLOWED:
        yield f"yes: {clean(str(asked))} holds all {words}"
        return
    may = "lacks" if answer.missing else "may lack"
    yield f"{WORDS[answer.verdict]}: {clean(str(asked))} {may} {number} of the {words}"
    yield from _groups(answer.missing)
    readable = [demand for demand in answer.unsure if _is_readable(demand.need)]
    if readable and answer.missing:
        yield ""
        yield "it is not known whether it holds:"
    yield from _groups(readable)
    yield from _unreadable(answer.unsure)
    if answer.unknown:
        yield ""
        yield "it may hold more than is known:"
        yield from (f"  {clean(reason)}" for reason in answer.unknown)


def _number(demands: Iterable[Demand]) -> int:
    """How many rights are demanded, each counted once."""
    return len({(demand.namespace, demand.rule) for demand in demands})


def _is_readable(need: Need) -> bool:
    """Whether it is known what is asked, but for a name."""
    return not need.unknown or need.any_name


def _groups(demands: Iterable[Demand]) -> Iterator[str]:
    """The demands by namespaces, in these by what is asked of several resources and names alike."""
    places: dict[str, dict[tuple[str, str], list[Demand]]] = {}
    for demand in demands:
        if _is_readable(demand.need):
            things = places.setdefault(demand.namespace, {})
            things.setdefault((_resource(demand), _name(demand)), []).append(demand)
    for namespace in sorted(places):
        yield ""
        yield f"in namespace {clean(namespace)}:" if namespace else "in the whole cluster:"
        alike: dict[tuple[_Row, ...], dict[str, list[str]]] = {}
        for (resource, name), found in places[namespace].items():
            alike.setdefault(tuple(_rows(found)), {}).setdefault(resource, []).append(name)
        for rows, resources in alike.items():
            yield from (clean(f"  {_title(resource, names)}") for resource, names in resources.items())
            yield from _table(rows)


def _title(resource: str, names: list[str]) -> str:
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    shown = ", ".join(filter(None, names[:_NAMES])) + more
    return f"{resource}: {shown}" if shown else resource


def _rows(demands: Iterable[Demand]) -> Iterator[_Row]:
    """A row for all verbs that are asked for alike."""
    verbs: dict[str, list[Need]] = {}
    for demand in demands:
        verbs.setdefault(demand.need.request.verb, []).append(demand.need)
    rows: dict[tuple[str, str], list[str]] = {}
    for verb, asked in verbs.items():
        for row in dict.fromkeys(_reasons(asked)):
            rows.setdefault(row, []).append(verb)
    for (outcome, why), found in rows.items():
        yield _Row(tuple(found), outcome, why)


def _reasons(asked: list[Need]) -> Iterator[tuple[str, str]]:
    """What happens without a verb, and why it is asked for: once where both versions of Helm do, with one outcome."""
    versions, outcomes = {need.helm for need in asked}, {need.without for need in asked}
    if versions >= {3, 4} and len(outcomes) == 1:
        asked = asked[:1]
    only = "" if versions >= {3, 4} else " only"
    for need in asked:
        when = "" if need.occasion is Occasion.ALWAYS else f" ({need.occasion.value})"
        both = need.helm is None or len(asked) < len(versions)
        yield OUTCOMES[need.without], f"{need.why}{when}" + ("" if both else f" [Helm {need.helm}{only}]")


def _table(rows: Iterable[_Row]) -> Iterator[str]:
    cells = [(", ".join(row.verbs), row.outcome, row.why) for row in rows]
    widths = [max(len(cell[column]) for cell in cells) for column in (0, 1)]
    for verbs, outcome, why in cells:
        yield clean(f"    {verbs.ljust(widths[0])}  {outcome.ljust(widths[1])}  {why}")


def _resource(demand: Demand) -> str:
    request = demand.need.request
    if request.path:
        return request.path
    plural = f"{request.resource}/{request.subresource}" if request.subresource else request.resource
    return f"{plural}.{request.api_group}" if request.api_group else plural


def _name(demand: Demand) -> str:
    """The name that the right is limited to."""
    return "a name that is not known" if demand.need.any_name else ", ".join(demand.rule.resource_names)


def _unreadable(demands: Iterable[Demand]) -> Iterator[str]:
    lines = list(unreadable(demands))
    if lines:
        yield ""
        yield "not known:"
        yield from (f"  {line}" for line in lines)


def unreadable(demands: Iterable[Demand]) -> Iterator[str]:
    """A line for each thing that is asked of a resource, namespace or role that is not known."""
    verbs: dict[tuple[str, str, str], dict[str, None]] = {}
    for demand in demands:
        if not _is_readable(demand.need):
            place = f" in {demand.namespace}" if demand.namespace else ""
            verbs.setdefault((_resource(demand), place, demand.need.unknown), {})[demand.need.request.verb] = None
    for (resource, place, reason), asked in verbs.items():
        yield clean(f"{', '.join(asked)} {resource}{place}: {reason}")


def needs_data(
    deployment: Deployment, asked: Asked | None, answers: list[Answered], verdict: Verdict, manifests: list[Any]
) -> dict[str, Any]:
    """What `needs --format json` prints; `manifests` are those that grant what each answer is short of."""
    return {
        "version": 1,
        "command": deployment.words,
        "namespace": deployment.namespace,
        "subject": None if asked is None else subject_data(asked),
        "answer": None if asked is None else WORDS[verdict],
        "notes": list(deployment.notes),
        "answers": [
            {
                "clusters": list(answered.names),
                "answer": None if asked is None else WORDS[answered.answer.verdict],
                "needs": [_need_data(deployment, demand, asked is not None) for demand in _told(answered, asked)],
                "unknown": list(answered.answer.unknown),
                "manifests": granting,
            }
            for answered, granting in zip(answers, manifests, strict=True)
        ],
    }


def _told(answered: Answered, asked: Asked | None) -> Iterable[Demand]:
    answer: Needed = answered.answer
    return answer.demands if asked is None else (*answer.missing, *answer.unsure)


def _need_data(deployment: Deployment, demand: Demand, judged: bool) -> dict[str, Any]:
    need, request = demand.need, demand.need.request
    return {
        "verb": request.verb,
        "group": request.api_group,
        "resource": request.resource,
        "subresource": request.subresource,
        "namespace": demand.namespace,
        "name": request.name,
        "path": request.path,
        "held": demand.held,
        "why": need.why,
        "without": need.without.name.lower().replace("_", "-"),
        "occasion": need.occasion.name.lower().replace("_", "-"),
        "helm": need.helm,
        "answer": WORDS[demand.verdict] if judged else None,
        "unknown": need.unknown,
        "objects": [_object_data(deployment, position) for position in need.about],
    }


def _object_data(deployment: Deployment, position: int) -> dict[str, Any]:
    part = [*deployment.parts, *deployment.crds][position]
    manifest = part.manifest
    return {
        "kind": part.kind,
        "namespace": namespace_of(manifest),
        "name": name_of(manifest),
        **spot_data(part.spot),
    }
