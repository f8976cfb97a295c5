"""Cluster DNS as people write it: each case with the findings it deserves, what must be silent beside what is not."""

from __future__ import annotations

import json

import pytest
from linting import ids, lint_texts

ONE, SPREAD, PINNED, NO_BUDGET, BLOCKED, FIGHT, DEAD = (
    "dns-single-replica",
    "dns-replicas-not-spread",
    "dns-pinned-to-node",
    "dns-without-disruption-budget",
    "dns-budget-blocks-drain",
    "replicas-fight-autoscaler",
    "dead-spread-selector",
)
OWN = "labelSelector: {matchLabels: {k8s-app: kube-dns}}"
APART = f"topologySpreadConstraints: [{{maxSkew: 1, topologyKey: kubernetes.io/hostname, {OWN}}}]".replace(
    "hostname,", "hostname, whenUnsatisfiable: ScheduleAnyway,"
)
TWO = "replicas: 2"


def dns(replicas="", spec=APART, name="coredns", place=", namespace: kube-system", label="k8s-app: kube-dns", **more):
    image, kind = more.get("image", "registry.k8s.io/coredns/coredns:v1.12.0"), more.get("kind", "Deployment")
    return f"""\
apiVersion: apps/v1
kind: {kind}
metadata: {{name: {name}{place}}}
spec:
  {replicas}
  selector: {{matchLabels: {{{label}}}}}
  template:
    metadata: {{labels: {{{label}}}}}
    spec:
      {spec}
      containers: [{{name: dns, image: "{image}"}}]
"""


def budget(spec="maxUnavailable: 1", namespace="kube-system"):
    selector = "selector: {matchLabels: {k8s-app: kube-dns}}"
    return (
        "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\n"
        f"metadata: {{name: dns, namespace: {namespace}}}\nspec: {{{spec}, {selector}}}\n"
    )


def hpa(spec, namespace="kube-system"):
    target = "scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: coredns}"
    return (
        "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n"
        f"metadata: {{name: dns, namespace: {namespace}}}\nspec: {{{target}, maxReplicas: 9, {spec}}}\n"
    )


def keda(spec, annotations=""):
    return (
        "---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\n"
        f"metadata: {{name: dns, namespace: kube-system, annotations: {{{annotations}}}}}\n"
        f"spec: {{scaleTargetRef: {{name: coredns}}, {spec}}}\n"
    )


def proportional(*arguments, target="deployment/coredns"):
    command = ["/cluster-proportional-autoscaler", f"--target={target}", *arguments]
    spec = f"containers: [{{name: a, image: 'cpa/cluster-proportional-autoscaler:1', command: {json.dumps(command)}}}]"
    head = "metadata: {name: dns-autoscaler, namespace: kube-system}"
    return f"---\napiVersion: apps/v1\nkind: Deployment\n{head}\nspec: {{template: {{spec: {{{spec}}}}}}}\n"


def linear(**parameters):
    return f"--default-params={json.dumps({'linear': {'coresPerReplica': 256, 'nodesPerReplica': 16, **parameters}})}"


def parameters(text):
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: parameters, namespace: kube-system}"
    return f"---\n{head}\ndata:\n  linear: |-\n    {text}\n"


FROM_MAP = proportional("--configmap=parameters")
SAFE = linear(preventSinglePointFailure=True)
REPLICAS = [
    ("one", dns("replicas: 1"), [ONE]),
    ("none written", dns(), [ONE]),
    ("null", dns("replicas: null"), [ONE]),
    ("switched off", dns("replicas: 0"), []),
    ("fewer than none", dns("replicas: -1"), []),
    ("text", dns('replicas: "1"'), []),
    ("a list", dns("replicas: [1]"), []),
    ("a fraction", dns("replicas: 1.5"), []),
    ("a variable", dns("replicas: ${REPLICAS}"), []),
    ("an expression", dns('replicas: "#{ 2 if controllers > 1 else 1 }#"'), []),
    ("two, apart", dns(TWO), []),
    ("two, wherever", dns(TWO, ""), [SPREAD]),
    ("an autoscaler that keeps two", dns() + hpa("minReplicas: 2"), []),
    ("an autoscaler that says nothing", dns() + hpa("metrics: []"), [ONE]),
    ("an autoscaler that keeps one", dns() + hpa("minReplicas: 1"), [ONE]),
    ("an autoscaler of text", dns() + hpa('minReplicas: "1"'), []),
    ("an autoscaler of a variable", dns() + hpa("minReplicas: ${MIN}"), []),
    ("an autoscaler of nonsense", dns() + hpa("minReplicas: -3"), []),
    ("an autoscaler of another namespace", dns() + hpa("minReplicas: 2", "shop"), [ONE]),
    ("an autoscaler beside a number", dns("replicas: 3") + hpa("minReplicas: 2"), [FIGHT]),
    ("KEDA by default", dns() + keda("maxReplicaCount: 5"), [ONE]),
    ("KEDA that keeps two", dns() + keda("minReplicaCount: 2"), []),
    ("KEDA, held at one", dns() + keda("minReplicaCount: 2", "autoscaling.keda.sh/paused-replicas: '1'"), [ONE]),
    ("KEDA, held at three", dns() + keda("maxReplicaCount: 5", "autoscaling.keda.sh/paused-replicas: '3'"), []),
    ("KEDA, held at nobody knows", dns() + keda("{}: 1", "autoscaling.keda.sh/paused-replicas: some"), []),
    ("by size", dns() + proportional(linear()), [ONE]),
    ("by size, never one", dns() + proportional(SAFE), []),
    ("by size, at least two", dns() + proportional(linear(min=2)), []),
    ("by size, at most one", dns() + proportional(linear(preventSinglePointFailure=True, max=1)), [ONE]),
    ("a target in capitals", dns() + proportional(SAFE, target="DEPLOYMENT/CoreDNS"), []),
    ("another target", dns() + proportional(SAFE, target="deployment/web"), [ONE]),
    ("broken parameters", dns() + proportional('--default-params={"linear":'), []),
    ("parameters of a map", dns() + FROM_MAP + parameters('{"coresPerReplica": 256, "nodesPerReplica": 16}'), [ONE]),
    ("broken JSON in a map", dns() + FROM_MAP + parameters('{"coresPerReplica": 256,'), []),
    ("a list in a map", dns() + FROM_MAP + parameters("[1, 2]"), []),
    ("text for numbers in a map", dns() + FROM_MAP + parameters('{"nodesPerReplica": "16", "min": "1"}'), []),
    ("by size beside a number", dns(TWO) + proportional(SAFE), [FIGHT]),
]
IDENTITY = [
    ("its old name", dns("replicas: 1", name="kube-dns", image="registry.k8s.io/dns/k8s-dns-kube-dns:1.23.0"), [ONE]),
    ("no namespace", dns("replicas: 1", place=""), [ONE]),
    ("another namespace", dns("replicas: 1", place=", namespace: edge"), []),
    ("one on each node", dns(kind="DaemonSet"), []),
    ("a gateway", dns("replicas: 1", "", name="gw", label="app: gw", image="quay.io/oriedge/k8s_gateway:v0.4"), []),
    ("its autoscaler", dns("replicas: 1", name="coredns-autoscaler"), []),
    ("what k3s ships", dns(image="rancher/mirrored-coredns-coredns:1.12.0"), [ONE]),
]


def required(*terms):
    selector = f"{{nodeSelectorTerms: [{', '.join(terms)}]}}"
    return f"affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {selector}}}}}"


def on(operator, *names, key="kubernetes.io/hostname", kind="matchExpressions"):
    return f"{{{kind}: [{{key: {key}, operator: {operator}, values: [{', '.join(names)}]}}]}}"


def away(term, wish=False):
    if wish:
        entry = f"preferredDuringSchedulingIgnoredDuringExecution: [{{weight: 1, podAffinityTerm: {{{term}}}}}]"
    else:
        entry = f"requiredDuringSchedulingIgnoredDuringExecution: [{{{term}}}]"
    return f"affinity: {{podAntiAffinity: {{{entry}}}}}"


HOST = "topologyKey: kubernetes.io/hostname"
PLACED = [
    ("by name", "nodeName: a", [PINNED]),
    ("by host", "nodeSelector: {kubernetes.io/hostname: a}", [PINNED]),
    ("by affinity", required(on("In", "a")), [PINNED]),
    ("by the name of the node", required(on("In", "a", key="metadata.name", kind="matchFields")), [PINNED]),
    ("by either of two terms", required(on("In", "a"), on("In", "a")), [PINNED]),
    ("on one of two", required(on("In", "a", "b")), [SPREAD]),
    ("not there", required(on("NotIn", "a")), [SPREAD]),
    ("on the control plane", "nodeSelector: {node-role.kubernetes.io/control-plane: ''}", [SPREAD]),
    ("a selector that is a list", "nodeSelector: [a]", [SPREAD]),
    ("tolerations that are a mapping", "tolerations: {operator: Exists}", [SPREAD]),
    ("over nodes", APART, []),
    ("over zones", APART.replace("kubernetes.io/hostname", "topology.kubernetes.io/zone"), []),
    ("over nodes, without a selector", APART.replace(f", {OWN}", ""), [DEAD, SPREAD]),
    ("over nodes, other pods", APART.replace("k8s-app: kube-dns", "k8s-app: dns"), [DEAD, SPREAD]),
    ("over nodes, a variable", APART.replace("k8s-app: kube-dns", "k8s-app: ${APP}"), []),
    ("constraints that are text", "topologySpreadConstraints: hostname", [SPREAD]),
    ("away from each other", away(f"{HOST}, {OWN}"), []),
    ("away from each other, if it may be", away(f"{HOST}, {OWN}", wish=True), []),
    ("away from those of another namespace", away(f"{HOST}, {OWN}, namespaces: [shop]"), [SPREAD]),
    ("away from those of its own", away(f"{HOST}, {OWN}, namespaces: [kube-system]"), []),
]
BUDGETS = [
    ("minAvailable: 2", [BLOCKED]),
    ("minAvailable: 1", []),
    ("minAvailable: 100%", [BLOCKED]),
    ("minAvailable: 51%", [BLOCKED]),
    ("minAvailable: 50%", []),
    ("maxUnavailable: 0", [BLOCKED]),
    ("maxUnavailable: 0%", [BLOCKED]),
    ("maxUnavailable: 1", []),
    ("minAvailable: [1]", []),
    ('minAvailable: "2"', []),
    ("minAvailable: -1", []),
    ("minAvailable: ${MIN}", []),
]


def reported(files):
    report = lint_texts({"coredns.yaml": files} if isinstance(files, str) else files, select=("dns",))
    assert not report.crashed, [finding.message for finding in report.findings]
    return sorted(ids(report))


@pytest.mark.parametrize(("text", "rules"), [row[1:] for row in REPLICAS], ids=[row[0] for row in REPLICAS])
def test_how_many(text, rules):
    assert reported(text + budget()) == rules


@pytest.mark.parametrize(("text", "rules"), [row[1:] for row in IDENTITY], ids=[row[0] for row in IDENTITY])
def test_which_deployment(text, rules):
    assert reported(text) == rules


@pytest.mark.parametrize(("spec", "rules"), [row[1:] for row in PLACED], ids=[row[0] for row in PLACED])
def test_where(spec, rules):
    assert reported(dns(TWO, spec) + budget()) == rules


@pytest.mark.parametrize(("spec", "rules"), BUDGETS)
def test_which_budget(spec, rules):
    assert reported(dns(TWO) + budget(spec)) == rules


def test_a_budget_in_another_file_and_one_of_another_namespace():
    assert reported({"dns/coredns.yaml": dns(TWO), "dns/budget.yaml": budget()}) == []
    assert reported(dns(TWO) + budget(namespace="shop")) == [NO_BUDGET]
    assert reported(dns("replicas: 1") + budget("minAvailable: 1")) == [BLOCKED, ONE]


TO_DNS = "target: {kind: Deployment, name: coredns}"
WHOLE = (
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: coredns, namespace: kube-system}, spec: {replicas: %s}}"
)
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
KUSTOMIZED = [
    ("counted", TWO, "replicas: [{name: coredns, count: 1}]", [ONE]),
    ("counted up", "replicas: 1", "replicas: [{name: coredns, count: 3}]", []),
    ("another counted", "replicas: 1", "replicas: [{name: web, count: 3}]", [ONE]),
    ("counted by a variable", "replicas: 1", "replicas: [{name: coredns, count: '${N}'}]", []),
    ("patched", TWO, f"patches: [{{patch: '{WHOLE % 1}'}}]", [ONE]),
    ("patched up", "replicas: 1", f"patches: [{{patch: '{WHOLE % 2}'}}]", []),
    (
        "patched by JSON",
        TWO,
        f"patches: [{{{TO_DNS}, patch: '[{{op: replace, path: /spec/replicas, value: 1}}]'}}]",
        [ONE],
    ),
    ("as it was called", TWO, f"patchesStrategicMerge: ['{WHOLE % 1}']", [ONE]),
    ("patched to nobody knows", "replicas: 1", f"patches: [{{{TO_DNS}, patch: '[{{op: remove, path: /spec}}]'}}]", []),
    (
        "patched for a label",
        "replicas: 1",
        f"patches: [{{target: {{labelSelector: a=b}}, patch: '{WHOLE % 2}'}}]",
        [ONE],
    ),
    ("counted after a patch", "", f"replicas: [{{name: coredns, count: 3}}]\npatches: [{{patch: '{WHOLE % 1}'}}]", []),
    ("moved away", "replicas: 1", "namespace: edge", []),
    ("left in place", "replicas: 1", "namespace: kube-system", [ONE]),
]


def kustomized(text, entry, **more):
    files = {"prod/kustomization.yaml": f"resources: [coredns.yaml]\n{entry}\n", "prod/coredns.yaml": text + budget()}
    return {**files, **{name.replace("__", "/") + ".yaml": content for name, content in more.items()}}


@pytest.mark.parametrize(
    ("replicas", "entry", "rules"), [row[1:] for row in KUSTOMIZED], ids=[r[0] for r in KUSTOMIZED]
)
def test_as_a_kustomization_builds_it(replicas, entry, rules):
    assert reported(kustomized(dns(replicas), entry)) == rules


def test_a_patch_in_a_file_of_its_own_and_a_component():
    patch = WHOLE % 1
    assert reported(kustomized(dns(TWO), "patches: [{path: patch.yaml}]", prod__patch=patch)) == [ONE]
    counting = f"{COMPONENT}replicas: [{{name: coredns, count: 1}}]\n"
    assert reported(kustomized(dns(TWO), "components: [../part]", part__kustomization=counting)) == [ONE]
    assert reported(kustomized(dns(TWO), "components: [../part]", part__kustomization=COMPONENT)) == []


def test_each_kustomization_counts_for_itself():
    base = {
        "base/kustomization.yaml": "resources: [coredns.yaml]\n",
        "base/coredns.yaml": dns("replicas: 1") + budget(),
    }
    three = "resources: [../../base]\nreplicas: [{name: coredns, count: 3}]\n"
    files = {**base, "sites/home/kustomization.yaml": three, "sites/away/kustomization.yaml": three}
    assert reported(files) == []
    files["sites/away/kustomization.yaml"] = "resources: [../../base]\n"
    assert reported(files) == [ONE]
    files["sites/dev/kustomization.yaml"] = files.pop("sites/away/kustomization.yaml")
    assert reported(files) == []


@pytest.mark.parametrize("scaler", [hpa("minReplicas: 2"), keda("minReplicaCount: 2"), proportional(SAFE)])
@pytest.mark.parametrize("entry", ["replicas: [{name: coredns, count: 3}]", f"patches: [{{patch: '{WHOLE % 3}'}}]"])
def test_a_kustomization_that_fights_an_autoscaler(scaler, entry):
    files = kustomized(dns() + scaler, entry)
    (finding,) = lint_texts(files, select=("dns",)).findings
    assert (finding.meta.id, finding.place.path, finding.severity) == (FIGHT, "prod/kustomization.yaml", "error")
    assert not finding.fixes
    assert reported(kustomized(dns() + scaler, "labels: [{pairs: {team: a}}]")) == []
