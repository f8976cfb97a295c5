"""One machine as a configuration declares it: its name, its part in the cluster, what its node carries."""

from __future__ import annotations

from typing import NamedTuple

from kubelint.manifests.hosts.names import node_name
from kubelint.manifests.hosts.places import At, Value


class Machine(NamedTuple):
    """A machine that is to be a node. What is not told, or not known, is None or empty."""

    at: At
    name: Value | None = None
    control_plane: Value | None = None
    """Its value is a boolean."""
    architecture: Value | None = None
    labels: tuple[tuple[str, Value], ...] = ()
    taints: tuple[Value, ...] = ()
    """Mappings with `key`, `value` and `effect`."""
    addresses: tuple[Value, ...] = ()

    @property
    def node_name(self) -> str | None:
        """Its name as a node, None where unknown."""
        return None if self.name is None or self.name.unknown else node_name(self.name.value)


def parse_taint(text: str) -> dict[str, object] | None:
    """A taint written `key=value:Effect` or `key:Effect`; None where it is neither."""
    head, colon, effect = text.rpartition(":")
    key, equals, value = head.partition("=")
    if not colon or not key or effect not in ("NoSchedule", "PreferNoSchedule", "NoExecute"):
        return None
    return {"key": key, "value": value, "effect": effect} if equals else {"key": key, "effect": effect}
