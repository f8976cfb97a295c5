"""In which order people write the keys of some mappings, as the examples in the documentation of each have it: there
a reader looks for one that a fix adds.
"""

CONTAINER = (
    "name",
    "image",
    "imagePullPolicy",
    "command",
    "args",
    "workingDir",
    "env",
    "envFrom",
    "ports",
    "resources",
)
POD_SPEC = (
    "serviceAccountName", "hostNetwork", "priorityClassName", "nodeSelector", "affinity",
    "topologySpreadConstraints", "tolerations", "securityContext", "initContainers", "containers", "volumes",
)  # fmt: skip
WORKLOAD_SPEC = ("replicas", "revisionHistoryLimit", "strategy", "serviceName", "selector", "template")
SECRET = ("apiVersion", "kind", "metadata", "type", "immutable", "data", "stringData")
HELM_RELEASE = ("chart", "chartRef", "install", "upgrade", "uninstall", "valuesFrom", "values")
HELM_CHART = ("repo", "chart", "version", "targetNamespace", "set", "valuesSecrets", "valuesContent")
CONTROLLER = ("enabled", "type", "name", "namespace", "labels", "annotations", "replicas", "strategy", "pod", *POD_SPEC)
"""Values of charts that define pods, such as the controllers of bjw-s' app-template."""
ALERT = ("alert", "expr", "for", "keep_firing_for", "labels", "annotations")
PLAY = ("name", "hosts", "serial", "gather_facts", "become", "vars", "pre_tasks", "roles", "tasks", "handlers")
UPGRADE_PLAN = ("concurrency", "cordon", "drain", "nodeSelector", "tolerations", "prepare", "upgrade", "version")
LONGHORN_NODE = ("name", "allowScheduling", "evictionRequested", "tags", "disks")
