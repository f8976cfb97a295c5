"""Upgrade Plans and what reboots nodes: which of them reach control-plane nodes, how many at once, in which order."""

import pytest
from small_trees import found

AT_ONCE, ORDER = "concurrent-control-plane-upgrade", "upgrade-plan-order"
BUSY, REBOOTS = "upgrade-plan-without-drain", "concurrent-reboots"
ROLE = "node-role.kubernetes.io/"
NOT_LEADING = f"{{key: {ROLE}control-plane, operator: DoesNotExist}}"


def selecting(*expressions):
    return f"nodeSelector: {{matchExpressions: [{', '.join(expressions)}]}}"


def plan(*lines, name="server", image="rancher/k3s-upgrade", namespace="system-upgrade"):
    head = f"apiVersion: upgrade.cattle.io/v1\nkind: Plan\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
    body = "".join(f"  {line}\n" for line in lines if line)
    return f"{head}spec:\n  version: v1.34.1+k3s1\n  upgrade: {{image: {image}}}\n{body}"


LEADING = selecting(f"{{key: {ROLE}control-plane, operator: Exists}}")
SELECTORS = [
    (LEADING, 1),
    (selecting(f"{{key: {ROLE}control-plane, operator: In, values: ['true']}}"), 1),
    (selecting(f"{{key: {ROLE}master, operator: Exists}}"), 1),
    (selecting(f"{{key: {ROLE}etcd, operator: Exists}}"), 1),
    (f"nodeSelector: {{matchLabels: {{{ROLE}control-plane: 'true'}}}}", 1),
    ("", 1),
    ("nodeSelector: {}", 1),
    (selecting("{key: kubernetes.io/os, operator: In, values: [linux]}"), 1),
    (selecting(NOT_LEADING), 0),
    (selecting(f"{{key: {ROLE}control-plane, operator: NotIn, values: ['true']}}"), 0),
    (selecting(f"{{key: {ROLE}control-plane, operator: Sometimes}}"), 0),
    (selecting(f"{{key: {ROLE}worker, operator: Exists}}"), 0),
    (selecting("{key: upgrade, operator: Exists}"), 0),
    ("nodeSelector: ${SELECTOR}", 0),
    ("nodeSelector: [a]", 0),
    ("nodeSelector: text", 0),
]


@pytest.mark.parametrize(("selector", "number"), SELECTORS)
def test_which_plans_reach_the_control_plane(selector, number, tmp_path):
    files = {"plan.yaml": plan("concurrency: 2", "cordon: true", selector)}
    assert found(tmp_path, files, AT_ONCE) == [f"{AT_ONCE} error"] * number


CONCURRENCY = [("2", 1), ("99", 1), ("1", 0), ("0", 0), ("-3", 0), ("'2'", 0), ("${C}", 0), ("[2]", 0), ("2.5", 0)]


@pytest.mark.parametrize(("text", "number"), CONCURRENCY)
def test_how_many_at_once(text, number, tmp_path):
    files = {"plan.yaml": plan(f"concurrency: {text}", "cordon: true", LEADING)}
    assert len(found(tmp_path, files, AT_ONCE)) == number


SERVERS = plan("concurrency: 1", "cordon: true", LEADING, name="k3s-server")


def agents(*lines, **settings):
    return plan("concurrency: 2", selecting(NOT_LEADING), *lines, **{"name": "k3s-agent", **settings})


def waits(name):
    return f"prepare: {{image: rancher/k3s-upgrade, args: [prepare, {name}]}}"


ORDERS = [
    (SERVERS, agents(), 1),
    (SERVERS, agents(waits("server-plan")), 1),
    (SERVERS, agents(waits("k3s-server")), 0),
    (SERVERS, agents(waits("${PLAN}")), 0),
    (SERVERS, agents(namespace="other"), 0),
    (SERVERS, agents(image="rancher/rke2-upgrade"), 0),
    (SERVERS, agents(image="ghcr.io/siderolabs/talosctl"), 0),
    ("", agents(), 0),
]


@pytest.mark.parametrize(("servers", "others", "number"), ORDERS)
def test_servers_first(servers, others, number, tmp_path):
    assert found(tmp_path, {"a.yaml": servers, "b.yaml": others}, ORDER) == [f"{ORDER} info"] * number


DRAINS = [
    ("", {}, 1),
    ("cordon: false", {}, 1),
    ("", {"image": "docker.io/rancher/rke2-upgrade:v1"}, 1),
    ("cordon: true", {}, 0),
    ("cordon: ${X}", {}, 0),
    ("drain: {force: true}", {}, 0),
    ("", {"image": "ghcr.io/siderolabs/talosctl"}, 0),
]


@pytest.mark.parametrize(("line", "settings", "number"), DRAINS)
def test_nodes_are_cordoned(line, settings, number, tmp_path):
    files = {"plan.yaml": plan("concurrency: 1", LEADING, line, **settings)}
    assert found(tmp_path, files, BUSY) == [f"{BUSY} info"] * number


def flux(values):
    head = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: kured, namespace: kube-system}\n"
    chart = "  chart: {spec: {chart: kured, version: 5.6.1, sourceRef: {kind: HelmRepository, name: kured}}}\n"
    return f"{head}spec:\n  interval: 1h\n{chart}  values: {values}\n"


ARGO = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: kured, namespace: argocd}}
spec:
  project: default
  destination: {{namespace: kube-system, server: https://kubernetes.default.svc}}
  source: {{repoURL: https://kubereboot.github.io/charts, chart: kured, targetRevision: 5.6.1, helm: {{{}}}}}
"""
HELM_CHART = """\
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {{name: kured, namespace: kube-system}}
spec:
  chart: kured
  valuesContent: |-
    configuration:
      concurrency: {}
"""


def daemon(words, command="[/usr/bin/kured]", tolerations="[{operator: Exists}]"):
    return f"""\
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: kured, namespace: kube-system}}
spec:
  selector: {{matchLabels: {{a: b}}}}
  template:
    metadata: {{labels: {{a: b}}}}
    spec:
      tolerations: {tolerations}
      containers: [{{name: kured, image: "ghcr.io/kubereboot/kured:1.17.0", command: {command}, args: {words}}}]
"""


def pool(name, number):
    head = f"apiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfigPool\nmetadata: {{name: {name}}}\n"
    return f"{head}spec: {{maxUnavailable: {number}}}\n"


REBOOTERS = [
    (flux("{configuration: {concurrency: 2}}"), 1),
    (flux("{configuration: {concurrency: '2'}}"), 1),
    (flux("{configuration: {concurrency: 1}}"), 0),
    (flux("{configuration: {concurrency: -2}}"), 0),
    (flux("{configuration: {concurrency: '${N}'}}"), 0),
    (flux("{configuration: {concurrency: [2]}}"), 0),
    (flux(f"{{configuration: {{concurrency: 2}}, nodeSelector: {{{ROLE}worker: ''}}}}"), 0),
    (flux("{configuration: {concurrency: 2}, tolerations: []}"), 0),
    (ARGO.format("valuesObject: {configuration: {concurrency: 2}}"), 1),
    (ARGO.format("valuesObject: {configuration: {concurrency: 1}}"), 0),
    (HELM_CHART.format(2), 1),
    (HELM_CHART.format(1), 0),
    (daemon("[--concurrency=2]"), 1),
    (daemon("[--concurrency, '2']"), 1),
    (daemon("[]", command="[/usr/bin/kured, --concurrency=3]"), 1),
    (daemon("[--concurrency=1]"), 0),
    (daemon("['--concurrency=$(N)']"), 0),
    (daemon("[--concurrency=2]", tolerations="[]"), 0),
    (pool("master", 2), 1),
    (pool("master", "67%"), 1),
    (pool("master", "300%"), 1),
    (pool("master", "50%"), 0),
    (pool("master", 1), 0),
    (pool("master", -1), 0),
    (pool("worker", 5), 0),
]


@pytest.mark.parametrize(("text", "number"), REBOOTERS)
def test_what_reboots(text, number, tmp_path):
    assert found(tmp_path, {"kured.yaml": text}, REBOOTS) == [f"{REBOOTS} error"] * number
