"""Rule: control-plane-changed-at-once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import basename, commonprefix

from kubelint.checks import Category, Finding, Fix, Location, ProjectRule, RuleMeta, Severity
from kubelint.cluster.quorum import loses_quorum, majority
from kubelint.manifests import Project
from kubelint.manifests.hosts.ansible_nodes import AnsibleNodes
from kubelint.manifests.hosts.ansible_plays import Play
from kubelint.manifests.hosts.interruptions import Interruption, Kind
from kubelint.manifests.hosts.places import is_sample
from kubelint.manifests.hosts.rollouts import Outage, read_outages
from kubelint.manifests.orders import PLAY

_ON_PURPOSE = re.compile(
    r"(?<![a-z])(?:(?:re|un|de|pre|auto) ?)?(?:reset|install(?!ed)|destroy|tear ?down|nuke|wipe|clean|shut ?down"
    r"|power ?off|halt|stop(?:s|ped|ping)?\b|bootstrap|provision|set ?up|prepar|prereq|init|create|deploy|flash"
    r"|imaging|first )",
    re.IGNORECASE,
)
_SITE = re.compile(r"(?<![a-z])site\b", re.IGNORECASE)
_HARMLESS = re.compile(
    r"install\w* (?:\w+ ){0,3}(?:updates?|upgrades?|patches)|clean\w* (?:\w+ ){0,3}(?:apt|dnf|yum|packages?|caches?)\b"
    r"|(?:create|deploy) (?:\w+ ){0,3}(?:vlans?|netplan|static|network (?:config\w*|settings|changes))\b",
    re.IGNORECASE,
)
_NAMELESS = frozenset({"main", "playbook", "play", "all", "index", "run"})
_VERBS: dict[Kind, str] = {
    "reboot": "reboots",
    "network": "changes the network of",
    "restart": "restarts `{unit}` on",
    "stop": "stops `{unit}` on",
}
_ORDER: tuple[Kind, ...] = ("network", "reboot", "stop", "restart")


class ControlPlaneChangedAtOnce(ProjectRule):
    """A play takes down several members of the control plane at the same time.

    ## What it does
    Finds Ansible plays that reboot hosts, apply network configuration (`netplan apply`, `nmcli`, a restart of the
    network's service) or restart k3s, RKE2 or etcd, on so many control-plane hosts of an inventory at once that etcd
    loses its quorum. Roles, imported files and handlers are followed; `serial`, `throttle`, `run_once`, `delegate_to`
    and conditions on groups, hosts and variables are respected. `order`, `strategy: free` and `forks` do not help.
    Plays that reset, install or shut down a cluster are left out: their name says so, or that of their file, or those
    of all playbooks that import it.

    ## Why it matters
    etcd answers while a majority of its members does. A play without `serial` runs each task on all of its hosts at
    the same time: two of three members reboot or change their address together, quorum is gone, the API server stops
    answering, and with changed addresses the members do not find each other again. Then only
    `k3s server --cluster-reset` on one server helps, with the others joining anew.

    ## Example
    ```yaml title="update.yml"
    - name: Reboot what needs it
      hosts: k3s_cluster
      become: true
      tasks:
        - name: Reboot
          ansible.builtin.reboot:
    ```
    ```yaml title="inventory/hosts.yml"
    k3s_cluster:
      children:
        server:
          hosts: {server-1: {}, server-2: {}, server-3: {}}
        agent:
          hosts: {worker-1: {}}
    ```

    ## Use instead
    ```yaml title="update.yml"
    - name: Reboot what needs it
      hosts: k3s_cluster
      serial: 1
      become: true
      tasks:
        - name: Reboot
          ansible.builtin.reboot:
        - name: Wait until the server answers again
          ansible.builtin.command: k3s kubectl get --raw=/readyz/etcd
          register: ready
          until: ready.rc == 0
          retries: 30
          delay: 10
          changed_when: false
          when: "'server' in group_names"
    ```
    ```yaml title="inventory/hosts.yml"
    k3s_cluster:
      children:
        server:
          hosts: {server-1: {}, server-2: {}, server-3: {}}
        agent:
          hosts: {worker-1: {}}
    ```

    Change addresses or VLANs of one member, look at `etcdctl endpoint health --cluster`, then go on to the next.

    ## When to ignore
    For a play that is only ever run with `--limit` to one host, or before the cluster exists.

    ## References
    - [Ansible: setting the batch size with serial](https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_strategies.html)
    - [etcd: failure modes](https://etcd.io/docs/v3.6/op-guide/failures/)
    """

    meta = RuleMeta(
        id="control-plane-changed-at-once",
        summary="a play takes down several members of the control plane at the same time",
        category=Category.CONTROLPLANE,
        severity=Severity.ERROR,
        incident=5,
        since="0.1.0",
        fixable=True,
    )
    marks = ("hosts",)

    def check(self, project: Project) -> Iterator[Finding]:
        """At most one finding for each play, of the inventory that shows it."""
        importers = project.hosts.importers if project.hosts.plays else {}
        plays = [play for play in project.hosts.plays if not _is_meant(play, importers) and not is_sample(play.file)]
        if plays:
            inventories = _inventories(project.hosts.ansible_nodes)
            for play in plays:
                yield from self._worst(play, inventories)

    def _worst(self, play: Play, inventories: list[AnsibleNodes]) -> Iterator[Finding]:
        """Nobody says which inventory a play is run with: the one on which it does most harm, or else the nearest."""
        repository = play.root.document.repository
        ours = [nodes for nodes in inventories if nodes.inventory.repository == repository]
        found = [(worst, nodes) for nodes in ours if (worst := _worst(play, nodes)) is not None]
        if found:
            outage, nodes = min(
                found, key=lambda item: (not _severe(*item), _distance(play.file, item[1].inventory.file))
            )
            yield self._finding(play, nodes, outage)

    def _finding(self, play: Play, nodes: AnsibleNodes, outage: Outage) -> Finding:
        number, total = len(outage.hosts), len(nodes.members)
        serial = play.root.get("serial")
        name = f"play `{play.name}`" if play.name else "this play"
        found = self.finding(
            f"{name} {_verb(outage.interruption)} {number} of {total} control-plane hosts at once",
            at=serial if serial.exists else play.hosts,
            note=_note(total, nodes),
            severity=None if _severe(outage, nodes) else Severity.WARNING,
        ).label(outage.interruption.at, "on all of them at the same time")
        places = {Location.of(nodes.inventory.hosts[host].at): host for host in reversed(outage.hosts[:3])}
        for place, host in reversed(places.items()):
            found = found.label(place, f"`{host}`, of the control plane")
        return found.help("set `serial: 1`, and wait for each member before the next").fix(_fix(play))


def _is_meant(play: Play, importers: Mapping[str, list[str]]) -> bool:
    """Whether the play's name, or its file's, says that the cluster does not run yet, or is not to run.

    So do those of all playbooks that import it; but a site's playbook imports what keeps a cluster up to date as well.
    """
    words = f"{_title(play.file)} {play.name or ''}"
    if _says_so(words) or _SITE.search(words):
        return True
    above = importers.get(play.file, [])
    return bool(above) and all(_says_so(_title(file)) for file in above)


def _says_so(words: str) -> bool:
    return _ON_PURPOSE.search(_HARMLESS.sub("", re.sub(r"[-_.\s]+", " ", words))) is not None


def _title(path: str) -> str:
    """What a playbook's file is called: `reset` of `k3s/reset.yml`, and of `reset/main.yml`."""
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0]
    return basename(folder) if stem in _NAMELESS else stem


def _inventories(found: list[AnsibleNodes]) -> list[AnsibleNodes]:
    """The inventories of Kubernetes clusters; a sample only where the repository has no other."""
    ours = [nodes for nodes in found if nodes.is_kubernetes]
    real = {nodes.inventory.repository for nodes in ours if not nodes.inventory.sample}
    return [nodes for nodes in ours if not nodes.inventory.sample or _is_shown(nodes, real)]


def _is_shown(nodes: AnsibleNodes, real: set[str]) -> bool:
    folders = nodes.inventory.file.lower().split("/")
    return nodes.inventory.repository not in real and not {"sample", "samples", "example", "examples"}.isdisjoint(
        folders
    )


def _worst(play: Play, nodes: AnsibleNodes) -> Outage | None:
    total = len(nodes.members)
    found = [outage for outage in read_outages(play, nodes) if _matters(len(outage.hosts), total, nodes)]
    return min(found, key=lambda outage: _ORDER.index(outage.interruption.kind), default=None)


def _severe(outage: Outage, nodes: AnsibleNodes) -> bool:
    return outage.interruption.kind in ("network", "reboot") and not nodes.external_datastore


def _distance(one: str, other: str) -> int:
    """How many folders lie between two files."""
    here, there = one.split("/")[:-1], other.split("/")[:-1]
    shared = len(commonprefix([here, there]))
    return len(here) + len(there) - 2 * shared


def _matters(number: int, total: int, nodes: AnsibleNodes) -> bool:
    return number == total if nodes.external_datastore else loses_quorum(total, number)


def _verb(interruption: Interruption) -> str:
    return _VERBS[interruption.kind].format(unit=interruption.unit)


def _note(total: int, nodes: AnsibleNodes) -> str:
    if nodes.external_datastore:
        return "until one is back, no API server answers"
    needed = "both members" if total == 2 else f"{majority(total)} of its {total} members"
    return f"etcd needs {needed} to answer: quorum is lost"


def _fix(play: Play) -> Fix:
    serial = play.root.get("serial")
    edit = serial.replace("1") if serial.exists else play.root.insert("serial", "1", PLAY)
    return Fix.unsafe("set `serial: 1`", edit)
