"""What is known of real repositories, and that kubelint sees it so: on these places, and nowhere else."""

from collections import Counter
from functools import cache

import pytest
from linting import REGISTRY, SHARED, lint_tree, needs_corpus

from kubelint.cli.workspace import Request, Workspace
from kubelint.manifests import ClusterSettings, Document, NodeFacts, Project
from kubelint_rules.nodes.references import references

pytestmark = needs_corpus

BILLIMEK, BLACKJID, DAMACUS = "billimek__k8s-gitops", "blackjid__home-ops", "damacus__home-ops"
ONEDROP, RICSANFRE = "onedr0p__home-ops", "ricsanfre__pi-cluster"
CHECKOV, LONGHORN = "bridgecrewio__checkov", "longhorn__longhorn"
RUNNERS, PROMETHEUS = "actions__actions-runner-controller", "prometheus-operator__kube-prometheus"
EVERY = (BILLIMEK, BLACKJID, DAMACUS, ONEDROP, RICSANFRE, CHECKOV, LONGHORN, RUNNERS, PROMETHEUS)
CATEGORIES = ("dns", "scheduling", "nodes", "controlplane", "alerts", "backup", "rotation")


def folder(name):
    if not (SHARED / "corpus" / name).is_dir():
        pytest.skip(f"{name} is not in the corpus")
    return SHARED / "corpus" / name


@cache
def findings(name):
    report = lint_tree(folder(name), select=CATEGORIES)
    assert not report.crashed
    return [finding for finding in report.findings if REGISTRY.get(finding.meta.id).meta.default]


@cache
def project(name):
    root = folder(name)
    given = Workspace(Request((str(root),), root=str(root)), REGISTRY).read()
    return Project([Document(each) for file in given.files for each in file.documents], None, (), given.texts)


def places(name, rule):
    """`file:line severity` of the findings of a rule."""
    found = [each for each in findings(name) if each.meta.id == rule]
    return [f"{each.place.path}:{each.place.start.line} {each.severity}" for each in found]


REPLICAS = {
    BILLIMEK: {"kubernetes/kube-system/coredns/coredns.yaml": 2},
    BLACKJID: {"kubernetes/apps/kube-system/coredns/app/helmrelease.yaml": 2},
    ONEDROP: {"kubernetes/apps/kube-system/coredns/app/helmrelease.yaml": 2},
    RICSANFRE: {"kubernetes/platform/coredns/app/base/values.yaml": 3},
}


@pytest.mark.parametrize("name", EVERY)
def test_how_many_replicas_the_cluster_dns_has(name):
    sources = [
        source for release in project(name).releases if release.chart.name == "coredns" for source in release.sources
    ]
    found = {source.values.document.file: source.values.get("replicaCount").integer for source in sources}
    assert {file: number for file, number in found.items() if number is not None} == REPLICAS.get(name, {})


@pytest.mark.parametrize("name", EVERY)
def test_one_replica_is_for_development_only(name):
    """An overlay for development runs one, which is nobody's outage."""
    assert places(name, "dns-single-replica") == []


@pytest.mark.parametrize("name", (BILLIMEK, BLACKJID, ONEDROP))
def test_nobody_spreads_the_cluster_dns(name):
    for rule in ("dns-replicas-not-spread", "dns-without-disruption-budget"):
        assert [place.split(":")[0] for place in places(name, rule)] == list(REPLICAS[name])


@pytest.mark.parametrize("name", EVERY)
def test_architectures_make_no_storm(name):
    """Nearly no workload asks for an architecture: where nothing is known of the nodes that is one info."""
    found = places(name, "missing-arch-constraint")
    assert len(found) <= 1 and all(each.endswith(" info") for each in found)
    others = Counter(each.meta.id for each in findings(name) if each.meta.category == "scheduling")
    assert set(others) <= {"missing-arch-constraint"}


def test_workloads_without_an_architecture_are_many():
    assert len(project(CHECKOV).pods) > 300 and len(places(CHECKOV, "missing-arch-constraint")) == 1


AT_ONCE = {
    RICSANFRE: ["ansible/configure_static_ip_address.yml:4 error", "ansible/update.yml:3 error"],
}


@pytest.mark.parametrize("name", EVERY)
def test_plays_that_take_the_control_plane_down(name):
    assert places(name, "control-plane-changed-at-once") == AT_ONCE.get(name, [])


def test_those_plays_have_no_batches_and_others_mean_it():
    plays = {play.file: play for play in project(RICSANFRE).hosts.plays}
    assert all(plays[place.split(":")[0]].serial is None for place in AT_ONCE[RICSANFRE])
    assert {"ansible/k3s_reset.yml", "ansible/k3s_stop.yml", "ansible/shutdown.yml"} <= set(plays)


MEMBERS = {DAMACUS: [1], RICSANFRE: [3]}


@pytest.mark.parametrize("name", EVERY)
def test_members_of_etcd(name):
    found = [each.number for each in project(name).hosts.etcd_members if each.origin == "Ansible inventory"]
    assert found == MEMBERS.get(name, [])
    assert places(name, "even-etcd-members") == []


OTHERS = {DAMACUS: {"etcd-snapshots-disabled": ["ansible/inventory/group_vars/controllers/main.yaml:16 warning"]}}


@pytest.mark.parametrize("name", EVERY)
def test_what_else_is_said_of_control_planes(name):
    """Upgrade Plans there are, one node at a time, servers before agents; resets are described by nobody."""
    ids = {each.meta.id for each in findings(name) if each.meta.category == "controlplane"}
    found = {rule: places(name, rule) for rule in ids - {"control-plane-changed-at-once"}}
    assert found == OTHERS.get(name, {})


def test_upgrade_plans_are_read():
    assert [len(project(name).objects("Plan")) for name in (DAMACUS, RICSANFRE)] == [2, 2]


NAMED = {BLACKJID: {("k8s-c", "required")}, DAMACUS: {("rocky", "preferred")}}


@pytest.mark.parametrize("name", EVERY)
def test_which_nodes_are_named(name):
    found = {(each.found.name, str(each.found.use)) for each in references(project(name))}
    assert found == NAMED.get(name, set())


@pytest.mark.parametrize("name", EVERY)
def test_only_a_list_that_misses_a_name_says_so(name):
    """One preference names a machine that the inventory lacks; where no list is complete nothing is said."""
    ids = Counter(f"{each.meta.id} {each.severity}" for each in findings(name) if each.meta.category == "nodes")
    assert ids == ({"unknown-node-reference info": 1} if name == DAMACUS else {})


@pytest.mark.parametrize("name", EVERY)
def test_a_list_without_them_misses_them_all(name):
    cluster = ClusterSettings(nodes={"some-other-node": NodeFacts(None)})
    report = lint_tree(folder(name), select=("nodes",), cluster=cluster)
    found = {each.message.split("`")[3]: str(each.severity) for each in report.findings}
    assert found == {node: "error" if use == "required" else "info" for node, use in NAMED.get(name, ())}


SINGLE = [
    (
        "longhorn-alert-never-fires",
        BLACKJID,
        "kubernetes/apps/longhorn-system/longhorn/app/prometheusrule.yaml",
        [26, 36],
    ),
    ("watchdog-undelivered", BILLIMEK, "kubernetes/monitoring/victoria-metrics/victoria-metrics.yaml", [148]),
    ("alert-matcher-typo", BILLIMEK, "kubernetes/monitoring/victoria-metrics/victoria-metrics.yaml", [156]),
    ("reloader-not-installed", BILLIMEK, "kubernetes/kube-system/kopia/kopia.yaml", [43]),
]


@pytest.mark.parametrize(("rule", "name", "file", "lines"), SINGLE)
def test_what_one_repository_has_and_no_other(rule, name, file, lines):
    found = {each.place.path: [] for each in findings(name) if each.meta.id == rule}
    for each in findings(name):
        if each.meta.id == rule:
            found[each.place.path].append(each.place.start.line)
    assert found == {file: lines}
    assert [other for other in EVERY if other != name and places(other, rule)] == []


def test_three_annotations_reach_no_reloader():
    (finding,) = [each for each in findings(BILLIMEK) if each.meta.id == "reloader-not-installed"]
    assert finding.message.startswith("3 annotations")


NOT_RELOADED = {BLACKJID: 2, ONEDROP: 2, DAMACUS: 1}


@pytest.mark.parametrize("name", EVERY)
def test_few_consumers_are_forgotten_where_most_are_reloaded(name):
    assert len(places(name, "secret-consumer-not-reloaded")) == NOT_RELOADED.get(name, 0)
