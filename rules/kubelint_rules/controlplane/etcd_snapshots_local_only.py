"""Rule: etcd-snapshots-local-only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint.manifests.hosts.server_clusters import ServerCluster

_COPIES = re.compile(r"db/snapshots|etcd-snapshot(?:[ _-](?:save|copy|backup|sync|upload))|snapshot save")


class EtcdSnapshotsLocalOnly(ProjectRule):
    """Snapshots of etcd stay on the disk that they are to replace.

    ## What it does
    Finds servers of k3s or RKE2 that run etcd and take snapshots, where nothing sends these anywhere else: no
    `etcd-s3`, no `etcd-snapshot-dir`, and no text in the tree that speaks of the directory `db/snapshots` or of saving
    snapshots, as a backup job would. One finding for each cluster.

    ## Why it matters
    The snapshots lie in `/var/lib/rancher/k3s/server/db/snapshots`, beside the data that they are copies of. They help
    against a wrong command, not against a broken disk, or one that was wiped with the node. Keep the server's token
    elsewhere, too: without `/var/lib/rancher/k3s/server/token` a snapshot cannot be restored on another machine.

    ## Example
    ```yaml title="hosts/server-1/etc/rancher/k3s/config.yaml"
    cluster-init: true
    etcd-snapshot-retention: 10
    ```

    ## Use instead
    ```yaml title="hosts/server-1/etc/rancher/k3s/config.yaml"
    cluster-init: true
    etcd-snapshot-retention: 10
    etcd-s3: true
    etcd-s3-config-secret: etcd-snapshots
    ```

    The Secret lies in `kube-system`, is of the type `etcd.k3s.cattle.io/s3-config-secret` and has the keys
    `etcd-s3-endpoint`, `etcd-s3-bucket`, `etcd-s3-access-key` and `etcd-s3-secret-key`.

    ## When to ignore
    Where whole disks are backed up, or something outside of the tree copies the directory. The rule is off by default.

    ## References
    - [k3s: S3 compatible object store support](https://docs.k3s.io/cli/etcd-snapshot)
    """

    meta = RuleMeta(
        id="etcd-snapshots-local-only",
        summary="snapshots of etcd stay on the disk that they are to replace",
        category=Category.CONTROLPLANE,
        severity=Severity.INFO,
        incident=5,
        since="0.1.0",
        default=False,
    )
    marks = ("control", "etcd", "master", "server")

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each cluster."""
        clusters = [cluster for cluster in project.hosts.server_clusters if _stays(cluster)]
        if not clusters or _copied(project):
            return
        for cluster in clusters:
            yield self.finding(
                "snapshots of etcd stay on the servers that they are taken of",
                at=cluster.configs[0].at,
                note="a disk that breaks takes its snapshots with it",
            ).help("set `etcd-s3` and `etcd-s3-config-secret`, or copy the snapshots elsewhere")


def _stays(cluster: ServerCluster) -> bool:
    if not cluster.keeps_etcd or not cluster.configs:
        return False
    flags = frozenset().union(*(config.flags for config in cluster.configs))
    off = any(config.enabled("etcd-disable-snapshots") is not None for config in cluster.configs)
    return not off and not {"etcd-s3", "etcd-s3-config-secret", "etcd-snapshot-dir"} & flags


def _copied(project: Project) -> bool:
    """Whether some text of the tree speaks of copying snapshots; comments count, too."""
    texts = {document.file: document.text for document in project.documents}
    found = (text.text for text in project.texts)
    return any(_COPIES.search(text) for text in (*texts.values(), *found))
