"""The DNS that k3s ships, clusters of one node, numbers that are none, and what real repositories run."""

from __future__ import annotations

import pytest
from linting import REGISTRY, SHARED, lint_texts, lint_tree, needs_corpus

from kubelint.checks.pages import section
from kubelint.manifests import ClusterSettings, NodeFacts

RULE = "dns-single-replica"
CONFIG = "cluster-init: true\ntls-san: [api.example.org]\ndisable: [traefik]\n"
PATH = "server-1/etc/rancher/k3s/config.yaml"
SERVED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: coredns, namespace: kube-system}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{k8s-app: kube-dns}}}}
  template:
    metadata: {{labels: {{k8s-app: kube-dns}}}}
    spec: {{containers: [{{name: coredns, image: "{image}"}}]}}
"""
IMAGE = "registry.k8s.io/coredns/coredns:v1.12.0"


def found(files, rule=RULE, **settings):
    report = lint_texts(files, select=(rule,), **settings)
    assert not report.crashed, [finding.message for finding in report.findings]
    return report.findings


def inventory(agents):
    hosts = "".join(f"        {name}:\n" for name in agents)
    return f"k3s_cluster:\n  children:\n    server:\n      hosts:\n        one:\n    agent:\n      hosts:\n{hosts}"


def test_where_only_the_servers_are_configured_it_is_an_info_at_what_they_leave_out():
    (finding,) = found({PATH: CONFIG})
    assert (finding.severity, finding.place.start.line, finding.fixes) == ("info", 3, ())
    assert "k3s ships one replica" in finding.message
    assert "kubectl -n kube-system scale deployment coredns --replicas=2" in finding.help_text


def test_one_cluster_is_one_finding():
    joining = "server: https://server-1:6443\ntls-san: [api.example.org]\ndisable: [traefik]\n"
    files = {PATH: CONFIG, PATH.replace("server-1", "server-2"): joining}
    assert len(found(files)) == 1


@pytest.mark.parametrize(
    ("files", "number"),
    [
        ({PATH: CONFIG.replace("[traefik]", "coredns")}, 0),
        ({PATH: CONFIG.replace("[traefik]", "[traefik, coredns]")}, 0),
        ({PATH: CONFIG.replace("[traefik]", "'traefik, coredns'")}, 0),
        ({PATH: CONFIG.replace("[traefik]", "${DISABLED}")}, 0),
        ({PATH: CONFIG.replace("[traefik]", "['{{ item }}']")}, 0),
        ({PATH: CONFIG.replace("disable: [traefik]\n", "")}, 1),
        ({PATH.replace("k3s", "rke2"): CONFIG}, 0),
        ({PATH: "server: https://192.0.2.1:6443\nnode-label: [zone=attic]\nkubelet-arg: [max-pods=50]\n"}, 0),
        ({PATH: CONFIG, "dns.yaml": SERVED.format(replicas="${N}", image=IMAGE)}, 0),
        ({PATH: CONFIG, "kustomization.yaml": "resources: []\nreplicas: [{name: coredns, count: 2}]\n"}, 0),
        ({PATH: CONFIG, "play.yaml": "- hosts: all\n  tasks: [{shell: kubectl scale deployment coredns}]\n"}, 0),
        ({f"k3d-dev/{PATH}": CONFIG}, 0),
        ({f"examples/{PATH}": CONFIG}, 0),
        ({f"clusters/a/{PATH}": CONFIG, f"clusters/b/{PATH}": CONFIG}, 2),
        ({f"clusters/a/{PATH}": CONFIG, "clusters/b/dns.yaml": SERVED.format(replicas=2, image=IMAGE)}, 1),
    ],
)
def test_where_nothing_else_tells(files, number):
    assert len([finding for finding in found(files) if finding.severity == "info"]) == number


def test_a_runbook_that_scales_it_is_an_answer(tmp_path):
    path = tmp_path / PATH
    path.parent.mkdir(parents=True)
    path.write_text(CONFIG)
    assert len(lint_tree(tmp_path, select=(RULE,)).findings) == 1
    (tmp_path / "README.md").write_text("    kubectl -n kube-system scale deployment coredns --replicas=2\n")
    assert lint_tree(tmp_path, select=(RULE,)).findings == []


@pytest.mark.parametrize("text", [CONFIG, None])
def test_both_sources_of_one_node_count_for_both_findings(text):
    files = {PATH: text} if text else {"dns.yaml": SERVED.format(replicas=1, image=IMAGE)}
    one, two = ({name: NodeFacts(None) for name in names} for names in (["a"], ["a", "b"]))
    assert found(files, cluster=ClusterSettings(nodes=one)) == []
    assert len(found(files, cluster=ClusterSettings(nodes=two))) == 1
    talconfig = "clusterName: home\nendpoint: https://192.0.2.1:6443\nnodes:\n  - {hostname: a, ipAddress: 192.0.2.1}\n"
    assert found({**files, "talconfig.yaml": talconfig}) == []
    assert len(found({**files, "talconfig.yaml": talconfig}, cluster=ClusterSettings(nodes=two))) == 1


def test_the_manifest_of_k3s_is_not_to_be_edited():
    shipped = SERVED.replace("  replicas: {replicas}\n", "")
    (finding,) = found({"dns.yaml": shipped.format(image="rancher/mirrored-coredns-coredns:1.12.0")})
    assert finding.severity == "error" and not finding.fixes
    (finding,) = found({"dns.yaml": shipped.format(image=IMAGE)})
    assert finding.fixes
    own = SERVED.format(replicas=1, image="rancher/mirrored-coredns-coredns:1.12.0")
    assert found({"dns.yaml": own})[0].fixes


def test_the_page_explains_every_distribution():
    text = section(REGISTRY.get(RULE).rule, "Why it matters")
    for words in (
        "**k3s**",
        "**RKE2**",
        "**kubeadm**",
        "**Amazon EKS**",
        "**The chart**",
        "--replicas=2",
        "--disable coredns",
        "HelmChartConfig",
        "aws eks",
        "replicaCount=2",
    ):
        assert words in text


HPA = """\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: coredns, namespace: kube-system}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: coredns}, minReplicas: %s, maxReplicas: 9}
"""
PDB = """\
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: coredns, namespace: kube-system}
spec: {minAvailable: %s, selector: {matchLabels: {k8s-app: kube-dns}}}
"""


@pytest.mark.parametrize("count", ["-1", "'1'", "1.0", "one", "[1]", "{a: 1}", "true", "${N}", "'{{ n }}'", "1e3"])
def test_what_is_no_number_of_replicas_is_no_finding(count):
    text = SERVED.format(replicas=count, image=IMAGE)
    for rule in (RULE, "dns-replicas-not-spread", "dns-without-disruption-budget", "replicas-fight-autoscaler"):
        assert found({"dns.yaml": text + (HPA % 2 if "fight" in rule else "")}, rule) == []
    assert found({"dns.yaml": text + PDB % 1}, "dns-budget-blocks-drain") == []
    assert found({"dns.yaml": SERVED.format(replicas=2, image=IMAGE) + HPA % count}) == []
    assert found({"dns.yaml": SERVED.format(replicas=2, image=IMAGE) + PDB % count}, "dns-budget-blocks-drain") == []


@needs_corpus
def test_real_clusters_run_two_replicas_that_nothing_spreads():
    """None of these sets spreading or a budget; the one with a single replica is for a developer's machine."""
    report = lint_tree(SHARED / "corpus", select=("dns",))
    told = {(each.place.path.split("/")[0], each.meta.id) for each in report.findings}
    repositories = ("billimek__k8s-gitops", "blackjid__home-ops", "onedr0p__home-ops")
    rules = ("dns-replicas-not-spread", "dns-without-disruption-budget")
    assert told == {(repository, rule) for repository in repositories for rule in rules}
    assert all("2 replicas" in each.message for each in report.findings if each.meta.id == rules[0])
