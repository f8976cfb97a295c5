"""Finds what a project holds on the hosts' side. Each part is read when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from kubelint.manifests.field import Field
from kubelint.manifests.hosts.ansible_inventory import AnsibleInventory, ini_inventory, yaml_inventory
from kubelint.manifests.hosts.ansible_nodes import AnsibleNodes
from kubelint.manifests.hosts.ansible_plays import Play, imported_playbooks, plays_of, read_plays
from kubelint.manifests.hosts.embedded_configs import embedded_configs
from kubelint.manifests.hosts.kubeadm import GROUP, KINDS, KubeadmConfig
from kubelint.manifests.hosts.local_clusters import LocalCluster, read_local
from kubelint.manifests.hosts.node_list import NodeList, read_node_list
from kubelint.manifests.hosts.play_variables import GivenVariables, read_given
from kubelint.manifests.hosts.rke_cluster import RkeCluster, read_rke
from kubelint.manifests.hosts.server_config import ServerConfig, config_files, variable_configs
from kubelint.manifests.hosts.started_servers import started_servers
from kubelint.manifests.hosts.talos import TalConfig, TalosMachine, read_machine, read_talconfig
from kubelint.manifests.hosts.task_files import TaskFiles
from kubelint.manifests.hosts.variable_files import VariableFile, belongs, variable_file
from kubelint.sources.text_files import TextKind

if TYPE_CHECKING:
    from kubelint.manifests.documents import Document
    from kubelint.manifests.hosts.etcd_members import EtcdMembers
    from kubelint.manifests.hosts.server_clusters import ServerCluster
    from kubelint.manifests.objects import KubeObject
    from kubelint.manifests.project import Project


class Hosts:
    """The hosts' side of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def _others(self) -> list[Document]:
        """The documents that hold a mapping or a list and are no Kubernetes objects."""
        found = []
        for document in self._project.documents:
            value = document.source.value
            if (isinstance(value, dict) and not ("apiVersion" in value and "kind" in value)) or isinstance(value, list):
                found.append(document)
        return found

    @cached_property
    def _mappings(self) -> list[Document]:
        return [document for document in self._others if isinstance(document.source.value, dict)]

    @cached_property
    def variable_files(self) -> list[VariableFile]:
        """The files in `group_vars` and `host_vars`."""
        return [file for document in self._project.documents if (file := variable_file(document)) is not None]

    @cached_property
    def inventories(self) -> list[AnsibleInventory]:
        """The Ansible inventories, samples among them, each with the variables that stand beside it."""
        found = [
            *self._ini_inventories(),
            *filter(None, (yaml_inventory(document.root) for document in self._mappings)),
        ]
        playbooks = frozenset(dirname(document.file) for document in self._playbooks) if found else frozenset()
        for inventory in found:
            inventory.beside = self._beside(inventory, playbooks)
        return sorted(found, key=lambda inventory: inventory.file)

    def _ini_inventories(self) -> Iterator[AnsibleInventory]:
        for text in self._project.texts:
            if text.kind is TextKind.INVENTORY:
                inventory = ini_inventory(text, self._repository_of(text.path))
                if inventory is not None:
                    yield inventory

    def _beside(self, inventory: AnsibleInventory, playbooks: frozenset[str]) -> list[VariableFile]:
        folder = dirname(inventory.file)
        ranked = []
        for file in self.variable_files:
            rank = belongs(file.base, folder, playbooks)
            if rank is not None and file.root.document.repository == inventory.repository:
                ranked.append((rank, file.file, file.root.document.index, file))
        return [file for *_, file in sorted(ranked, key=lambda item: item[:3])]

    def _repository_of(self, path: str) -> str:
        return max((root for root in self._repositories if path.startswith(f"{root}/")), key=len, default="")

    @cached_property
    def _repositories(self) -> set[str]:
        return {document.repository for document in self._project.documents} - {""}

    @cached_property
    def dynamic_folders(self) -> frozenset[str]:
        """The directories of inventories that a plugin asks for elsewhere."""
        plugins = (document for document in self._mappings if isinstance(document.source.value.get("plugin"), str))
        return frozenset(dirname(document.file) for document in plugins)

    @cached_property
    def _playbooks(self) -> list[Document]:
        lists = (document for document in self._others if isinstance(document.source.value, list))
        return [document for document in lists if any(plays_of(document)) or any(imported_playbooks(document))]

    @cached_property
    def plays(self) -> list[Play]:
        """The plays of all playbooks, in the order of the files."""
        return read_plays(self._playbooks, self._task_files) if self._playbooks else []

    @cached_property
    def importers(self) -> dict[str, list[str]]:
        """The playbooks that import each playbook, by path."""
        found: dict[str, list[str]] = {}
        for document in self._playbooks:
            for field in imported_playbooks(document):
                path = normpath(join(dirname(document.file), field.text or "?"))
                found.setdefault(path, []).append(document.file)
        return found

    @cached_property
    def _task_files(self) -> TaskFiles:
        return TaskFiles(self._project.files, self._project.texts)

    @cached_property
    def given_variables(self) -> list[GivenVariables]:
        """The variables that plays give their hosts."""
        return read_given(self.plays, self._task_files)

    @cached_property
    def ansible_nodes(self) -> list[AnsibleNodes]:
        """The nodes of each Ansible inventory, in the order of `inventories`."""
        if not self.inventories:
            return []
        configured = [given for given in self.given_variables if any(variable_configs(given.root.items()))]
        return [
            AnsibleNodes(inventory, [given for given in configured if _may_run(given, inventory)])
            for inventory in self.inventories
        ]

    @cached_property
    def server_configs(self) -> list[ServerConfig]:
        """The configurations of k3s and RKE2: files of their own, files within others, and variables that hold one."""
        found = config_files(self._mappings)
        for file in self.variable_files:
            found += self._owned(file)
        for document in self._mappings:
            if _holds_variables(document.file):
                found += variable_configs(document.root.items())
        found += embedded_configs(self._mappings, self.plays)
        return sorted(found, key=lambda config: config.file)

    @cached_property
    def started_servers(self) -> list[ServerConfig]:
        """What commands start servers of k3s and RKE2 with. Nothing says of which cluster they are."""
        return started_servers(self._project, self._mappings)

    def _owned(self, file: VariableFile) -> Iterator[ServerConfig]:
        for config in variable_configs(file.root.items()):
            config.owner = file
            yield config

    @cached_property
    def server_clusters(self) -> list[ServerCluster]:
        """The servers of k3s and RKE2 by cluster."""
        from kubelint.manifests.hosts.server_clusters import read_clusters

        return read_clusters(self)

    @cached_property
    def etcd_members(self) -> list[EtcdMembers]:
        """The members of each etcd cluster of which all are known."""
        from kubelint.manifests.hosts.etcd_members import read_members

        return read_members(self._project)

    @cached_property
    def talconfigs(self) -> list[TalConfig]:
        """The configurations of talhelper."""
        return list(filter(None, (read_talconfig(document.root) for document in self._mappings)))

    @cached_property
    def talos_machines(self) -> list[TalosMachine]:
        """The machine configurations of Talos, patches of them among them."""
        found = []
        for document in self._mappings:
            if "machine" in document.source.value:
                siblings: list[Field] = [other.root for other in self._project.files[document.file]]
                machine = read_machine(document.root, siblings)
                found += [machine] if machine is not None else []
        return found

    @cached_property
    def node_lists(self) -> list[NodeList]:
        """The lists of nodes that a template of a whole cluster is made from: `nodes.yaml`."""
        return list(filter(None, (read_node_list(document.root) for document in self._mappings)))

    @cached_property
    def rke_clusters(self) -> list[RkeCluster]:
        """The configurations of RKE 1."""
        return list(filter(None, (read_rke(document.root) for document in self._mappings)))

    @cached_property
    def kubeadm(self) -> list[KubeadmConfig]:
        """The documents of kubeadm."""
        return [KubeadmConfig(obj) for obj in _in_order(self._project.objects(KINDS, group=GROUP))]

    @cached_property
    def local_clusters(self) -> list[LocalCluster]:
        """The clusters of k3d and kind, for tests and development."""
        return list(filter(None, map(read_local, _in_order(self._project.objects(("Cluster", "Simple"))))))


def _may_run(given: GivenVariables, inventory: AnsibleInventory) -> bool:
    return given.play.root.document.repository == inventory.repository


def _in_order(objects: list[KubeObject]) -> list[KubeObject]:
    return sorted(objects, key=lambda obj: (obj.file, obj.document.index))


def _holds_variables(path: str) -> bool:
    """Whether a file holds the variables of a play or role: `vars/main.yml`, `roles/k3s/defaults/main.yml`."""
    folders = path.split("/")[:-1]
    return bool(folders) and folders[-1] in ("vars", "defaults")
