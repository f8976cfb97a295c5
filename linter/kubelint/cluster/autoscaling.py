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
_PAUSED = "autoscaling.keda.sh/paused-replicas"
_MANY_NODES, _MANY_CORES = 8, 64


class Replicas(NamedTuple):
    """The fewest replicas that stay: ``minimum`` is None if files do not tell.

    ``decider`` is the index of the deciding autoscaler in the sequence given, None if it is the Deployment
    itself; ``path`` is the field of that object that decides, existing or not.
    """

    minimum: int | None
    path: Path
    decider: int | None = None


class Scaler(NamedTuple):
    """An object that sets the replicas of another: what it scales, and within which limits, None where not known.

    ``path`` is the field that decides the fewest replicas. ``configmap`` names the ConfigMap whose parameters, where
    it exists, stand in place of these. A ``kind`` of "deployment" in any case is a Deployment.
    """

    kind: str
    name: str
    minimum: int | None
    maximum: int | None
    path: Path
    configmap: str | None = None


def scalers(obj: Manifest) -> Iterator[Scaler]:
    """What ``obj`` scales, if it is a HorizontalPodAutoscaler, a ScaledObject or a cluster-proportional-autoscaler."""
    spec = as_mapping(obj.get("spec"))
    if obj.get("kind") == "HorizontalPodAutoscaler":
        yield from _targeted(spec, "minReplicas", 1, "maxReplicas", None)
    elif obj.get("kind") == "ScaledObject":
        found = _targeted(spec, "minReplicaCount", 0, "maxReplicaCount", 100)
        yield from (_paused(scaler, obj) for scaler in found)
    elif obj.get("kind") == "Deployment":
        yield from _proportional(obj)


def configured(scaler: Scaler, configmap: Manifest) -> Scaler:
    """``scaler`` with the parameters of its ConfigMap."""
    data = as_mapping(configmap.get("data"))
    mode = "ladder" if "ladder" in data else "linear"
    minimum, maximum = _limits({mode: _json(data.get(mode))})
    return scaler._replace(minimum=minimum, maximum=maximum, path=("data", mode))


def effective_replicas(deployment: Manifest, others: Sequence[Manifest]) -> Replicas:
    """The fewest replicas of ``deployment``, given the autoscalers among ``others`` (any objects of the cluster)."""
    found: list[Replicas] = []
    for index, other in enumerate(others):
        for scaler in scalers(other):
            if (scaler.kind, scaler.name) == ("Deployment", _name(deployment)) and _reaches(other, deployment):
                found.append(_with_configmap(scaler, index, others))
    return strongest(found) if found else own_replicas(deployment)


def strongest(found: Sequence[Replicas]) -> Replicas:
    """Which of several autoscalers decides: the one that keeps most, or one of which too little is known."""
    unknown = (replicas for replicas in found if replicas.minimum is None)
    return next(unknown, None) or max(found, key=lambda replicas: replicas.minimum or 0)


def own_replicas(deployment: Mapping[str, object]) -> Replicas:
    """``spec.replicas`` alone: absent or null means 1 (kubernetes ``pkg/apis/apps/v1/defaults.go``)."""
    value = as_mapping(deployment.get("spec")).get("replicas", 1)
    return Replicas(_count(value, 1), ("spec", "replicas"))


def linear_minimum(parameters: Mapping[str, object]) -> int | None:
    """The fewest replicas under the ``linear`` parameters of the cluster-proportional-autoscaler, on several nodes.

    Two with ``preventSinglePointFailure``; one where a replica serves many nodes and cores; else unknown.
    """
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


def _targeted(spec: Manifest, least: str, least_default: int, most: str, most_default: int | None) -> Iterator[Scaler]:
    target = as_mapping(spec.get("scaleTargetRef"))
    kind, name = target.get("kind", "Deployment"), target.get("name")
    if isinstance(kind, str) and isinstance(name, str):
        maximum = _count(spec.get(most), most_default or 0) or None
        yield Scaler(kind, name, _count(spec.get(least), least_default), maximum, ("spec", least))


def _paused(scaler: Scaler, obj: Manifest) -> Scaler:
    """A ScaledObject that is told to keep so many replicas, and to look at nothing."""
    annotations = as_mapping(as_mapping(obj.get("metadata")).get("annotations"))
    kept = annotations.get(_PAUSED)
    if not isinstance(kept, str):
        return scaler
    count = int(kept) if kept.isascii() and kept.isdigit() and len(kept) < 10 else None
    return scaler._replace(minimum=count, maximum=count, path=("metadata", "annotations", _PAUSED))


def _reaches(scaler: Manifest, deployment: Manifest) -> bool:
    """A namespace left open may be any; the cluster-proportional-autoscaler is told its target's."""
    if scaler.get("kind") == "Deployment":
        return True
    first, second = (as_mapping(each.get("metadata")).get("namespace") for each in (deployment, scaler))
    return first is None or second is None or first == second


def _with_configmap(scaler: Scaler, index: int, others: Sequence[Manifest]) -> Replicas:
    for position, other in enumerate(others):
        if other.get("kind") == "ConfigMap" and _name(other) == (scaler.configmap or ""):
            scaler = configured(scaler, other)
            return Replicas(scaler.minimum, scaler.path, position)
    return Replicas(scaler.minimum, scaler.path, index)


def _proportional(scaler: Manifest) -> Iterator[Scaler]:
    template = as_mapping(as_mapping(scaler.get("spec")).get("template"))
    for position, container in enumerate(as_list(as_mapping(template.get("spec")).get("containers"))):
        flags = _flags(as_mapping(container))
        if not _is_proportional(as_mapping(container)):
            continue
        minimum, maximum = _limits(_json(flags.get("default-params")))
        path: Path = ("spec", "template", "spec", "containers", position)
        for target in flags.get("target", "").split(","):
            kind, slash, name = target.strip().partition("/")
            known = "Deployment" if kind.lower() in ("deployment", "deployments") else kind
            if slash:
                yield Scaler(known, name.lower(), minimum, maximum, path, flags.get("configmap"))


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


def _json(text: object) -> object:
    if not isinstance(text, str) or has_template(text):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _limits(parameters: object) -> tuple[int | None, int | None]:
    modes = as_mapping(parameters)
    if isinstance(linear := modes.get("linear"), Mapping):
        return linear_minimum(linear), _count(linear.get("max"), 0) or None
    return _ladder(as_mapping(modes.get("ladder"))), None


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
    """A count: ``default`` if null, None if it is not a number (template text), or one that the API server refuses."""
    if value is None:
        return default
    return value if type(value) is int and value >= 0 else None


def _name(obj: Mapping[str, object]) -> object:
    return as_mapping(obj.get("metadata")).get("name")
