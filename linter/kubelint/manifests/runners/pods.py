"""The pods of runner objects: where their specs and their service account stand.

Follows actions-runner-controller `apis/actions.summerwind.net/v1alpha1/*_types.go`, and `resourcebuilder.go` of scale
sets: `newEphemeralRunnerPod` takes over `spec.template.spec` as it is, so that a runner whose spec names no account has
`default`. The listener's account is the controller's (`newScaleSetListenerPod`), whatever `listenerTemplate` says.
"""

from __future__ import annotations

from kubelint.cluster.runners import CONFIG_PATHS, LEGACY_GROUP, SCALE_SET_GROUP
from kubelint.manifests.field import Field
from kubelint.manifests.objects import KubeObject

GROUPS = frozenset({LEGACY_GROUP, SCALE_SET_GROUP})
KINDS = frozenset({"AutoscalingRunnerSet", *CONFIG_PATHS})
"""The kinds that make runners."""

DEFAULT_ACCOUNT = "default"
_KEYS = ("serviceAccountName", "serviceAccount")


def is_runner(obj: KubeObject) -> bool:
    """Whether an object makes runners."""
    return obj.group in GROUPS and obj.kind in KINDS


def pod_specs(obj: KubeObject) -> list[Field]:
    """Where a runner object says something of its pods: a RunnerSet in two places."""
    inner = obj.field("spec", "template", "spec")
    own = obj.field(*CONFIG_PATHS.get(obj.kind, ("spec", "template", "spec")))
    return [own] if own.path == inner.path else [own, inner]


def account_field(obj: KubeObject) -> Field:
    """Where a runner object names its account: legacy kinds know one key, pods two."""
    fields = [spec.get(key) for spec in pod_specs(obj) for key in _KEYS]
    if obj.group == LEGACY_GROUP and obj.kind != "RunnerSet":
        fields = fields[:1]
    return next((field for field in fields if not field.absent), fields[0])
