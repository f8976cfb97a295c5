"""Which configurations are those of one cluster, and whether it runs etcd."""

import pytest
from host_trees import tree

INIT = "cluster-init: true\ntls-san: [{}]\n"
JOIN = "server: https://{}:6443\ntls-san: [{}]\n"


def clusters(files):
    found = tree(files).hosts.server_clusters
    return sorted(sorted(server.name or "?" for server in cluster.servers) for cluster in found)


def at(host, product="k3s"):
    return f"hosts/{host}/etc/rancher/{product}/config.yaml"


GROUPS = [
    ({at("a"): INIT.format("x"), at("b"): JOIN.format("a", "y")}, [["a", "b"]]),
    ({at("a"): INIT.format("x"), at("b"): JOIN.format("192.0.2.1", "x")}, [["a", "b"]]),
    ({at("a"): INIT.format("x"), at("b"): INIT.format("y")}, [["a"], ["b"]]),
    ({at("a"): INIT.format("localhost"), at("b"): INIT.format("localhost")}, [["a"], ["b"]]),
    ({at("pi1"): INIT.format("x"), at("pi2"): INIT.format("y")}, [["pi1", "pi2"]]),
    ({at("cluster1"): INIT.format("x"), at("cluster2"): INIT.format("y")}, [["cluster1"], ["cluster2"]]),
    ({at("a"): "token: one\ncluster-init: true\n", at("b"): "token: one\ncluster-init: true\n"}, [["a", "b"]]),
    ({at("a"): "token: '{{ t }}'\ncluster-init: true\n", at("b"): "token: '{{ t }}'\ncluster-init: true\n"},
     [["a"], ["b"]]),
    ({at("a"): INIT.format("x"), at("b", "rke2"): JOIN.format("a", "x")}, [["a"], ["b"]]),
    ({at("a"): INIT.format("x"), at("agent-1"): JOIN.format("a", "x")}, [["a"], ["?"]]),
    ({at("a"): INIT.format("x"), at("b"): "server: https://a:6443\nnode-label: [a=b]\n"}, [["a"]]),
    ({at("a"): INIT.format("x"), at("server-b"): "server: https://a:6443\nnode-label: [a=b]\n"}, [["a", "server-b"]]),
    ({"k3s/one/config.yaml": INIT.format("x"), "k3s/two/config.yaml": "token: t\n" + JOIN.format("one", "y")},
     [["one", "two"]]),
    ({"k3s/one.yaml": INIT.format("x") + "node-ip: 192.0.2.1\n",
      "k3s/two.yaml": "token: t\n" + JOIN.format("192.0.2.1", "y")}, [["one", "two"]]),
    ({"clusters/a/s1.yaml": INIT.format("x") + "node-ip: x\n", "clusters/b/s2.yaml": INIT.format("x") + "node-ip: y\n"},
     [["s1"], ["s2"]]),
    ({"examples/s1/config.yaml": INIT.format("x") + "node-ip: x\n"}, []),
    ({at("a"): "server: 'https://[broken'\ntls-san: [x]\n"}, [["a"]]),
    ({"group_vars/servers.yml": "k3s_server: {cluster-init: true, tls-san: [a]}\n"}, [["?"]]),
]  # fmt: skip


@pytest.mark.parametrize(("files", "found"), GROUPS)
def test_which_belong_together(files, found):
    assert clusters(files) == sorted(found)


ETCD = [
    ({at("a"): "tls-san: [x]\nwrite-kubeconfig-mode: '0600'\n"}, False),
    ({at("a"): INIT.format("x")}, True),
    ({at("a"): "cluster-init: '{{ first }}'\ntls-san: [x]\n"}, False),
    ({at("a"): JOIN.format("b", "x")}, True),
    ({at("a", "rke2"): "tls-san: [x]\n"}, True),
    ({at("a"): INIT.format("x") + "datastore-endpoint: '{{ dsn }}'\n"}, False),
    ({"hosts.ini": "[k3s_server]\na\n[k3s_agent]\nb\n",
      "group_vars/all.yml": "k3s_server: {tls-san: [a], cluster-cidr: b}\n"}, False),
    ({"hosts.ini": "[k3s_server]\na\nc\n[k3s_agent]\nb\n",
      "group_vars/all.yml": "k3s_server: {tls-san: [a], cluster-cidr: b}\n"}, True),
]  # fmt: skip


@pytest.mark.parametrize(("files", "keeps"), ETCD)
def test_whether_it_runs_etcd(files, keeps):
    (cluster,) = tree(files).hosts.server_clusters
    assert cluster.keeps_etcd is keeps


def test_values_are_those_of_the_configuration_that_sets_them():
    files = {
        "hosts.ini": "[k3s_server]\na\n[k3s_agent]\nb\n",
        "group_vars/all/a.yml": "k3s_server: {tls-san: [a], cluster-init: true}\n",
        "group_vars/all/b.yml": "extra_server_args: --cluster-cidr 192.0.2.0/24\n",
    }
    (cluster,) = tree(files).hosts.server_clusters
    (server,) = cluster.servers
    assert server.enabled("cluster-init") is True and not server.whole
    assert [value.text for value in server.values("cluster-cidr")] == ["192.0.2.0/24"]
    assert server.values("service-cidr") == [] and server.get("service-cidr") == []
