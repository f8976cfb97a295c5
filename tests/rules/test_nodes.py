"""Names of machines: which list speaks for which cluster, where findings stand, what is offered."""

from __future__ import annotations

import textwrap

import pytest
from linting import ids, lint_texts, lint_tree

from kubelint.manifests import ClusterSettings, NodeFacts

UNKNOWN, LONGHORN = "unknown-node-reference", "longhorn-node-not-decommissioned"
PINNED, COMMAND = "pinned-to-node-name", "wrong-node-removal-command"


def pv(name, node):
    return textwrap.dedent(f"""\
        apiVersion: v1
        kind: PersistentVolume
        metadata: {{name: {name}}}
        spec:
          nodeAffinity:
            required:
              nodeSelectorTerms:
                - matchExpressions: [{{key: kubernetes.io/hostname, operator: In, values: [{node}]}}]
        """)


def talconfig(cluster, *names):
    lines = [f"  - {{hostname: {name}, ipAddress: 192.0.2.1, controlPlane: true}}\n" for name in names]
    return f"clusterName: {cluster}\nendpoint: https://192.0.2.1:6443\nnodes:\n{''.join(lines)}"


def inventory(*names):
    hosts = ", ".join(f"{name}: {{}}" for name in names)
    return (
        f"k3s_cluster:\n  children:\n    server: {{hosts: {{{names[0]}: {{}}}}}}\n    agent: {{hosts: {{{hosts}}}}}\n"
    )


def found(files, rule=UNKNOWN, **settings):
    report = lint_texts(files, select=(rule,), **settings)
    assert not report.crashed, [finding.message for finding in report.findings]
    return [finding for finding in report.findings if finding.meta.id == rule]


def declared(*names):
    return ClusterSettings(nodes={name: NodeFacts(None) for name in names})


@pytest.mark.parametrize(
    ("node", "severities"),
    [
        ("pi1", []),
        ("pi1.example.org", []),
        ("PI1", []),
        ("pi2", []),
        ("pi2.example.org", []),
        ("pi2.example.com", ["error"]),
        ("pi3", ["error"]),
        ("7", ["error"]),
        ("${NODE}", []),
        ("'{{ node }}'", []),
        ("__NODE__", []),
        ("HOSTNAME", []),
        ("192.0.2.7", []),
        ("null", []),
        ("[pi3]", []),
        ("{a: b}", []),
        ("true", []),
    ],
)
def test_a_declared_list_decides(node, severities):
    text = pv("photos", f"'{node}'" if node == "7" else node)
    report = found({"photos.yaml": text}, cluster=declared("pi1", "pi2.example.org"))
    assert [finding.severity for finding in report] == severities
    assert all("`kubelint.yaml` does not declare" in finding.message for finding in report)


def test_a_number_is_no_name():
    assert found({"photos.yaml": pv("photos", 7)}, cluster=declared("pi1")) == []
    files = {"photos.yaml": pv("photos", "pi9"), "hosts.yaml": "k3s_cluster: {hosts: {1: {}, 2: {}}}\n"}
    assert [finding.severity for finding in found(files)] == ["warning"]


def test_clusters_of_one_tree_stay_apart():
    files = {
        "clusters/home/talconfig.yaml": talconfig("home", "h1", "h2"),
        "clusters/edge/talconfig.yaml": talconfig("edge", "e1"),
        "clusters/home/a.yaml": pv("a", "e1"),
        "clusters/edge/b.yaml": pv("b", "e1"),
        "clusters/none/c.yaml": pv("c", "h9"),
        "base/d.yaml": pv("d", "h9"),
    }
    assert [finding.place.path for finding in found(files)] == ["clusters/home/a.yaml"]


def test_a_list_that_clusters_share_speaks_for_the_one_it_is_called_after():
    files = {
        "talos/talconfig.yaml": talconfig("home", "h1"),
        "clusters/home/a.yaml": pv("a", "h9"),
        "clusters/edge/b.yaml": pv("b", "e1"),
    }
    assert [finding.place.path for finding in found(files)] == ["clusters/home/a.yaml"]
    del files["clusters/home/a.yaml"]
    assert [finding.place.path for finding in found(files)] == ["clusters/edge/b.yaml"]  # the only cluster there is


@pytest.mark.parametrize(("folder", "number"), [("apps", 0), ("talos", 0), ("backup", 1)])
def test_folders_side_by_side_may_be_clusters(folder, number):
    files = {
        "kubernetes/main/talos/talconfig.yaml": talconfig("main", "m1"),
        "kubernetes/main/apps/a.yaml": pv("a", "m1"),
        f"kubernetes/edge/{folder}/b.yaml": pv("b", "e1"),
    }
    assert len(found(files)) == number


@pytest.mark.parametrize(
    ("name", "others", "severity"),
    [
        ("pi9", (), "error"),
        ("basement", (), "warning"),
        ("basement", ("pi1",), "error"),
        ("basement", ("attic",), "warning"),
    ],
)
def test_an_inventory_may_call_machines_otherwise(name, others, severity):
    files = {"inventory/hosts.yaml": inventory("pi1", "pi2"), "stale.yaml": pv("stale", name)}
    files |= {f"{other}.yaml": pv(other, other) for other in others}
    assert [each.severity for each in found(files) if each.place.path == "stale.yaml"] == [severity]


def test_either_rule_alone_says_the_same_of_a_node_of_longhorn():
    node = "apiVersion: longhorn.io/v1beta2\nkind: Node\nmetadata: {name: basement}\nspec: {allowScheduling: true}\n"
    files = {"inventory/hosts.yaml": inventory("pi1", "pi2"), "nodes.yaml": node, "a.yaml": pv("a", "pi1")}
    assert [finding.severity for finding in found(files, LONGHORN)] == ["error"]
    assert found(files) == []
    report = lint_texts(files, select=("nodes",))
    assert ids(report) == [LONGHORN]


@pytest.mark.parametrize(
    ("spec", "edits"),
    [
        ("{allowScheduling: true}", [("replace", "", "false"), ("insert", "evictionRequested", "true")]),
        (
            "{allowScheduling: true, evictionRequested: false}",
            [("replace", "", "false"), ("replace", "", "true")],
        ),
        ("{allowScheduling: true, evictionRequested: true}", [("replace", "", "false")]),
        (
            "{disks: {d: {allowScheduling: true}}}",
            [("insert", "allowScheduling", "false"), ("insert", "evictionRequested", "true")],
        ),
    ],
)
def test_how_a_node_is_let_go(spec, edits):
    node = f"apiVersion: longhorn.io/v1beta2\nkind: Node\nmetadata: {{name: pi9}}\nspec: {spec}\n"
    (finding,) = found({"nodes.yaml": node}, LONGHORN, cluster=declared("pi1"))
    (fix,) = finding.fixes
    assert [(edit.action, edit.key, edit.text) for edit in fix.edits] == edits
    assert fix.applicability == "unsafe"


POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: zigbee}}
spec:
  selector: {{matchLabels: {{app: zigbee}}}}
  template:
    metadata: {{labels: {{app: zigbee}}}}
    spec:
      nodeName: {name}
{more}      containers: [{{name: zigbee, image: "registry.example/zigbee:1"}}]
"""


@pytest.mark.parametrize(
    ("name", "more", "edits"),
    [
        ("pi1", "", [("delete", ""), ("insert", "{kubernetes.io/hostname: pi1}")]),
        ("'1'", "", [("delete", ""), ("insert", '{kubernetes.io/hostname: "1"}')]),
        ("pi1", "      nodeSelector: {a: b}\n", [("delete", ""), ("insert", "pi1")]),
        ("pi1", "      nodeSelector:\n", [("delete", ""), ("replace", "{kubernetes.io/hostname: pi1}")]),
        ("pi1", "      nodeSelector: {kubernetes.io/hostname: pi2}\n", None),
        ("pi1", "      nodeSelector: ${SELECTOR}\n", None),
    ],
)
def test_a_label_in_place_of_the_name(name, more, edits):
    (finding,) = found({"zigbee.yaml": POD.format(name=name, more=more)}, PINNED)
    assert [(edit.action, edit.text) for fix in finding.fixes for edit in fix.edits] == (edits or [])


@pytest.mark.parametrize("name", ["1", "null", "[pi1]", "{a: b}", "true", "${NODE}", "''"])
def test_what_is_no_name_pins_nothing(name):
    files = {"zigbee.yaml": POD.format(name=name, more="")}
    assert found(files, PINNED) == [] == found(files, cluster=declared("pi9"))


SHELL = "ansible.builtin.shell"


@pytest.mark.parametrize(
    ("command", "reported"),
    [
        ("kubectl delete node x -n longhorn-system", True),
        ("kubectl -n longhorn-system delete no x", True),
        ("kubectl delete nodes/x --namespace=longhorn-system", True),
        ("sudo k3s kubectl delete node x -nlonghorn-system", True),
        ("oc delete node x -n longhorn-system", True),
        ("ssh server-1 kubectl delete node x -n longhorn-system", True),
        ("kubectl delete node -n longhorn-system -l gone=true", True),
        ("kubectl delete node x", False),
        ("kubectl delete node x -n default", False),
        ("kubectl delete node x -n longhorn-system -n default", False),
        ("kubectl delete nodes.longhorn.io x -n longhorn-system", False),
        ("kubectl delete node.longhorn.io x -n longhorn-system", False),
        ("kubectl delete lhn x -n longhorn-system", False),
        ("kubectl drain x -n longhorn-system", False),
        ("kubectl get node x -n longhorn-system", False),
        ("kubectl delete {{ kind }} x -n longhorn-system", False),
        ("echo kubectl delete node x -n longhorn-system", False),
        ("helm uninstall longhorn -n longhorn-system", False),
    ],
)
def test_which_commands_are_meant(command, reported):
    play = f"- hosts: all\n  tasks:\n    - {SHELL}: {command}\n"
    files = {"play.yaml": play.replace(": " + command, f": '{command}'")}
    assert bool(found(files, COMMAND)) is reported


def test_the_right_word_is_put_in_place_of_the_wrong_one():
    play = f"- hosts: all\n  tasks:\n    - {SHELL}: kubectl -n longhorn-system delete node/x\n"
    (finding,) = found({"play.yaml": play}, COMMAND)
    (edit,) = finding.fixes[0].edits
    text = "kubectl -n longhorn-system delete node/x"
    start, end = edit.characters
    assert text[:start] + edit.text + text[end:] == "kubectl -n longhorn-system delete nodes.longhorn.io/x"
    assert finding.fixes[0].applicability == "safe"


def test_documents_are_mended_where_the_word_stands(tmp_path):
    text = "# Out\n\nRun `kubectl delete node x -n longhorn-system`.\n\n    kubectl delete no/y -n longhorn-system\n"
    (tmp_path / "out.md").write_text(text)
    report = lint_tree(tmp_path, select=(COMMAND,))
    edits = sorted((edit for each in report.findings for fix in each.fixes for edit in fix.edits), key=str)
    for edit in sorted(edits, key=lambda edit: -edit.characters[0]):
        text = text[: edit.characters[0]] + edit.text + text[edit.characters[1] :]
    assert len(edits) == 2 and text.count("delete nodes.longhorn.io") == 2


@pytest.mark.parametrize("use", ["[pi{index}]", "[gone-{index}]"])
def test_many_references_to_a_long_list(use):
    """Names are looked up, not compared one by one."""
    hosts = "".join(f"        pi{index}:\n" for index in range(2000))
    listed = f"k3s_cluster:\n  children:\n    server:\n      hosts:\n        main:\n    agent:\n      hosts:\n{hosts}"
    names = (f"pv-{index}" for index in range(300))
    text = "---\n".join(pv(name, use.format(index=index).strip("[]")) for index, name in enumerate(names))
    report = found({"hosts.yaml": listed, "volumes.yaml": text})
    assert len(report) == (300 if "gone" in use else 0)
