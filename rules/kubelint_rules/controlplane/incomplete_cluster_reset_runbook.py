"""Rule: incomplete-cluster-reset-runbook."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint_rules.controlplane.resets import Reset, resets


class IncompleteClusterResetRunbook(ProjectRule):
    """A way to reset the cluster lets the other servers start with their old data.

    ## What it does
    Reads the commands of Markdown documents, shell scripts and Ansible plays for `k3s server --cluster-reset` (or
    `rke2`), followed by a start of k3s on the other servers, in a document that nowhere removes their
    `server/db`. Blocks that a document marks as wrong are skipped.

    ## Why it matters
    A reset makes the server that it runs on the only member of a new etcd. The others still hold the old membership in
    `/var/lib/rancher/k3s/server/db`: started like that they do not rejoin, they look for members that are gone. In the
    hour when quorum is lost nobody has the time to find that out.

    ## Example
    ```yaml title="recover.yml"
    - name: Reset etcd on the server that is left
      hosts: server-1
      tasks:
        - name: Stop k3s
          ansible.builtin.systemd_service: {name: k3s, state: stopped}
        - name: Reset
          ansible.builtin.command: k3s server --cluster-reset
        - name: Start k3s
          ansible.builtin.systemd_service: {name: k3s, state: started}

    - name: Let the other servers rejoin
      hosts: server-2,server-3
      tasks:
        - name: Restart k3s
          ansible.builtin.systemd_service: {name: k3s, state: restarted}
    ```

    ## Use instead
    ```yaml title="recover.yml"
    - name: Stop all servers
      hosts: server-1,server-2,server-3
      tasks:
        - name: Stop k3s
          ansible.builtin.systemd_service: {name: k3s, state: stopped}

    - name: Reset etcd on the server that is left
      hosts: server-1
      tasks:
        - name: Reset
          ansible.builtin.command: k3s server --cluster-reset
        - name: Start k3s
          ansible.builtin.systemd_service: {name: k3s, state: started}

    - name: Let the other servers rejoin
      hosts: server-2,server-3
      serial: 1
      tasks:
        - name: Move the old data away
          ansible.builtin.command: mv /var/lib/rancher/k3s/server/db /var/lib/rancher/k3s/server/db.old
        - name: Start k3s
          ansible.builtin.systemd_service: {name: k3s, state: started}
    ```

    By hand: `systemctl stop k3s` on all servers; `k3s server --cluster-reset` on the one that is to stay, then
    `systemctl start k3s` there; on each of the others, one at a time, `rm -rf /var/lib/rancher/k3s/server/db` and
    `systemctl start k3s`. RKE2 has the service `rke2-server` and the directory `/var/lib/rancher/rke2/server/db`.

    ## When to ignore
    Where the other servers are installed anew before they start.

    ## References
    - [k3s: cluster reset](https://docs.k3s.io/cli/etcd-snapshot#cluster-reset)
    """

    meta = RuleMeta(
        id="incomplete-cluster-reset-runbook",
        summary="a way to reset the cluster lets the other servers start with their old data",
        category=Category.CONTROLPLANE,
        severity=Severity.INFO,
        incident=5,
        since="0.1.0",
    )
    marks = ("cluster-reset",)

    def check(self, project: Project) -> Iterator[Finding]:
        """At most one finding for each file."""
        for reset in resets(project):
            yield self._finding(reset)

    def _finding(self, reset: Reset) -> Finding:
        return (
            self.finding(
                f"the other servers start after `{reset.product} server --cluster-reset` with their old data",
                at=reset.start,
                note="they do not rejoin before `server/db` is gone",
            )
            .label(reset.at, "here the membership is reset")
            .help(
                f"stop {reset.product} on each other server and remove its `/var/lib/rancher/{reset.product}/server/db`"
                " before it starts again"
            )
        )
