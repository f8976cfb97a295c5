"""What findings about architectures have in common: witnesses to point at, and the edit that binds pods."""

from __future__ import annotations

import json

from kubelint.checks import Finding
from kubelint.cluster.architectures import ARCH_LABEL, GOARCH
from kubelint.manifests import Edit, PodTemplate
from kubelint.manifests.releases.pods import ReleasePod, added
from kubelint_rules.scheduling.evidence import Witness
from kubelint_rules.scheduling.survey import Cluster


def binding(pod: PodTemplate, architecture: str) -> Edit | None:
    """The edit that binds a pod to nodes of an architecture; None where one edit does not do."""
    value = json.dumps(architecture) if architecture.isdigit() else architecture
    if isinstance(pod, ReleasePod):
        return pod.select(ARCH_LABEL, value)
    return added(pod.spec, ("nodeSelector",), ARCH_LABEL, value)


def with_witnesses(found: Finding, cluster: Cluster, named: frozenset[str] = GOARCH) -> Finding:
    """Point at one proof for each architecture that is named, nodes before selectors; a declaration needs none."""
    first: dict[str, Witness] = {}
    for witness in () if cluster.declared else (*cluster.nodes, *cluster.selected):
        first.setdefault(witness.architecture, witness)
    for architecture in sorted(named & first.keys()):
        witness = first[architecture]
        says = "asks for" if witness not in cluster.nodes else "has"
        found = found.label(witness.at, f"this one {says} `{architecture}`")
    return found


def quoted(names: frozenset[str]) -> str:
    """`amd64` and `arm64`, sorted."""
    return listed([f"`{name}`" for name in sorted(names)], len(names))


def listed(names: list[str], limit: int) -> str:
    """`a`, `b` and `c`; past the limit, how many more."""
    shown = names[:limit]
    if len(names) > limit:
        return f"{', '.join(shown)} and {len(names) - limit} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
