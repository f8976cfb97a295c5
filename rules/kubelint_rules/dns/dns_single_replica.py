"""Rule: dns-single-replica."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Edit, KubeObject, Project
from kubelint.manifests.orders import WORKLOAD_SPEC
from kubelint_rules.dns.cluster_dns import MARKS, NEEDS, cluster_dns
from kubelint_rules.dns.edits import change, set_key
from kubelint_rules.dns.packaged import MARKS as OF_SERVERS
from kubelint_rules.dns.packaged import Packaged, packaged_dns
from kubelint_rules.dns.view import ClusterDns

_NOTES = {
    False: "draining its node stops name resolution for the whole cluster",
    True: "without one, no name in the cluster is resolved",
}


class DnsSingleReplica(ProjectRule):
    """Cluster DNS runs as one pod.

    ## What it does
    Checks the Deployment that answers for the cluster's names (CoreDNS or kube-dns in `kube-system`) for a single
    replica: `replicas: 1`, no `replicas` and nothing that scales it, or an autoscaler that may go down to one or
    none. It follows HorizontalPodAutoscalers, KEDA ScaledObjects, the cluster-proportional-autoscaler and what
    kustomizations make of it, by `replicas` and by patches. Of releases of the charts `coredns` and `rke2-coredns`
    it reads the values as the charts do: `replicaCount`, whose default is 1, `autoscaler` and `hpa`. Values that
    come from outside of the tree leave it silent. Where the tree holds the configuration of k3s servers, and
    nothing in it speaks of their DNS, it says that k3s ships one replica, as an info.

    ## Why it matters
    Every pod resolves every name through it. While its one pod moves, because the node is drained, updated
    or lost, nothing in the cluster finds anything: not the database, not the API server by name, not the
    image registry. It lasts until the new pod runs and is ready, which takes minutes if the node died.

    What a distribution ships decides what there is to do:

    - **k3s** ships a Deployment without `replicas`, which is one, and a rule that spreads further ones over nodes. It
      writes its manifest anew at each start, so do not edit that. `kubectl -n kube-system scale deployment coredns
      --replicas=2` survives restarts and updates, because the manifest says nothing of replicas; the repository then
      holds no trace of it. To keep it in git, start all servers with `--disable coredns` and deploy the chart.
    - **RKE2** ships the chart `rke2-coredns` with an autoscaler that keeps two replicas on two nodes. A
      HelmChartConfig `rke2-coredns` in `kube-system` with `autoscaler.enabled: false` turns that off; then set
      `replicaCount: 2` there.
    - **kubeadm** ships two, and keeps what it finds when it upgrades: `kubectl -n kube-system scale deployment coredns
      --replicas=2`. ClusterConfiguration has no field for it.
    - **Amazon EKS** ships two. The add-on takes `replicaCount`, or `autoScaling` with `minReplicas`: `aws eks
      update-addon --cluster-name NAME --addon-name coredns --configuration-values '{"replicaCount":2}'`.
    - **The chart** `coredns/coredns` has `replicaCount: 1`, no autoscaler, no spreading and no disruption budget by
      default: `helm upgrade coredns coredns/coredns -n kube-system --reuse-values --set replicaCount=2`, or better the
      same in the values that you keep.

    ## Example
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: coredns
      namespace: kube-system
    spec:
      replicas: 1
      selector: {matchLabels: {k8s-app: kube-dns}}
      template:
        metadata: {labels: {k8s-app: kube-dns}}
        spec:
          containers:
            - name: coredns
              image: registry.k8s.io/coredns/coredns:v1.12.0
    ```

    ## Use instead
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: coredns
      namespace: kube-system
    spec:
      replicas: 2
      selector: {matchLabels: {k8s-app: kube-dns}}
      template:
        metadata: {labels: {k8s-app: kube-dns}}
        spec:
          topologySpreadConstraints:
            - maxSkew: 1
              topologyKey: kubernetes.io/hostname
              whenUnsatisfiable: ScheduleAnyway
              labelSelector: {matchLabels: {k8s-app: kube-dns}}
          containers:
            - name: coredns
              image: registry.k8s.io/coredns/coredns:v1.12.0
    ```

    ## When to ignore
    In a cluster of one node. It is silent by itself where a list of all nodes, such as a Talos configuration,
    names one, and in a folder called `dev`, `local`, `k3d` or `kind`; else declare the node under `cluster.nodes`.

    ## Fix safety
    Unsafe: the second replica needs room on another node. There is none for the manifest that k3s writes itself.

    ## References
    - [Customizing DNS Service](https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/)
    - coredns/helm `charts/coredns/values.yaml`
    - [k3s: packaged components](https://docs.k3s.io/installation/packaged-components), k3s `manifests/coredns.yaml`
    - kubernetes `cmd/kubeadm/app/phases/addons/dns/dns.go`; [EKS: scaling CoreDNS](https://docs.aws.amazon.com/eks/latest/userguide/coredns-autoscaling.html)
    - [Autoscale the DNS Service](https://kubernetes.io/docs/tasks/administer-cluster/dns-horizontal-autoscaling/)
    """

    meta = RuleMeta(
        id="dns-single-replica",
        summary="cluster DNS runs one replica",
        category=Category.DNS,
        severity=Severity.ERROR,
        incident=4,
        since="0.1.0",
        fixable=True,
    )
    needs = NEEDS
    marks = (*MARKS, *OF_SERVERS)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every DNS that keeps one replica."""
        for dns in cluster_dns(project):
            if dns.minimum == 1 or (dns.minimum == 0 and dns.autoscaled):
                yield self._finding(dns)
        for packaged in packaged_dns(project):
            yield self._of_k3s(packaged)

    def _of_k3s(self, packaged: Packaged) -> Finding:
        return self.finding(
            "k3s ships one replica of cluster DNS, and nothing here says otherwise",
            at=packaged.at,
            note=_NOTES[False],
            severity=Severity.INFO,
        ).help(
            "run `kubectl -n kube-system scale deployment coredns --replicas=2`, which k3s leaves as it is, or disable"
            " `coredns` and deploy it yourself"
        )

    def _finding(self, dns: ClusterDns) -> Finding:
        found = self.finding(f"cluster DNS `{dns.name}` {_state(dns)}", at=dns.at, note=_NOTES[dns.minimum == 0])
        if dns.autoscaled:
            return found.label(dns.subject, "this is what it scales").help(
                "keep at least 2 replicas and spread them over nodes"
            )
        if _is_packaged(dns):
            return found.help(
                "k3s writes this file anew when it starts: patch it with `replicas: 2`, or scale the Deployment, which"
                " k3s leaves as it is"
            )
        return found.help("run 2 or more replicas and spread them over nodes").fix(_fix(dns))


def _state(dns: ClusterDns) -> str:
    if dns.autoscaled:
        return f"may be scaled down to {'no' if dns.minimum == 0 else dns.minimum} replica"
    default = dns.values is not None and not dns.at.exists
    return "runs 1 replica, which is the chart's default" if default else "runs 1 replica"


def _is_packaged(dns: ClusterDns) -> bool:
    """Whether this is the manifest that comes with k3s, which says nothing of replicas, as it was shipped."""
    return isinstance(dns.subject, KubeObject) and not dns.at.exists and dns.is_of_k3s


def _fix(dns: ClusterDns) -> Fix | None:
    name = dns.at.name
    if isinstance(dns.subject, KubeObject) and not dns.at.exists:
        edit: Edit | None = dns.subject.field("spec").insert(name, "2", WORKLOAD_SPEC)
    else:
        edit = change(dns, dns.at, "2") if dns.at.exists else set_key(dns, name, "2")
    return None if edit is None else Fix.unsafe(f"set `{name}` to `2`", edit)
