"""The flags of k3s and RKE2 servers and agents (k3s `pkg/cli/cmds/{server,agent}.go`, RKE2 `pkg/cli/cmds`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SERVER = """
    advertise-address advertise-port agent-token agent-token-file bind-address cluster-cidr cluster-dns
    cluster-domain cluster-init cluster-reset cluster-reset-restore-path cni control-plane-resource-requests
    datastore-cafile datastore-certfile datastore-endpoint datastore-keyfile disable-apiserver disable-cloud-controller
    disable-controller-manager disable-etcd disable-helm-controller disable-kube-proxy disable-network-policy
    disable-scheduler egress-selector-mode embedded-registry enable-servicelb etcd-arg etcd-disable-snapshots
    etcd-expose-metrics etcd-s3 etcd-s3-access-key etcd-s3-bucket etcd-s3-config-secret etcd-s3-endpoint
    etcd-s3-endpoint-ca etcd-s3-folder etcd-s3-insecure etcd-s3-proxy etcd-s3-region etcd-s3-retention
    etcd-s3-secret-key etcd-s3-session-token
    etcd-s3-skip-ssl-verify etcd-s3-timeout etcd-snapshot-compress etcd-snapshot-dir etcd-snapshot-name
    etcd-snapshot-retention etcd-snapshot-schedule-cron flannel-backend flannel-external-ip flannel-ipv6-masq
    helm-job-image https-listen-port kine-tls kube-apiserver-arg kube-controller-manager-arg kube-scheduler-arg
    kube-cloud-controller-manager-arg secrets-encryption service-cidr service-node-port-range servicelb-namespace
    supervisor-metrics tls-san tls-san-security write-kubeconfig write-kubeconfig-group write-kubeconfig-mode
"""
SERVER_FLAGS = frozenset(_SERVER.split())
"""Only servers have these; their names are such that nothing else is likely to have them."""

_AGENT = """
    airgap-extra-registry bind-address cloud-provider-name container-runtime-endpoint data-dir
    default-runtime disable-default-registry-endpoint enable-pprof flannel-conf flannel-cni-conf flannel-iface
    image-credential-provider-bin-dir image-credential-provider-config image-service-endpoint kube-proxy-arg
    kubelet-arg kubelet-path lb-server-port node-external-dns node-external-ip node-internal-dns node-ip node-label
    node-name node-taint nonroot-devices pause-image prefer-bundled-bin private-registry profile protect-kernel-defaults
    resolv-conf rootless selinux snapshotter system-default-registry token-file vpn-auth
    vpn-auth-file with-node-id
"""
AGENT_FLAGS = frozenset(_AGENT.split())

_WEAK = frozenset({"server", "token", "disable", "data-dir", "selinux", "profile", "debug", "docker", "bind-address"})
"""Names that others have as well."""


def looks_like_config(value: Mapping[str, Any], least: int = 2) -> bool:
    """Whether a mapping is flat and holds at least two flags that nothing but k3s and RKE2 have (or `least`), or
    `server` and `token` beside one of them.
    """
    names = {key.removesuffix("+") for key in value}
    strong = (names & (SERVER_FLAGS | AGENT_FLAGS)) - _WEAK
    if len(strong) < least and not (strong and {"server", "token"} <= names):
        return False
    known = strong | (names & (_WEAK | AGENT_FLAGS))
    flat = not any(isinstance(item, dict) for item in value.values())
    return flat and 2 * len(known) >= len(names)
