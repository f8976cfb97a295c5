"""How many replicas a Deployment really has, once the autoscalers of the cluster have had their say.

Sources: kubernetes ``pkg/controller/podautoscaler`` (``minReplicas`` defaults to 1), KEDA
``apis/keda/v1alpha1/scaledobject_types.go`` (``minReplicaCount`` defaults to 0),
cluster-proportional-autoscaler ``pkg/autoscaler/controller/{linear,ladder}controller``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.templates import has_template

Path = tuple[str | int, ...]
Manifest = Mapping[str, object]

_PROPORTIONAL = re.compile(
    r"(?:^|/)(?:[\w.-]*cluster-proportional-autoscaler[\w-]*|hardened-cluster-autoscaler|cpvpa-no)(?=$|[:@])"
)
_MANY_NODES, _MANY_CORES = 8, 64


class Replicas(NamedTuple):
    """The fewest replicas that stay: ``minimum`` is None if files do not tell.

    ``decider`` is the index of the deciding autoscaler in the sequence given, None if it is the Deployment
    itself; ``path`` is the field of that object that decides, existing or not.
    """

    minimum: int | None
    path: Path
    decider: int | None = None


def effective_replicas(deployment: Manifest, others: Sequence[Manifest]) -> Replicas:
    """The fewest replicas of ``deployment``, given the autoscalers among ``others`` (any objects of the cluster)."""
    found = [
        replicas for index, other in enumerate(others) for replicas in _autoscaled(deployment, other, index, others)
    ]
    if not found:
        return own_replicas(deployment)
    known = [replicas for replicas in found if replicas.minimum is not None]
    if len(known) < len(found):
        return next(replicas for replicas in found if replicas.minimum is None)
    return max(known, key=lambda replicas: replicas.minimum or 0)


def own_replicas(deployment: Mapping[str, object]) -> Replicas:
    """``spec.replicas`` alone: absent or null means 1 (kubernetes ``pkg/apis/apps/v1/defaults.go``)."""
    value = as_mapping(deployment.get("spec")).get("replicas", 1)
    return Replicas(_count(value, 1), ("spec", "replicas"))


def _autoscaled(deployment: Manifest, other: Manifest, index: int, others: Sequence[Manifest]) -> Iterator[Replicas]:
    spec = as_mapping(other.get("spec"))
    same = _same_namespace(deployment, other)
    if other.get("kind") == "HorizontalPodAutoscaler" and same and _is_target(spec.get("scaleTargetRef"), deployment):
        yield Replicas(_count(spec.get("minReplicas"), 1), ("spec", "minReplicas"), index)
    elif other.get("kind") == "ScaledObject" and same and _is_target(spec.get("scaleTargetRef"), deployment):
        yield Replicas(_count(spec.get("minReplicaCount"), 0), ("spec", "minReplicaCount"), index)
    elif other.get("kind") == "Deployment":
        yield from _proportional(deployment, other, index, others)


def _is_target(reference: object, deployment: Mapping[str, object]) -> bool:
    target = as_mapping(reference)
    return target.get("kind", "Deployment") == "Deployment" and target.get("name") == _name(deployment)


def _same_namespace(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    first, second = (as_mapping(each.get("metadata")).get("namespace") for each in (one, other))
    return first is None or second is None or first == second


def _proportional(deployment: Manifest, scaler: Manifest, index: int, others: Sequence[Manifest]) -> Iterator[Replicas]:
    template = as_mapping(as_mapping(scaler.get("spec")).get("template"))
    containers = map(as_mapping, as_list(as_mapping(template.get("spec")).get("containers")))
    for position, container in enumerate(containers):
        flags = _flags(container)
        wanted = f"deployment/{_name(deployment)}".lower()
        if flags.get("target", "").lower() != wanted or not _is_proportional(container):
            continue
        path: Path = ("spec", "template", "spec", "containers", position)
        for place, parameters, decider in _parameters(flags, others, (path, index)):
            yield Replicas(_minimum(parameters), place, decider)


def _is_proportional(container: Mapping[str, object]) -> bool:
    image = str(container.get("image", ""))
    flags = _flags(container)
    return bool(_PROPORTIONAL.search(image)) or "default-params" in flags or "configmap" in flags


def _flags(container: Mapping[str, object]) -> dict[str, str]:
    words = [str(word) for part in ("command", "args") for word in as_list(container.get(part))]
    found: dict[str, str] = {}
    for position, word in enumerate(words):
        name, equals, value = word.lstrip("-").partition("=")
        if word.startswith("-"):
            found[name] = value if equals else next(iter(words[position + 1 :]), "")
    return found


def _parameters(
    flags: Mapping[str, str], others: Sequence[Mapping[str, object]], fallback: tuple[Path, int]
) -> Iterator[tuple[Path, object, int]]:
    """Path, parameters and owner of the parameters in force: the ConfigMap, or the flag that creates it."""
    for index, other in enumerate(others):
        if other.get("kind") == "ConfigMap" and _name(other) == flags.get("configmap"):
            data = as_mapping(other.get("data"))
            mode = "ladder" if "ladder" in data else "linear"
            yield ("data", mode), {mode: _json(data.get(mode))}, index
            return
    path, index = fallback
    yield path, _json(flags.get("default-params")), index


def _json(text: object) -> object:
    if not isinstance(text, str) or has_template(text):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _minimum(parameters: object) -> int | None:
    modes = as_mapping(parameters)
    if isinstance(linear := modes.get("linear"), Mapping):
        return _linear(linear)
    return _ladder(as_mapping(modes.get("ladder")))


def _linear(parameters: Mapping[str, object]) -> int | None:
    """Two with ``preventSinglePointFailure``; one where a replica serves many nodes and cores; else unknown."""
    least, most = _count(parameters.get("min"), 0), _count(parameters.get("max"), 0)
    if least is None or most is None:
        return None
    if most == 1:
        return 1
    if parameters.get("preventSinglePointFailure") is True or least >= 2:
        return max(least, 2)
    nodes, cores = (_count(parameters.get(name), 0) for name in ("nodesPerReplica", "coresPerReplica"))
    sparse = (nodes == 0 or (nodes or 0) >= _MANY_NODES) and (cores == 0 or (cores or 0) >= _MANY_CORES)
    return 1 if sparse and (nodes or cores) else None


def _ladder(parameters: Mapping[str, object]) -> int | None:
    """The step for two nodes, if it gives two or more; one if no step gives more; else it depends on the nodes."""
    steps = sorted(filter(None, map(_step, as_list(parameters.get("nodesToReplicas")))))
    reached = [replicas for nodes, replicas in steps if nodes <= 2][-1:]
    if reached and reached[0] >= 2:
        return reached[0]
    return 1 if steps and max(steps, key=_replicas)[1] == 1 and not parameters.get("coresToReplicas") else None


def _step(entry: object) -> tuple[int, int] | None:
    match entry:
        case [int() as nodes, int() as replicas]:
            return nodes, replicas
    return None


def _replicas(step: tuple[int, int]) -> int:
    return step[1]


def _count(value: object, default: int) -> int | None:
    """A count: ``default`` if null, None if it is not a number (template text)."""
    if value is None:
        return default
    return value if type(value) is int else None


def _name(obj: Mapping[str, object]) -> object:
    return as_mapping(obj.get("metadata")).get("name")
