"""Where kinds keep their pod templates.

Read off the CustomResourceDefinitions and Go types of each project; the comments name the ones with a shape
of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from kubelint.manifests.field import Field


class Shape(NamedTuple):
    """One place of a kind that holds a pod spec.

    Paths are dotted; `[]` stands for every item of a sequence, `*` for every value of a mapping.  `spec`
    leads to the pod spec, `metadata` to the pod's metadata, as seen from the spec's holder.  `bare` specs
    have scheduling fields but no containers; in `argo` ones a template is one container or several;
    `runner` specs are a container themselves.
    """

    holder: str
    spec: str = "spec"
    metadata: str = "metadata"
    form: str = "pod"
    outer: str = ""
    """A place whose scheduling fields hold for this spec too, from the object's root."""
    image: str = ""
    """Where an object without containers names the image of its pods, from its root."""


_POD = (Shape(""),)
_TEMPLATE = (Shape("spec.template"),)
_POD_TEMPLATE = (Shape("spec.podTemplate"),)


def _bare(*holders: str, image: str = "") -> tuple[Shape, ...]:
    return tuple(Shape(holder, "", "podMetadata", "bare", image=image) for holder in holders)


def _argo(prefix: str) -> tuple[Shape, ...]:
    return (Shape(f"{prefix}.templates[]", "", "metadata", "argo", prefix),)


_SHAPES: dict[tuple[str, str], tuple[Shape, ...]] = {
    ("", "Pod"): _POD,
    ("", "PodTemplate"): (Shape("template"),),
    ("", "ReplicationController"): _TEMPLATE,
    ("batch", "Job"): _TEMPLATE,
    ("batch", "CronJob"): (Shape("spec.jobTemplate.spec.template"),),
    ("argoproj.io", "Rollout"): _TEMPLATE,
    ("argoproj.io", "Workflow"): _argo("spec"),
    ("argoproj.io", "WorkflowTemplate"): _argo("spec"),
    ("argoproj.io", "ClusterWorkflowTemplate"): _argo("spec"),
    ("argoproj.io", "CronWorkflow"): _argo("spec.workflowSpec"),
    ("apps.kruise.io", "CloneSet"): _TEMPLATE,
    ("apps.kruise.io", "DaemonSet"): _TEMPLATE,
    ("apps.kruise.io", "StatefulSet"): _TEMPLATE,
    ("apps.kruise.io", "AdvancedCronJob"): (Shape("spec.template.jobTemplate.spec.template"),),
    ("apps.kruise.io", "UnitedDeployment"): (Shape("spec.template.*.spec.template"),),
    ("serving.knative.dev", "Service"): _TEMPLATE,
    ("serving.knative.dev", "Configuration"): _TEMPLATE,
    ("actions.summerwind.dev", "Runner"): (Shape("", form="runner"),),
    ("actions.summerwind.dev", "RunnerDeployment"): (Shape("spec.template", form="runner"),),
    ("actions.summerwind.dev", "RunnerReplicaSet"): (Shape("spec.template", form="runner"),),
    ("actions.summerwind.dev", "RunnerSet"): _TEMPLATE,
    ("actions.github.com", "AutoscalingRunnerSet"): (Shape("spec.template"), Shape("spec.listenerTemplate")),
    ("actions.github.com", "EphemeralRunnerSet"): (Shape("spec.ephemeralRunnerSpec"),),
    ("monitoring.coreos.com", "Prometheus"): _bare("spec", image="spec.image"),
    ("monitoring.coreos.com", "PrometheusAgent"): _bare("spec", image="spec.image"),
    ("monitoring.coreos.com", "Alertmanager"): _bare("spec", image="spec.image"),
    ("monitoring.coreos.com", "ThanosRuler"): _bare("spec", image="spec.image"),
    ("operator.victoriametrics.com", "VMSingle"): _bare("spec"),
    ("operator.victoriametrics.com", "VMAgent"): _bare("spec"),
    ("operator.victoriametrics.com", "VMAlert"): _bare("spec"),
    ("operator.victoriametrics.com", "VMAlertmanager"): _bare("spec"),
    ("operator.victoriametrics.com", "VMAuth"): _bare("spec"),
    ("operator.victoriametrics.com", "VMCluster"): _bare("spec.vmstorage", "spec.vmselect", "spec.vminsert"),
    # CloudNativePG: nodeSelector, nodeAffinity and tolerations all stand inside `affinity`.
    ("postgresql.cnpg.io", "Cluster"): _bare("spec.affinity", image="spec.imageName"),
    ("postgresql.cnpg.io", "Pooler"): _TEMPLATE,
    # Strimzi has no nodeSelector: only affinity and tolerations.
    ("kafka.strimzi.io", "Kafka"): _bare(
        "spec.kafka.template.pod", "spec.zookeeper.template.pod", "spec.entityOperator.template.pod"
    ),
    ("kafka.strimzi.io", "KafkaNodePool"): _bare("spec.template.pod"),
    ("kafka.strimzi.io", "KafkaConnect"): _bare("spec.template.pod"),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): (Shape("spec.nodeSets[].podTemplate"),),
    ("kibana.k8s.elastic.co", "Kibana"): _POD_TEMPLATE,
    ("apm.k8s.elastic.co", "ApmServer"): _POD_TEMPLATE,
    ("logstash.k8s.elastic.co", "Logstash"): _POD_TEMPLATE,
    ("beat.k8s.elastic.co", "Beat"): (
        Shape("spec.deployment.podTemplate"),
        Shape("spec.daemonSet.podTemplate"),
    ),
    ("ray.io", "RayCluster"): (
        Shape("spec.headGroupSpec.template"),
        Shape("spec.workerGroupSpecs[].template"),
    ),
    ("batch.volcano.sh", "Job"): (Shape("spec.tasks[].template"),),
    ("tekton.dev", "PipelineRun"): _bare("spec.podTemplate", "spec.taskRunTemplate.podTemplate"),
    ("tekton.dev", "TaskRun"): _bare("spec.podTemplate"),
    ("tailscale.com", "ProxyClass"): _bare("spec.statefulSet.pod"),
    ("gateway.envoyproxy.io", "EnvoyProxy"): _bare(
        "spec.provider.kubernetes.envoyDeployment.pod", "spec.provider.kubernetes.envoyDaemonSet.pod"
    ),
    **{
        (group, kind): _TEMPLATE
        for group in ("apps", "extensions")
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
    },
}

POD_KINDS = frozenset(kind for _, kind in _SHAPES)
"""The kinds that hold pod templates, whatever their group."""


def shapes_of(group: str, kind: str) -> tuple[Shape, ...]:
    """The places where a kind holds pod specs; none if it is not known to."""
    return _SHAPES.get((group, kind), ())


def reach(root: Field, path: str) -> Iterator[Field]:
    """The existing fields that a dotted path leads to."""
    found = [root]
    for step in _steps(path):
        found = [inner for field in found for inner in _inner(field, step)]
    return iter(found)


def _inner(field: Field, step: str) -> Iterator[Field]:
    if step == "[]":
        yield from field.elements()
    elif step == "*":
        yield from (inner for _, inner in field.items())
    elif (inner := field.get(step)).exists:
        yield inner


@cache
def _steps(path: str) -> tuple[str, ...]:
    return tuple(step for step in path.replace("[]", ".[]").split(".") if step)
