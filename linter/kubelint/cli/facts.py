"""What `kubelint config show --facts` prints: the nodes and architectures inferred, each with its witness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from kubelint.checks import Location
from kubelint.cli.workspace import Workspace
from kubelint.config.model import CONFIG_NAMES
from kubelint.engine.places import Places
from kubelint.manifests import Document, Project
from kubelint.manifests.hosts import At
from kubelint.manifests.hosts.inventory import Inventory, Node
from kubelint.reporters.style import clean
from kubelint.sources import SourceFile

_WITNESSES = 3
_NODES = 200

Show = Callable[[At], str]


def facts(workspace: Workspace) -> Iterator[str]:
    """The lines on everything that was inferred from the files of a workspace."""
    project, show = understood(workspace)
    yield f"read: {', '.join(_counts(project)) or 'nothing that tells of a cluster'}"
    declared = {name: show(at) for name, at in _declared(project)}
    for inventory in inventories(project):
        yield ""
        yield from _cluster(inventory, show, declared)


def understood(workspace: Workspace) -> tuple[Project, Show]:
    """What the files of a workspace mean, and what shows where a fact is written: `path:line`."""
    given = workspace.read()
    documents = (Document(source) for file in given.files for source in file.documents)
    project = Project(documents, workspace.settings.cluster, given.repositories, given.texts)
    files: dict[str, SourceFile] = {file.path: file for file in given.files}
    texts = {text.path: text for text in given.texts}

    def show(at: At) -> str:
        location = Location.of(at)
        if location.file in texts:
            files.setdefault(location.file, texts[location.file].source)
        place = Places(files).find(location)
        return f"{clean(place.path)}:{place.start.line}"

    return project, show


def _declared(project: Project) -> Iterator[tuple[str, At]]:
    """The places of the nodes in the configuration; it is in the tree unless it was named with `--config`."""
    for name in CONFIG_NAMES:
        for document in project.files.get(name, ()):
            for node, field in document.root.get("cluster", "nodes").items():
                yield node.lower(), field.key


def inventories(project: Project) -> list[Inventory]:
    """What is known of each scope, where that is something else than what is known of the scopes before."""
    scopes = {"", *project.inventories.scopes, *(obj.scope for obj in project.all_objects)}
    found: list[Inventory] = []
    for scope in sorted(scopes):
        inventory = project.inventory(scope)
        if all(inventory.rosters != other.rosters for other in found):
            found.append(inventory)
    told = [inventory for inventory in found if inventory.rosters or inventory.declared or inventory.nodes]
    return told or found[:1]


def _cluster(inventory: Inventory, show: Show, declared: Mapping[str, str]) -> Iterator[str]:
    scope = inventory.scope.replace("//", "/", 1).rstrip("/")
    yield f"cluster: {clean(scope) if scope else 'the whole tree'}"
    yield from _architectures(inventory, show)
    nodes = list(inventory.nodes.values())
    if not nodes:
        yield "  nodes: none known"
        return
    known = "all of them" if inventory.complete else "there may be more"
    yield f"  nodes: {len(nodes)}, {known}"
    rows = [_node(inventory, node, show, declared) for node in nodes[:_NODES]]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "    " + "  ".join([*cells, *row[3:]]).rstrip()
    if len(nodes) > _NODES:
        yield f"    and {len(nodes) - _NODES} more"


def _architectures(inventory: Inventory, show: Show) -> Iterator[str]:
    found = sorted(inventory.architectures)
    if inventory.declared:
        yield f"  architectures: {', '.join(map(clean, found))} (declared)"
        return
    if not found:
        several = len(inventory.clusters) > 1 and inventory.proofs
        yield f"  architectures: {'those of several clusters, which differ' if several else 'unknown'}"
        return
    yield "  architectures:"
    width = max(map(len, found))
    for architecture in found:
        places = [show(proof.at) for proof in inventory.proofs if proof.architecture == architecture]
        yield f"    {architecture.ljust(width)}  {_few(places)}"


def _few(places: Iterable[str]) -> str:
    """Some places, each once, and how many more there are."""
    each = list(dict.fromkeys(places))
    more = f" and {len(each) - _WITNESSES} more" if len(each) > _WITNESSES else ""
    return ", ".join(each[:_WITNESSES]) + more


def _node(inventory: Inventory, node: Node, show: Show, declared: Mapping[str, str]) -> tuple[str, ...]:
    architecture = inventory.architecture(node.name)
    role = "?" if node.control_plane is None else "control plane" if node.control_plane.value else "worker"
    at = show(node.at) if node.at is not None else declared.get(node.name, "declared")
    said = node.architecture is not None and architecture == node.architecture.value and not inventory.declared
    witness = f"{architecture} by {show(node.architecture.at)}" if said and node.architecture is not None else ""
    return clean(node.name), architecture or "?", role, at, *([witness] if witness else [])


def _counts(project: Project) -> Iterator[str]:
    """What was read, the kinds that there are."""
    hosts = project.hosts
    wrappers: Counter[str] = Counter(release.wrapper for release in project.releases)
    yield from _counted(len(project.all_objects), "object")
    yield from _counted(len(project.releases), "release", _by(wrappers))
    yield from _counted(len(project.kustomizations), "kustomization")
    yield from _counted(len(project.charts), "chart")
    yield from _counted(len(project.workflows), "workflow")
    yield from _counted(len(project.alert_groups), "alert group")
    yield from _counted(len(project.alertmanagers), "Alertmanager configuration")
    samples = sum(inventory.sample for inventory in hosts.inventories)
    yield from _counted(len(hosts.inventories), "Ansible inventory", f"{samples} samples" if samples else "")
    yield from _counted(len(hosts.plays), "play")
    yield from _counted(len(hosts.server_configs), "k3s or RKE2 configuration")
    yield from _counted(len(hosts.talconfigs) + len(hosts.talos_machines), "Talos configuration")
    yield from _counted(len(hosts.kubeadm), "kubeadm configuration")
    yield from _counted(len(hosts.local_clusters), "local cluster")
    yield from _counted(len(project.sops_policies), "SOPS policy")
    yield from _counted(len(project.git_hooks), "git hook")


def _by(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))


def _counted(number: int, noun: str, details: str = "") -> Iterator[str]:
    if number:
        plural = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"
        yield f"{number} {noun if number == 1 else plural}" + (f" ({details})" if details else "")
