"""The kinds that Kubernetes itself serves (v1.34, and removed ones that still occur): group, plural, scope,
subresources.

Read off the API server's discovery documents (kubernetes `api/discovery/`).  Kinds of custom resources are
not here, so "not found" never means "does not exist".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

#: group -> lines of "Kind plural scope [subresource ...]", scope being `ns` or `cluster`; core is the empty group.
_TABLE = {
    "": """
        Binding bindings ns
        ComponentStatus componentstatuses cluster
        ConfigMap configmaps ns
        Endpoints endpoints ns
        Event events ns
        LimitRange limitranges ns
        Namespace namespaces cluster finalize status
        Node nodes cluster proxy status
        PersistentVolume persistentvolumes cluster status
        PersistentVolumeClaim persistentvolumeclaims ns status
        Pod pods ns attach binding ephemeralcontainers eviction exec log portforward proxy resize status
        PodTemplate podtemplates ns
        ReplicationController replicationcontrollers ns scale status
        ResourceQuota resourcequotas ns status
        Secret secrets ns
        Service services ns proxy status
        ServiceAccount serviceaccounts ns token
    """,
    "admissionregistration.k8s.io": """
        MutatingAdmissionPolicy mutatingadmissionpolicies cluster
        MutatingAdmissionPolicyBinding mutatingadmissionpolicybindings cluster
        MutatingWebhookConfiguration mutatingwebhookconfigurations cluster
        ValidatingAdmissionPolicy validatingadmissionpolicies cluster status
        ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings cluster
        ValidatingWebhookConfiguration validatingwebhookconfigurations cluster
    """,
    "apiextensions.k8s.io": """
        CustomResourceDefinition customresourcedefinitions cluster status
    """,
    "apiregistration.k8s.io": """
        APIService apiservices cluster status
    """,
    "apps": """
        ControllerRevision controllerrevisions ns
        DaemonSet daemonsets ns status
        Deployment deployments ns rollback scale status
        ReplicaSet replicasets ns scale status
        StatefulSet statefulsets ns scale status
    """,
    "authentication.k8s.io": """
        SelfSubjectReview selfsubjectreviews cluster
        TokenReview tokenreviews cluster
    """,
    "authorization.k8s.io": """
        LocalSubjectAccessReview localsubjectaccessreviews ns
        SelfSubjectAccessReview selfsubjectaccessreviews cluster
        SelfSubjectRulesReview selfsubjectrulesreviews cluster
        SubjectAccessReview subjectaccessreviews cluster
    """,
    "autoscaling": """
        HorizontalPodAutoscaler horizontalpodautoscalers ns status
    """,
    "batch": """
        CronJob cronjobs ns status
        Job jobs ns status
    """,
    "certificates.k8s.io": """
        CertificateSigningRequest certificatesigningrequests cluster approval status
        ClusterTrustBundle clustertrustbundles cluster
        PodCertificateRequest podcertificaterequests ns status
    """,
    "coordination.k8s.io": """
        Lease leases ns
        LeaseCandidate leasecandidates ns
    """,
    "discovery.k8s.io": """
        EndpointSlice endpointslices ns
    """,
    "events.k8s.io": """
        Event events ns
    """,
    "flowcontrol.apiserver.k8s.io": """
        FlowSchema flowschemas cluster status
        PriorityLevelConfiguration prioritylevelconfigurations cluster status
    """,
    "internal.apiserver.k8s.io": """
        StorageVersion storageversions cluster status
    """,
    "networking.k8s.io": """
        IPAddress ipaddresses cluster
        Ingress ingresses ns status
        IngressClass ingressclasses cluster
        NetworkPolicy networkpolicies ns
        ServiceCIDR servicecidrs cluster status
    """,
    "node.k8s.io": """
        RuntimeClass runtimeclasses cluster
    """,
    "policy": """
        PodDisruptionBudget poddisruptionbudgets ns status
        PodSecurityPolicy podsecuritypolicies cluster
    """,
    "rbac.authorization.k8s.io": """
        ClusterRole clusterroles cluster
        ClusterRoleBinding clusterrolebindings cluster
        Role roles ns
        RoleBinding rolebindings ns
    """,
    "resource.k8s.io": """
        DeviceClass deviceclasses cluster
        DeviceTaintRule devicetaintrules cluster
        ResourceClaim resourceclaims ns binding driver status
        ResourceClaimTemplate resourceclaimtemplates ns
        ResourceSlice resourceslices cluster
    """,
    "scheduling.k8s.io": """
        PriorityClass priorityclasses cluster
    """,
    "storage.k8s.io": """
        CSIDriver csidrivers cluster
        CSINode csinodes cluster
        CSIStorageCapacity csistoragecapacities ns
        StorageClass storageclasses cluster
        VolumeAttachment volumeattachments cluster status
        VolumeAttributesClass volumeattributesclasses cluster
    """,
    "storagemigration.k8s.io": """
        StorageVersionMigration storageversionmigrations cluster status
    """,
    # Nothing is served here since v1.22; roles of old charts still name it.
    "extensions": """
        DaemonSet daemonsets ns status
        Deployment deployments ns rollback scale status
        Ingress ingresses ns status
        NetworkPolicy networkpolicies ns
        PodSecurityPolicy podsecuritypolicies cluster
        ReplicaSet replicasets ns scale status
    """,
}

#: Groups that no supported API server serves any more.
REMOVED_GROUPS = frozenset({"extensions"})

#: kubectl's short names, for "did you mean".
_SHORT_NAMES = {
    "cm": "configmaps",
    "cj": "cronjobs",
    "crd": "customresourcedefinitions",
    "crds": "customresourcedefinitions",
    "cs": "componentstatuses",
    "csr": "certificatesigningrequests",
    "deploy": "deployments",
    "ds": "daemonsets",
    "endpoint": "endpoints",
    "ep": "endpoints",
    "ev": "events",
    "hpa": "horizontalpodautoscalers",
    "ing": "ingresses",
    "limits": "limitranges",
    "netpol": "networkpolicies",
    "no": "nodes",
    "ns": "namespaces",
    "pc": "priorityclasses",
    "pdb": "poddisruptionbudgets",
    "po": "pods",
    "psp": "podsecuritypolicies",
    "pv": "persistentvolumes",
    "pvc": "persistentvolumeclaims",
    "quota": "resourcequotas",
    "rc": "replicationcontrollers",
    "rs": "replicasets",
    "sa": "serviceaccounts",
    "sc": "storageclasses",
    "sts": "statefulsets",
    "svc": "services",
}

WORKLOADS = frozenset(
    {
        "CronJob",
        "DaemonSet",
        "Deployment",
        "Job",
        "Pod",
        "PodTemplate",
        "ReplicaSet",
        "ReplicationController",
        "StatefulSet",
    }
)
RBAC = frozenset({"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind that Kubernetes serves."""

    group: str
    kind: str
    plural: str
    namespaced: bool
    subresources: tuple[str, ...] = ()


@cache
def all_kinds() -> tuple[Kind, ...]:
    """Every kind of the table."""
    return tuple(
        Kind(group, kind, plural, scope == "ns", tuple(subresources))
        for group, lines in _TABLE.items()
        for kind, plural, scope, *subresources in (line.split() for line in lines.strip().splitlines())
    )


@cache
def _by_kind() -> dict[tuple[str, str], Kind]:
    return {(kind.group, kind.kind): kind for kind in all_kinds()}


@cache
def _by_plural() -> dict[str, tuple[Kind, ...]]:
    found: dict[str, tuple[Kind, ...]] = {}
    for kind in all_kinds():
        found[kind.plural] = (*found.get(kind.plural, ()), kind)
    return found


@cache
def _guesses() -> dict[str, str]:
    singular = {kind.kind.lower(): kind.plural for kind in all_kinds()}
    return {**_SHORT_NAMES, **singular, **{plural: plural for plural in _by_plural()}}


def kind_named(group: str, kind: str) -> Kind | None:
    """The built-in kind, or None."""
    return _by_kind().get((group, kind))


def resource_for(group: str, kind: str) -> str | None:
    """The plural resource name of a built-in kind: ("apps", "Deployment") gives "deployments"; None if it is not
    one.
    """
    found = kind_named(group, kind)
    return found.plural if found else None


def is_namespaced(group: str, kind: str) -> bool | None:
    """Whether objects of the kind live in a namespace; None if the kind is not built in."""
    found = kind_named(group, kind)
    return found.namespaced if found else None


def kinds_of_resource(plural: str) -> tuple[Kind, ...]:
    """The built-in kinds with this plural resource name, one per group."""
    return _by_plural().get(plural, ())


def groups_of_resource(plural: str) -> frozenset[str]:
    """The API groups that have, or had, a built-in resource of this name: "events" gives core and events.k8s.io."""
    return frozenset(kind.group for kind in kinds_of_resource(plural))


def is_known_group(group: str) -> bool:
    """Whether Kubernetes itself serves, or served, the API group."""
    return group in _TABLE


def guess_resource(text: str) -> str | None:
    """The plural that somebody meant who wrote a kind, a singular or kubectl's short name; None without a guess.

    A right plural is its own answer.  A subresource is kept: "pod/log" gives "pods/log".
    """
    name, slash, subresource = text.partition("/")
    plural = _guesses().get(name.lower())
    return None if plural is None else plural + slash + subresource.lower()
