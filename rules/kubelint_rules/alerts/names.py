"""The alerts that watch the monitoring itself, by the names and the metrics that everybody knows them by.

The names are those of kube-prometheus' `manifests/*-prometheusRule.yaml`, which the charts' default rules are made of.
"""

from __future__ import annotations

import re

from kubelint.cluster.promql import Binary, Number, Query, selectors
from kubelint.cluster.promql.meaning import conditions, is_constant

WATCHDOG = "Watchdog"
META_NAMES = frozenset(
    {
        "Watchdog", "TargetDown", "PrometheusBadConfig", "PrometheusNotConnectedToAlertmanagers",
        "PrometheusErrorSendingAlertsToAnyAlertmanager", "PrometheusErrorSendingAlertsToSomeAlertmanagers",
        "PrometheusNotificationQueueRunningFull", "PrometheusRuleFailures", "PrometheusMissingRuleEvaluations",
        "PrometheusNotIngestingSamples", "PrometheusRemoteStorageFailures", "PrometheusTargetSyncFailure",
        "PrometheusSDRefreshFailure", "AlertmanagerFailedReload", "AlertmanagerFailedToSendAlerts",
        "AlertmanagerClusterFailedToSendAlerts", "AlertmanagerConfigInconsistent", "AlertmanagerMembersInconsistent",
        "AlertmanagerClusterDown", "AlertmanagerClusterCrashlooping", "PrometheusOperatorSyncFailed",
        "PrometheusOperatorRejectedResources", "ConfigReloaderSidecarErrors", "KubeStateMetricsListErrors",
        "KubeStateMetricsWatchErrors",
    }
)  # fmt: skip
OTHER_NAMES = frozenset(
    {
        "InfoInhibitor", "CPUThrottlingHigh", "KubePodCrashLooping", "KubePodNotReady", "KubeMemoryOvercommit",
        "KubeCPUOvercommit", "KubeControllerManagerDown", "KubeSchedulerDown", "KubeProxyDown", "KubeAPIDown",
        "KubeletDown", "KubeNodeNotReady", "KubeJobFailed", "KubeHpaMaxedOut", "KubeAggregatedAPIErrors",
        "KubeClientCertificateExpiration", "KubePersistentVolumeFillingUp", "KubeVersionMismatch",
        "NodeClockNotSynchronising", "NodeClockSkewDetected", "NodeFilesystemSpaceFillingUp", "NodeRAIDDegraded",
        "NodeFilesystemAlmostOutOfSpace", "NodeTextFileCollectorScrapeError", "NodeMemoryHighUtilization",
        "NodeHighNumberConntrackEntriesUsed", "NodeNetworkInterfaceFlapping", "PrometheusDuplicateTimestamps",
        "PrometheusOutOfOrderTimestamps", "etcdInsufficientMembers", "etcdMembersDown", "etcdNoLeader",
    }
)  # fmt: skip
_META_METRIC = re.compile(
    r"(?:prometheus_(?:notifications|rule|config|sd|tsdb)|alertmanager_(?:config|notifications|cluster)"
    r"|vmalert_|vm_(?:rows_ignored|app)|prometheus_operator)_?.*"
)


def is_dead_mans_switch(query: Query) -> bool:
    """Whether an alert with this expression always fires."""
    return is_constant(query) and not any(isinstance(node, Binary) for node in query.nodes)


def watches_monitoring(query: Query) -> bool:
    """Whether an alert with this expression tells of failures of the monitoring: of targets, of Prometheus, of
    Alertmanager; or is a dead man's switch.
    """
    if is_dead_mans_switch(query) or any(_META_METRIC.fullmatch(metric) for metric in query.metrics):
        return True
    if "up" not in query.metrics:
        return False
    if query.calls & {"absent", "absent_over_time"}:
        return True
    return any(
        isinstance(condition.right, Number)
        and {selector.name for selector in selectors(condition.left)} == {"up"}
        and (condition.op in ("<", "<=", "!=") or (condition.op == "==" and condition.right.value == 0))
        for condition in conditions(query.root)
    )
