"""Where pod templates are found, and what is known of them."""

from __future__ import annotations

import pytest

from kubelint.manifests.documents import Document
from kubelint.manifests.objects import read_objects
from kubelint.manifests.pods import PodTemplate, pod_templates
from kubelint.sources import read_documents


def pods_of(text: str) -> list[PodTemplate]:
    """The pod templates of every object in a YAML stream."""
    documents = [Document(source) for source in read_documents("pod.yaml", text).documents]
    return [pod for document in documents for obj in read_objects(document) for pod in pod_templates(obj)]


def manifest(version: str, kind: str, path: str, body: str) -> str:
    """An object with the flow-style `body` at the dotted `path`; `[]` opens a sequence of one item."""
    opening, closing = "", ""
    for step in path.split(".") if path else []:
        name = step.removesuffix("[]")
        opening += f"{{{name}: [" if step.endswith("[]") else f"{{{name}: "
        closing = ("]}" if step.endswith("[]") else "}") + closing
    inner = f"{opening}{body}{closing}"
    return f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: x}}, {inner[1:-1]}}}"


POD = "{spec: {containers: [{name: main, image: a}], initContainers: [{name: first, image: b}]}}"

HOLDERS = [
    ("v1", "Pod", ""),
    ("v1", "PodTemplate", "template"),
    ("v1", "ReplicationController", "spec.template"),
    ("apps/v1", "Deployment", "spec.template"),
    ("apps/v1", "StatefulSet", "spec.template"),
    ("apps/v1", "DaemonSet", "spec.template"),
    ("apps/v1", "ReplicaSet", "spec.template"),
    ("extensions/v1beta1", "Deployment", "spec.template"),
    ("batch/v1", "Job", "spec.template"),
    ("batch/v1beta1", "CronJob", "spec.jobTemplate.spec.template"),
    ("argoproj.io/v1alpha1", "Rollout", "spec.template"),
    ("apps.kruise.io/v1alpha1", "CloneSet", "spec.template"),
    ("apps.kruise.io/v1alpha1", "AdvancedCronJob", "spec.template.jobTemplate.spec.template"),
    ("apps.kruise.io/v1alpha1", "UnitedDeployment", "spec.template.deploymentTemplate.spec.template"),
    ("serving.knative.dev/v1", "Service", "spec.template"),
    ("actions.summerwind.dev/v1alpha1", "RunnerSet", "spec.template"),
    ("actions.github.com/v1alpha1", "AutoscalingRunnerSet", "spec.template"),
    ("actions.github.com/v1alpha1", "AutoscalingRunnerSet", "spec.listenerTemplate"),
    ("actions.github.com/v1alpha1", "EphemeralRunnerSet", "spec.ephemeralRunnerSpec"),
    ("postgresql.cnpg.io/v1", "Pooler", "spec.template"),
    ("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "spec.nodeSets[].podTemplate"),
    ("kibana.k8s.elastic.co/v1", "Kibana", "spec.podTemplate"),
    ("ray.io/v1", "RayCluster", "spec.headGroupSpec.template"),
    ("ray.io/v1", "RayCluster", "spec.workerGroupSpecs[].template"),
    ("batch.volcano.sh/v1alpha1", "Job", "spec.tasks[].template"),
    ("operators.example/v1", "Copycat", "spec.template"),
]


@pytest.mark.parametrize(("version", "kind", "path"), HOLDERS)
def test_every_kind_with_pods(version: str, kind: str, path: str) -> None:
    (pod,) = pods_of(manifest(version, kind, path, POD))
    assert [(container.name, container.role) for container in pod.containers] == [
        ("first", "init"),
        ("main", "container"),
    ]
    assert pod.spec.path[-1] == "spec"


BARE = [
    ("monitoring.coreos.com/v1", "Prometheus", "spec"),
    ("operator.victoriametrics.com/v1beta1", "VMAgent", "spec"),
    ("operator.victoriametrics.com/v1beta1", "VMCluster", "spec.vmselect"),
    ("postgresql.cnpg.io/v1", "Cluster", "spec.affinity"),
    ("kafka.strimzi.io/v1", "KafkaNodePool", "spec.template.pod"),
    ("tekton.dev/v1", "PipelineRun", "spec.taskRunTemplate.podTemplate"),
    ("tailscale.com/v1alpha1", "ProxyClass", "spec.statefulSet.pod"),
    ("gateway.envoyproxy.io/v1alpha1", "EnvoyProxy", "spec.provider.kubernetes.envoyDeployment.pod"),
]


@pytest.mark.parametrize(("version", "kind", "path"), BARE)
def test_kinds_that_only_schedule(version: str, kind: str, path: str) -> None:
    (pod,) = pods_of(manifest(version, kind, path, "{nodeSelector: {a: b}, containers: [{name: c, image: d}]}"))
    assert pod.spec.get("nodeSelector", "a").text == "b"
    assert (pod.containers, pod.partial) == ([], True)


@pytest.mark.parametrize(
    ("version", "kind"),
    [("v1", "Service"), ("apps/v1", "Job"), ("v1", "Deployment"), ("upgrade.cattle.io/v1", "Plan")],
)
def test_kinds_without_pods(version: str, kind: str) -> None:
    assert pods_of(manifest(version, kind, "spec", "{nodeSelector: {a: b}}")) == []


def test_argo_templates() -> None:
    pods = pods_of(
        """
        apiVersion: argoproj.io/v1alpha1
        kind: CronWorkflow
        metadata: {name: nightly}
        spec:
          workflowSpec:
            nodeSelector: {kubernetes.io/arch: amd64}
            templates:
              - name: build
                container: {image: a}
                sidecars: [{name: db, image: b}]
              - name: report
                script: {name: say, image: c}
              - name: both
                metadata: {labels: {app: both}}
                containerSet: {containers: [{name: one, image: d}, {name: two, image: e}]}
        """
    )
    assert [[container.name for container in pod.containers] for pod in pods] == [
        ["db", "main"],
        ["say"],
        ["one", "two"],
    ]
    assert all(pod.outer and pod.outer.get("nodeSelector").exists for pod in pods)
    assert pods[2].labels == {"app": "both"}


def test_runner_is_its_own_container() -> None:
    (pod,) = pods_of(
        """
        apiVersion: actions.summerwind.dev/v1alpha1
        kind: RunnerDeployment
        metadata: {name: ci}
        spec: {template: {spec: {image: runner:1, containers: [{name: docker, image: dind}]}}}
        """
    )
    assert [(container.name, container.image.text) for container in pod.containers] == [
        ("runner", "runner:1"),
        ("docker", "dind"),
    ]


@pytest.mark.parametrize(
    ("text", "partial"),
    [
        ("{selector: {}, template: {spec: {containers: [{name: a, image: b}]}}}", False),
        ("{selector: {}, template: {spec: {containers: [{name: a, image: '{{ .Values.image }}'}]}}}", False),
        ("{template: {spec: {containers: [{name: a, image: b}]}}}", True),
        ("{selector: {}, template: {spec: {containers: [{name: a}]}}}", True),
        ("{selector: {}, template: {spec: {nodeSelector: {a: b}}}}", True),
        ("{selector: {}, template: {spec: '{{ .Values.pod }}'}}", True),
    ],
)
def test_partial(text: str, partial: bool) -> None:
    (pod,) = pods_of(f"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: x}}, spec: {text}}}")
    assert pod.partial is partial


@pytest.mark.parametrize("spec", ["null", "3", "[1]", "{template: 3}", "{template: {spec: [a]}}", "{}"])
def test_nonsense_gives_nothing_or_something_empty(spec: str) -> None:
    for pod in pods_of(f"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: x}}, spec: {spec}}}"):
        assert (pod.containers, pod.labels, pod.partial) == ([], {}, True)
