"""Where the incidents of DNS, architectures and the node that was gone are reported: on the line that is wrong."""

from __future__ import annotations

import pytest
from linting import FIXTURES, copied, lint_tree

from kubelint.checks import Severity

ONE, PINNED, FREE = "dns-single-replica", "dns-pinned-to-node", "missing-arch-constraint"
NAMED, STALE, COMMAND = "unknown-node-reference", "longhorn-node-not-decommissioned", "wrong-node-removal-command"
PLACES = {
    "04-coredns-single-replica": [
        (ONE, "clusters/homelab/kube-system/coredns.yaml", "replicas: 1"),
        (PINNED, "clusters/homelab/kube-system/coredns.yaml", "kubernetes.io/hostname: server-1"),
    ],
    "04-coredns-single-replica-ansible": [(ONE, "roles/dns/files/coredns.yaml", "replicas: 1")],
    "04-coredns-single-replica-ansible-template": [(ONE, "roles/dns/templates/coredns.yaml.j2", "replicas: 1")],
    "04-coredns-single-replica-argo": [(ONE, "argocd/applications/coredns.yaml", "replicaCount: 1")],
    # The value is left out, so the values that leave it out are shown.
    "04-coredns-single-replica-helmchart": [(ONE, "server/manifests/coredns.yaml", "valuesContent: |-")],
    "04-coredns-single-replica-helmfile": [(ONE, "values/coredns.yaml", "replicaCount: 1")],
    "04-coredns-single-replica-helmrelease": [
        (ONE, "kubernetes/apps/kube-system/coredns/app/helmrelease.yaml", "replicaCount: 1")
    ],
    "04-coredns-single-replica-kustomize": [(ONE, "overlays/production/kustomization.yaml", "count: 1")],
    "04-coredns-single-replica-values": [(ONE, "charts/cluster-dns/values.yaml", "replicaCount: 1")],
    # What is missing is shown at the pod spec, or the controller, that it is missing from.
    "07-arm64-roulette": [(FREE, "clusters/homelab/apps/wiki.yaml", "spec:")],
    "07-arm64-roulette-ansible": [(FREE, "roles/apps/templates/wiki.yaml.j2", "spec:")],
    "07-arm64-roulette-declared": [
        (FREE, "apps/database.yaml", "spec:"),
        (FREE, "apps/gallery.yaml", "spec:"),
        (FREE, "apps/thumbnails.yaml", "spec:"),
        (FREE, "apps/wiki.yaml", "spec:"),
    ],
    "07-arm64-roulette-kustomize": [(FREE, "base/wiki.yaml", "spec:")],
    "07-arm64-roulette-values": [(FREE, "clusters/homelab/apps/wiki.yaml", "defaultPodOptions:")],
    "09-stale-longhorn-node": [
        (COMMAND, "docs/decommission.md", "kubectl delete node worker-3 -n longhorn-system"),
        (STALE, "longhorn/nodes.yaml", "allowScheduling: true"),
        (NAMED, "storage/photos.yaml", "- worker-3"),
    ],
    "09-stale-longhorn-node-ansible": [
        (COMMAND, "decommission.yml", "kubectl delete node {{ node }} -n longhorn-system"),
        (STALE, "roles/longhorn/files/nodes.yaml", "allowScheduling: true"),
    ],
    "09-stale-longhorn-node-kustomize": [
        (STALE, "production/longhorn.yaml", "allowScheduling: true"),
        (NAMED, "production/pin.yaml", "kubernetes.io/hostname: box-3"),
    ],
    "09-stale-longhorn-node-values": [
        (
            NAMED,
            "kubernetes/apps/longhorn-system/longhorn/app/helmrelease.yaml",
            "kubernetes.io/hostname: storage-3",
        )
    ],
}
VARIANTS = sorted(
    path.name for path in (FIXTURES / "incidents").iterdir() if path.name.startswith(("04-", "07-", "09-"))
)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_line_that_is_wrong_is_the_one_that_is_reported(variant, tmp_path):
    root = copied(FIXTURES / "incidents" / variant / "before", tmp_path)
    number = int(variant.partition("-")[0])
    found = [
        (finding.meta.id, finding.place.path, line(root, finding))
        for finding in lint_tree(root).findings
        if finding.meta.incident == number and finding.severity is not Severity.INFO
    ]
    expected = PLACES[variant]
    assert [(rule, path) for rule, path, _ in found] == [(rule, path) for rule, path, _ in expected]
    for (_, _, written), (_, _, text) in zip(found, expected, strict=True):
        assert text in written


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name.startswith("09-")])
def test_only_the_node_that_is_gone_is_spoken_of(variant, tmp_path):
    report = lint_tree(copied(FIXTURES / "incidents" / variant / "before", tmp_path), select=("nodes",))
    names = {"worker-3", "pi4", "box-3", "storage-3"}
    for finding in report.findings:
        if finding.meta.id != COMMAND:
            assert names & set(finding.message.split("`"))


def line(root, finding):
    lines = (root / finding.place.path).read_text(encoding="utf-8").splitlines()
    return lines[finding.place.start.line - 1].strip()
