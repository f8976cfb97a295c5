"""Rule: even-etcd-members."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Location, ProjectRule, RuleMeta, Severity
from kubelint.cluster.quorum import is_wasteful, majority, odd_sizes, tolerated
from kubelint.manifests import Project
from kubelint.manifests.hosts.etcd_members import EtcdMembers

_SHOWN = 4


class EvenEtcdMembers(ProjectRule):
    """An etcd cluster has an even number of members.

    ## What it does
    Counts the members of each etcd cluster that the tree lists: the control plane of an Ansible inventory
    (`k3s_master`, `server`, `kube_control_plane` and their like; a group `etcd` wins), of a talconfig, of Talos
    machines, of k3s and RKE2 configuration files, of RKE's `cluster.yml`, of Cluster API and k0sctl; the external
    endpoints of kubeadm; k3d and kind. It is silent where hosts are not known, where the state is kept in a database
    elsewhere, and for samples.

    ## Why it matters
    etcd answers while a majority of its members does. The majority of 2 is 2, that of 4 is 3: an even number tolerates
    no more failures than the odd number below it, and has one machine more that can fail. Two members are worse than
    one: when either is gone, the API server can neither read nor write, and nothing is scheduled or repaired.

    ## Example
    ```yaml title="inventory/hosts.yml"
    k3s_cluster:
      children:
        server:
          hosts:
            server-1:
            server-2:
        agent:
          hosts:
            worker-1:
    ```

    ## Use instead
    ```yaml title="inventory/hosts.yml"
    k3s_cluster:
      children:
        server:
          hosts:
            server-1:
            server-2:
            server-3:
        agent:
          hosts:
            worker-1:
    ```

    Or keep one server, and make the other an agent. Before a server leaves for good, delete its node while the others
    still run (`kubectl delete node server-2`): k3s and RKE2 then remove its member. `etcdctl member list` shows who
    is left.

    ## When to ignore
    On the way from one member to three, for the minutes that it takes.

    ## References
    - [etcd: why an odd number of members](https://etcd.io/docs/v3.6/faq/)
    - [k3s: high availability with embedded etcd](https://docs.k3s.io/datastore/ha-embedded)
    """

    meta = RuleMeta(
        id="even-etcd-members",
        summary="an etcd cluster has an even number of members",
        category=Category.CONTROLPLANE,
        severity=Severity.WARNING,
        incident=5,
        since="0.1.0",
    )
    marks = ("control", "etcd", "master", "server")

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each list of members."""
        for members in project.hosts.etcd_members:
            if is_wasteful(members.number):
                yield self._finding(members)

    def _finding(self, members: EtcdMembers) -> Finding:
        number = members.number
        worst = number == 2 and not members.local
        less, more = odd_sizes(number)
        found = self.finding(
            f"etcd has {number} members here, which tolerate {_failures(number)}, as {less} would",
            at=members.at,
            note="if either is gone, the API server stops answering" if number == 2 else _note(number),
            severity=Severity.ERROR if worst else None,
        ).help(f"run {more} members, or {less}")
        places = dict.fromkeys(map(Location.of, members.places))
        for place in (place for place in places if place != found.location):
            found = found.label(place, "a member") if len(found.labels) < _SHOWN else found
        return found


def _failures(members: int) -> str:
    number = tolerated(members)
    return "no failure" if not number else "1 failure" if number == 1 else f"{number} failures"


def _note(members: int) -> str:
    return f"{majority(members)} of the {members} have to answer"
