"""Which Deployment is the cluster's DNS.

Sources: kubernetes ``cmd/kubeadm/app/phases/addons/dns/manifests.go``, k3s ``manifests/coredns.yaml``, the
coredns chart's ``templates/deployment.yaml``, RKE2's ``rke2-coredns`` chart, Amazon EKS' add-on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kubelint.cluster.images import repository
from kubelint.cluster.plain import as_mapping

_SYSTEM_NAMESPACES = (None, "kube-system")
_APP_LABELS = frozenset({"kube-dns", "coredns"})
_NAMES = frozenset({"coredns", "kube-dns", "rke2-coredns-rke2-coredns"})
_IMAGES = frozenset({"coredns", "coredns-coredns", "mirrored-coredns-coredns", "hardened-coredns", "k8s-dns-kube-dns"})
_OTHER_IMAGES = frozenset(
    {
        "cluster-proportional-autoscaler",
        "external-dns",
        "hardened-cluster-autoscaler",
        "hardened-dns-node-cache",
        "k8s-dns-node-cache",
        "k8s-gateway",
        "k8s_gateway",
        "vcluster",
        "vcluster-pro",
    }
)


def is_cluster_dns(obj: Mapping[str, object]) -> bool:
    """Is this object the Deployment that answers for the cluster's own names?

    Other uses of CoreDNS are not: other namespaces, k8s_gateway, a virtual cluster's, one per node (a
    DaemonSet).
    """
    metadata = as_mapping(obj.get("metadata"))
    name, namespace = str(metadata.get("name")), metadata.get("namespace")
    if obj.get("kind") != "Deployment" or name.endswith("-autoscaler"):
        return False
    pod = as_mapping(_template(obj).get("metadata"))
    labels = {**as_mapping(metadata.get("labels")), **as_mapping(pod.get("labels"))}
    images = set(_image_names(obj))
    if images & _OTHER_IMAGES or namespace not in _SYSTEM_NAMESPACES:
        return False
    by_name = name in _NAMES and (bool(images & _IMAGES) or (not images and namespace is not None))
    return by_name or _labelled(labels, namespace)


def _labelled(labels: Mapping[str, object], namespace: object) -> bool:
    if labels.get("eks.amazonaws.com/component") == "coredns" or str(labels.get("k8s-app")) in _APP_LABELS:
        return True
    of_cluster = str(labels.get("kubernetes.io/cluster-service")).lower() == "true"
    return labels.get("kubernetes.io/name") == "CoreDNS" and (of_cluster or namespace == "kube-system")


def _image_names(obj: Mapping[str, object]) -> Iterator[str]:
    containers = as_mapping(_template(obj).get("spec")).get("containers")
    for container in containers if isinstance(containers, list) else []:
        if isinstance(image := as_mapping(container).get("image"), str):
            yield repository(image).rpartition("/")[2]


def _template(obj: Mapping[str, object]) -> Mapping[str, object]:
    return as_mapping(as_mapping(obj.get("spec")).get("template"))
