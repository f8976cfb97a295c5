"""What restarts pods when a Secret changes: stakater's Reloader, and what does the same without it.

Follows stakater/Reloader `internal/pkg/options/flags.go` (the annotations) and `pkg/common/common.go`, `ShouldReload`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from kubelint.cluster.go_regexp import compile_go
from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.templates import has_template

DOMAIN = "reloader.stakater.com/"
KINDS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Rollout", "DeploymentConfig"})
"""What Reloader restarts, less jobs, whose every run starts new pods."""
AUTO = "reloader.stakater.com/auto"
SECRET_AUTO = "secret.reloader.stakater.com/auto"
SECRET_RELOAD = "secret.reloader.stakater.com/reload"
SEARCH = "reloader.stakater.com/search"
MATCH = "reloader.stakater.com/match"
IGNORE = "reloader.stakater.com/ignore"
_SECRETS_EXCLUDED = "secrets.exclude.reloader.stakater.com/reload"
_AUTOS = frozenset({AUTO, *(f"{kind}.{AUTO}" for kind in ("secret", "configmap", "secretproviderclass"))})
_EXACTLY_TRUE = frozenset({SEARCH, MATCH, IGNORE})
_WRITTEN_BY_RELOADER = frozenset({f"{DOMAIN}last-reloaded-from", f"deployment.{DOMAIN}paused-at"})
ANNOTATIONS = (
    _AUTOS
    | _EXACTLY_TRUE
    | _WRITTEN_BY_RELOADER
    | {f"{kind}.{DOMAIN}reload" for kind in ("secret", "configmap", "secretproviderclass")}
    | {f"{kinds}.exclude.{DOMAIN}reload" for kinds in ("secrets", "configmaps", "secretproviderclasses")}
    | {f"{DOMAIN}rollout-strategy", f"deployment.{DOMAIN}pause-period"}
)
"""Every annotation that Reloader reads or writes."""
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_KEY = re.compile(r"(?:[A-Za-z0-9-]+\.)*reloader\.stakater\.com/[A-Za-z0-9._-]*")
_PLURALS = {
    "secrets": "secret", "configmaps": "configmap", "config": "configmap", "cm": "configmap", "configs": "configmap",
    "secretproviderclasses": "secretproviderclass",
}  # fmt: skip
_ENDINGS = {
    "auto-reload": "auto", "autoreload": "auto", "enabled": "auto", "enable": "auto",
    "reloads": "reload", "watch": "search",
}  # fmt: skip
_VAULT = "vault.hashicorp.com/"
_OTHERS: dict[str, str] = {
    "wave.pusher.com/update-on-config-change": "true",
    "operator.1password.io/auto-restart": "true",
    "secrets.doppler.com/reload": "true",
    "secrets.infisical.com/auto-reload": "true",
}
"""Annotations with which another controller restarts a workload."""


def is_annotation(key: str) -> bool:
    """Whether `key` is an annotation of Reloader's domain, known or not, and no template."""
    return _KEY.fullmatch(key) is not None


def intended(key: str) -> str | None:
    """The annotation that somebody meant who wrote `key`; None where several may be meant, or none."""
    prefix, _, ending = key.partition("/")
    kinds = prefix.removesuffix("reloader.stakater.com").rstrip(".").lower().split(".")
    ending = _ENDINGS.get(ending.lower(), ending.lower())
    kind = _PLURALS.get(kinds[0], kinds[0])
    if "exclude" in kinds:
        kind = f"{kind}s.exclude" if not kind.endswith("s") else f"{kind}es.exclude"
    if kind == "all":
        kind = ""
    candidate = f"{kind}.{DOMAIN}{ending}" if kind else f"{DOMAIN}{ending}"
    if candidate in ANNOTATIONS:
        return candidate
    if not ending:
        return None
    near = get_close_matches(candidate, sorted(ANNOTATIONS - _WRITTEN_BY_RELOADER), 2, 0.9)
    return near[0] if len(near) == 1 or (near and near[0].partition("/")[0] == candidate.partition("/")[0]) else None


def value_problem(key: str, value: object) -> str | None:
    """Why Reloader, or the API server, does nothing with `value` at a known annotation; None where it is right."""
    if isinstance(value, str) and has_template(value):
        return None
    if value is None:
        return None
    if not isinstance(value, str):
        return f"{_shown(value)} is no string, and the API server takes no other annotations"
    if key in _AUTOS and value and value not in _TRUE | _FALSE:
        return f'`{value}` is neither `"true"` nor `"false"`'
    if key in _EXACTLY_TRUE and value not in ("true", "false", ""):
        return f'only `"true"` counts, not `{value}`'
    return None


def reloads(
    workload: Mapping[str, object],
    pod: Mapping[str, object],
    secret: str,
    secret_annotations: Mapping[str, object] | None = None,
) -> bool | None:
    """Whether Reloader restarts a workload when the Secret called `secret` changes, by the annotations of both.

    None where template text may decide, or what annotations the Secret has is not known (None) and they would.
    """
    if any(has_template(f"{key}{value}") for key, value in (*workload.items(), *pod.items()) if DOMAIN in key):
        return None
    if secret in _excluded(workload) or (secret_annotations or {}).get(IGNORE) == "true":
        return False
    chosen = workload if {AUTO, SECRET_AUTO, SECRET_RELOAD, SEARCH} & workload.keys() else pod
    if _is_listed(str(chosen.get(SECRET_RELOAD) or ""), secret):
        return True
    if any(str(chosen.get(key)) in _TRUE for key in (AUTO, SECRET_AUTO)):
        return True
    if chosen.get(SEARCH) != "true":
        return False
    return None if secret_annotations is None else secret_annotations.get(MATCH) == "true"


def is_switched_off(
    workload: Mapping[str, object],
    pod: Mapping[str, object],
    secret: str,
    secret_annotations: Mapping[str, object] | None = None,
) -> bool:
    """Whether somebody decided that a workload is not to be restarted, or not for the Secret called `secret`."""
    if secret in _excluded(workload) or (secret_annotations or {}).get(IGNORE) == "true":
        return True
    return any(str(annotations.get(key)) in _FALSE for annotations in (workload, pod) for key in (AUTO, SECRET_AUTO))


def restarts_otherwise(workload: Mapping[str, object], pod: Mapping[str, object]) -> bool:
    """Whether something else than Reloader restarts the workload, or hands it the new Secret while it runs."""
    return any(_is_watched(annotations) for annotations in (workload, pod))


def _is_watched(annotations: Mapping[str, object]) -> bool:
    if any(annotations.get(key) == value for key, value in _OTHERS.items()):
        return True
    is_injected = annotations.get(f"{_VAULT}agent-inject") == "true"
    return is_injected and annotations.get(f"{_VAULT}agent-pre-populate-only") != "true"


def restart_targets(root: object) -> frozenset[tuple[str, str]]:
    """The workloads, as kind and name, that Vault's operator restarts for an object of its own
    (`spec.rolloutRestartTargets`).
    """
    targets = as_list(as_mapping(as_mapping(root).get("spec")).get("rolloutRestartTargets"))
    pairs = ((as_mapping(target).get("kind"), as_mapping(target).get("name")) for target in targets)
    return frozenset((kind, name) for kind, name in pairs if isinstance(kind, str) and isinstance(name, str))


def _excluded(workload: Mapping[str, object]) -> list[str]:
    return [item.strip() for item in str(workload.get(_SECRETS_EXCLUDED, "")).split(",")]


def _is_listed(items: str, name: str) -> bool:
    return any(item.strip() and _matches(item.strip(), name) for item in items.split(","))


def _matches(pattern: str, name: str) -> bool:
    expression = compile_go(f"^{pattern}$")
    return pattern == name if expression is None else expression.search(name) is not None


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "a list" if isinstance(value, list) else "a mapping" if isinstance(value, Mapping) else f"`{value}`"
