"""Rule: etcd-snapshots-disabled."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Field, Project
from kubelint.manifests.hosts.server_clusters import lone_servers
from kubelint.manifests.hosts.server_config import Setting


class EtcdSnapshotsDisabled(ProjectRule):
    """Servers of k3s or RKE2 take no snapshots of etcd.

    ## What it does
    Finds `etcd-disable-snapshots: true` in the configuration of servers that run etcd: `config.yaml` with its
    `config.yaml.d`, variables of Ansible, files that cloud-init or a task writes, and what scripts, tasks, cloud-init
    and units of systemd start k3s with, `INSTALL_K3S_EXEC` among it. That a server runs etcd has to be seen:
    `cluster-init`, a server that it joins, several servers, or RKE2. A lone k3s server keeps its state in SQLite, and
    there the switch does nothing; nor does it with a database elsewhere.

    ## Why it matters
    k3s and RKE2 save etcd twice a day by themselves and keep five copies. They are what
    `k3s server --cluster-reset --cluster-reset-restore-path=…` starts from when an upgrade, a disk or a wrong command
    has destroyed the state of the cluster. Without them everything that is not in git is gone.

    ## Example
    ```yaml title="hosts/server-1/etc/rancher/k3s/config.yaml"
    cluster-init: true
    etcd-disable-snapshots: true
    ```

    ## Use instead
    ```yaml title="hosts/server-1/etc/rancher/k3s/config.yaml"
    cluster-init: true
    etcd-snapshot-schedule-cron: "0 */6 * * *"
    etcd-snapshot-retention: 12
    ```

    `k3s etcd-snapshot save` takes one now, `k3s etcd-snapshot ls` shows what there is (`rke2 etcd-snapshot …`).

    ## When to ignore
    Where something else backs etcd up, such as `etcdctl snapshot save` from a timer.

    ## References
    - [k3s: etcd-snapshot](https://docs.k3s.io/cli/etcd-snapshot)
    """

    meta = RuleMeta(
        id="etcd-snapshots-disabled",
        summary="servers of k3s or RKE2 take no snapshots of etcd",
        category=Category.CONTROLPLANE,
        severity=Severity.WARNING,
        incident=5,
        since="0.1.0",
        fixable=True,
    )
    marks = ("etcd-disable-snapshots",)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each place that switches them off."""
        hosts = project.hosts
        for cluster in (*hosts.server_clusters, *lone_servers(hosts.started_servers)):
            if not cluster.keeps_etcd:
                continue
            for config in cluster.configs:
                if config.enabled("etcd-disable-snapshots") is True:
                    yield self._finding(config.get("etcd-disable-snapshots")[-1])

    def _finding(self, setting: Setting) -> Finding:
        return (
            self.finding(
                "snapshots of etcd are switched off",
                at=setting.at,
                note="there is nothing to restore the cluster's state from",
            )
            .help("remove `etcd-disable-snapshots`")
            .fix(_fix(setting))
        )


def _fix(setting: Setting) -> Fix | None:
    if not isinstance(setting.at, Field):
        return None
    return Fix.unsafe("remove `etcd-disable-snapshots`", setting.at.delete())
