"""Which configurations of k3s and RKE2 are those of the servers of one cluster."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from posixpath import basename, dirname
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kubelint.manifests.hosts.places import Value, is_sample
from kubelint.manifests.hosts.server_config import ServerConfig, Setting

if TYPE_CHECKING:
    from kubelint.manifests.hosts.ansible_nodes import AnsibleNodes
    from kubelint.manifests.hosts.reading import Hosts

_INSTALLED = re.compile(r"(?:^|/)(?:etc/)?rancher/(?:k3s|rke2)/config\.yaml$|(?:^|/)(?:k3s|rke2)/config\.yaml$")
_SERVERS = re.compile(r"server|master|control|(?:^|[-_.])cp(?:[-_.\d]|$)|init", re.IGNORECASE)
_AGENTS = re.compile(r"agent|worker", re.IGNORECASE)
_SEVERAL = re.compile(r"cluster|env|site|region|prod|stag|dev|lab|test|home", re.IGNORECASE)
_ANYBODY = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1", "::"})
_OWN_ADDRESSES = ("node-ip", "node-external-ip", "advertise-address", "node-name", "tls-san")


class Server:
    """One server: its name, and what it is started with. Without a name it stands for one or more that nobody names."""

    def __init__(self, name: str | None, configs: Iterable[ServerConfig]) -> None:
        self.name = name
        self.configs = list(configs)

    def __repr__(self) -> str:
        return f"<Server {self.name}>"

    @property
    def product(self) -> str:
        """`k3s` or `rke2`."""
        return "rke2" if any("rke2" in config.name.lower() for config in self.configs) else "k3s"

    @property
    def whole(self) -> bool:
        """Whether its configuration is a file that is read as it stands: what it leaves out is not set."""
        return all(config.form == "file" for config in self.configs)

    @cached_property
    def flags(self) -> frozenset[str]:
        """All flags that are set."""
        return frozenset().union(*(config.flags for config in self.configs))

    def get(self, flag: str) -> list[Setting]:
        """The settings that make the value of a flag, in the configuration that sets it."""
        return next((config.get(flag) for config in self.configs if flag in config.flags), [])

    def values(self, flag: str) -> list[Value]:
        """Each value of a flag, with its place."""
        return next((config.values(flag) for config in self.configs if flag in config.flags), [])

    def enabled(self, flag: str) -> bool | None:
        """Whether a switch is on; None where it is not set or not known."""
        return next((config.enabled(flag) for config in self.configs if flag in config.flags), None)


class ServerCluster:
    """The servers of one cluster, as far as files tell. `nodes` is the Ansible inventory that they are hosts of."""

    def __init__(self, servers: Iterable[Server], nodes: AnsibleNodes | None = None) -> None:
        self.servers = list(servers)
        self.nodes = nodes

    def __repr__(self) -> str:
        return f"<ServerCluster {[server.name for server in self.servers]}>"

    @cached_property
    def configs(self) -> list[ServerConfig]:
        """The configurations, each once, in order."""
        found = {config.place: config for server in self.servers for config in server.configs}
        return sorted(found.values(), key=lambda config: config.order)

    @property
    def named(self) -> list[Server]:
        """The servers that have a name, by that: 2 comes before 10."""
        servers = [server for server in self.servers if server.name]
        return sorted(servers, key=lambda server: (len(server.name or ""), server.name))

    @property
    def external(self) -> bool:
        """Whether the cluster keeps its state in a database elsewhere, or may do so."""
        if any("datastore-endpoint" in server.flags for server in self.servers):
            return True
        return self.nodes is not None and self.nodes.external_datastore

    @property
    def keeps_etcd(self) -> bool:
        """Whether it surely runs etcd of its own: a lone k3s server does so only where it is told to."""
        if self.external:
            return False
        if len(self.named) > 1 or (self.nodes and self.nodes.runs_etcd):
            return True
        return any(
            server.product == "rke2"
            or server.enabled("cluster-init") is True
            or ("server" in server.flags and any(config.is_server for config in server.configs))
            for server in self.servers
        )


def read_clusters(hosts: Hosts) -> list[ServerCluster]:
    """The clusters of k3s and RKE2 in the tree; samples tell nothing."""
    found = [*_of_files(hosts), *_of_inventories(hosts)]
    known = {config.place for cluster in found for config in cluster.configs}
    return [*found, *lone_servers(config for config in hosts.server_configs if config.place not in known)]


def lone_servers(configs: Iterable[ServerConfig]) -> Iterator[ServerCluster]:
    """Each configuration as that of a server whose cluster is not known; samples tell nothing."""
    for config in configs:
        if config.is_server and config.role != "agent" and not is_sample(config.file):
            yield ServerCluster([Server(None, [config])])


def _of_files(hosts: Hosts) -> Iterator[ServerCluster]:
    """Files of their own, each of one host: those that lie side by side and are seen to be of one cluster."""
    groups: dict[tuple[str, str, str], list[Server]] = {}
    for config in hosts.server_configs:
        if config.form in ("file", "embedded") and not is_sample(config.file):
            home, name = _host_of(config.file)
            if _is_server(config, name):
                groups.setdefault((config.scope, config.name, home), []).append(Server(name, [config]))
    for servers in groups.values():
        yield from map(ServerCluster, _linked(servers))


def _host_of(path: str) -> tuple[str, str]:
    """Where the configurations of hosts lie, and which host's this is: `hosts/pi1/etc/rancher/k3s/config.yaml`."""
    installed = _INSTALLED.search(path)
    if installed is not None:
        folder = path[: installed.start()]
    elif basename(path) == "config.yaml":
        folder = dirname(path)
    else:
        return dirname(path), basename(path).rpartition(".")[0]
    return dirname(folder), basename(folder)


def _is_server(config: ServerConfig, name: str) -> bool:
    if _AGENTS.search(name):
        return False
    return bool(config.is_server or (_SERVERS.search(name) and "server" in config.flags))


def _linked(servers: list[Server]) -> Iterator[list[Server]]:
    """The servers by cluster: those that share a word that says so belong together."""
    found: list[tuple[set[str], list[Server]]] = []
    for server in servers:
        words = set(_words(server))
        same = [group for group in found if group[0] & words]
        found = [group for group in found if group not in same]
        members = [member for group in same for member in group[1]]
        found.append((words.union(*(group[0] for group in same)), [*members, server]))
    yield from (members for _, members in found)


def _words(server: Server) -> Iterator[str]:
    """What tells of a server's cluster: its addresses, whom it joins, its token, the numbered name of its host."""
    for flag in _OWN_ADDRESSES:
        names = (value.text.lower() for value in server.values(flag) if value.text)
        yield from (f"host {name}" for name in names if name not in _ANYBODY)
    for value in server.values("server"):
        yield from (f"host {host}" for host in _host_names(value) if host not in _ANYBODY)
    yield from (f"token {value.text}" for value in server.values("token") if value.text)
    name = (server.name or "").lower()
    yield f"host {name}"
    stem = re.sub(r"\d+", "#", name)
    if "#" in stem and _SEVERAL.search(stem) is None:
        yield f"numbered {stem}"


def _host_names(value: Value) -> Iterator[str]:
    if value.text:
        try:
            host = urlsplit(value.text).hostname
        except ValueError:
            return
        if host:
            yield host


def _of_inventories(hosts: Hosts) -> Iterator[ServerCluster]:
    for nodes in hosts.ansible_nodes:
        if not nodes.inventory.sample:
            servers = [Server(name, configs) for name in nodes.control_planes if (configs := nodes.configs(name))]
            if servers:
                yield ServerCluster(servers, nodes)
