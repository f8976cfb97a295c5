"""What the settings of k3s and RKE2 servers mean, one server's and those of a cluster together.

Source: k3s ``pkg/cli/cmds/server.go``, ``pkg/daemons/config/types.go`` (``CriticalControlArgs``), ``pkg/etcd/s3/s3.go``
(``GetClient``) and ``pkg/cluster/bootstrap.go``.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubelint.cluster.templates import has_template

SHARED = {
    "cluster-cidr": "10.42.0.0/16",
    "cluster-dns": "10.43.0.10",
    "cluster-domain": "cluster.local",
    "disable-cloud-controller": "false",
    "disable-helm-controller": "false",
    "disable-kube-proxy": "false",
    "disable-network-policy": "false",
    "egress-selector-mode": "agent",
    "embedded-registry": "false",
    "flannel-backend": "vxlan",
    "flannel-external-ip": "false",
    "flannel-ipv6-masq": "false",
    "secrets-encryption": "false",
    "service-cidr": "10.43.0.0/16",
}
"""The flags that all servers of a cluster have to share, each with what k3s takes where it is not given.

`agent-token` is one more; it is left out, since nobody is to see its values.
"""

DERIVED = frozenset({"cluster-dns"})
"""Flags whose default follows from another flag's value."""

LISTS = frozenset({"cluster-cidr", "cluster-dns", "service-cidr", "disable"})
"""Flags whose values are lists, repeated or with commas."""

_S3 = "etcd-s3-"
_S3_SECRET = "etcd-s3-config-secret"
_S3_DEFAULTS: Mapping[str, frozenset[str]] = {
    "etcd-s3-endpoint": frozenset({"s3.amazonaws.com"}),
    "etcd-s3-region": frozenset({"us-east-1"}),
    "etcd-s3-timeout": frozenset({"5m", "5m0s", "300s"}),
    "etcd-s3-retention": frozenset({"5"}),
    "etcd-s3-insecure": frozenset({"false"}),
    "etcd-s3-skip-ssl-verify": frozenset({"false"}),
}


def normal(flag: str, values: list[object]) -> str | None:
    """The value of a flag in one spelling: switches as `true` and `false`, lists sorted. None where it is not known."""
    if any(value is None or isinstance(value, dict | list) for value in values):
        return None
    texts = [_spelling(value) for value in values]
    if any(has_template(text) for text in texts):
        return None
    if flag not in LISTS:
        return texts[-1] if texts else None
    return ",".join(sorted({part.strip() for text in texts for part in text.split(",")} - {""}))


def _spelling(value: object) -> str:
    text = str(value).strip()
    return text.lower() if text.lower() in ("true", "false") else text


def hides_s3_secret(flag: str, value: object) -> bool:
    """Does this flag make k3s ignore the Secret of `etcd-s3-config-secret`?

    Every other S3 flag does, unless it says what k3s takes anyway. An unknown value is held against nobody.
    """
    if not flag.startswith(_S3) or flag == _S3_SECRET or value is None or isinstance(value, dict | list):
        return False
    text = _spelling(value)
    return bool(text) and not has_template(text) and text not in _S3_DEFAULTS.get(flag, frozenset())
