"""The text of a first kubelint.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubelint.cli.facts import Show, inventories
from kubelint.cluster.architectures import GOARCH
from kubelint.engine.fixing.yaml_text import Style, scalar
from kubelint.manifests import Project
from kubelint.manifests.deployers import deployers
from kubelint.manifests.hosts.inventory import Inventory, Node
from kubelint.reporters.style import clean

_MOST = 200
_STYLE = Style()
_HEAD = """\
# Settings of kubelint. `kubelint config show` prints those that hold, `kubelint rules` every rule.
# A `#` with no space behind it begins a proposal: take the `#` away, on all of its lines, to set it.
"""
_TAIL = """
# Objects that exist outside of this tree; `*` stands for any text.
#external: [Secret/longhorn-system/s3-credentials]

# Paths that are not linted, as in .gitignore.
#exclude: ["generated/**"]

# Another severity for a rule, or off.
#rules: {missing-arch-constraint: info}

# minimal: the rules whose severity is error; strict: also those that are off by default.
profile: recommended

# The mildest finding that makes the exit code 1: error, warning, info or never.
fail-on: warning
"""


def first_settings(project: Project, show: Show, schema: str | None) -> str:
    """The text of a kubelint.yaml for what is in `project`. `schema` is the path, beside it, of its schema for editors.

    What the files tell stands in comments. Set, it would hold on when the files change: the node that is gone from
    the inventory, and that something still waits for, would go unseen.
    """
    modeline = [f"# yaml-language-server: $schema={schema}"] if schema else []
    parts = [*modeline, _HEAD, *_cluster(project, show), "", *_deployers(project, show)]
    return "\n".join(parts) + "\n" + _TAIL


def _cluster(project: Project, show: Show) -> Iterator[str]:
    found = [inventory for inventory in inventories(project) if inventory.nodes or inventory.architectures]
    if not found:
        yield "# The nodes: no file tells of any."
        yield "#cluster: {architectures: [amd64, arm64], nodes: {worker-1: {architecture: arm64}}}"
        return
    several = ", of several clusters: what is set holds for all of them" if len(found) > 1 else ""
    yield f"# The nodes{several}. These are found in the files on every run; set what no file tells."
    for inventory in found:
        yield f"#cluster:{_of(inventory)}"
        yield from _indented(_nodes(inventory, show) if inventory.nodes else _architectures(inventory, show), "#  ")


def _of(inventory: Inventory) -> str:
    scope = inventory.scope.replace("//", "/", 1).rstrip("/")
    return f"  # {clean(scope)}" if scope else ""


def _nodes(inventory: Inventory, show: Show) -> Iterator[str]:
    yield "nodes:"
    nodes = list(inventory.nodes.values())
    for node in nodes[:_MOST]:
        yield f"  {_node(inventory, node, show)}"
    if len(nodes) > _MOST:
        yield f"  # and {len(nodes) - _MOST} more"


def _node(inventory: Inventory, node: Node, show: Show) -> str:
    architecture = inventory.architecture(node.name)
    places = [show(node.at)] if node.at is not None else []
    name = scalar(clean(node.name), _STYLE)
    if architecture not in GOARCH:
        return f"{name}: {{}}{_remark([*places, 'which tells no architecture'])}"
    if node.architecture is not None:
        places.append(show(node.architecture.at))
    return f"{name}: {{architecture: {scalar(architecture, _STYLE)}}}{_remark(places)}"


def _architectures(inventory: Inventory, show: Show) -> Iterator[str]:
    yield "architectures:"
    for architecture in sorted(inventory.architectures & GOARCH):
        places = [show(proof.at) for proof in inventory.proofs if proof.architecture == architecture]
        yield f"  - {scalar(architecture, _STYLE)}{_remark(places[:1])}"


def _deployers(project: Project, show: Show) -> Iterator[str]:
    places: dict[str, str] = {}
    for run in deployers(project):
        who = run.who.identity
        if who is not None and who.kind == "ServiceAccount" and who.namespace and run.at is not None:
            places.setdefault(f"{who.kind}/{who.namespace}/{who.name}", show(run.at))
    yield "# Who deploys. Findings about the rights of those that are set count as warnings."
    if not places:
        yield "#deployers: [ServiceAccount/ci/runner]"
        return
    yield "#deployers:"
    for name, place in list(places.items())[:_MOST]:
        yield f"#  - {scalar(clean(name), _STYLE)}{_remark([place])}"


def _remark(words: Iterable[str]) -> str:
    text = ", ".join(dict.fromkeys(words))
    return f"  # {text}" if text else ""


def _indented(lines: Iterable[str], by: str) -> Iterator[str]:
    return (f"{by}{line}" for line in lines)
