"""What the API server rejects in the four RBAC kinds, in its own words.

Follows kubernetes `pkg/apis/rbac/validation/validation.go`, after the defaults of
`pkg/apis/rbac/v1/defaults.go`: a missing `apiGroup` of a roleRef or subject is filled in, so it is no
mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from kubelint.cluster.rbac.label_selectors import reject_selector
from kubelint.cluster.rbac.reading import (
    RBAC_KINDS,
    Manifest,
    as_list,
    as_mapping,
    as_text,
    is_template,
    kind_of,
    name_of,
)
from kubelint.cluster.rbac.rules import RBAC_GROUP
from kubelint.cluster.templates import has_template

Path: TypeAlias = tuple[str | int, ...]

_DNS_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


@dataclass(frozen=True, slots=True)
class Rejection:
    """One reason: the path of the field from the object's root, and what the API server says of it."""

    path: Path
    message: str


def validate(obj: Manifest) -> Iterator[Rejection]:
    """Every reason for which an object of the four kinds is rejected.  Template text is never one."""
    kind = kind_of(obj)
    if kind in RBAC_KINDS:
        yield from _validate_name(name_of(obj), ("metadata", "name"))
    if kind in ("Role", "ClusterRole"):
        for index, rule in enumerate(as_list(obj.get("rules"))):
            if not is_template(rule):
                yield from _validate_rule(as_mapping(rule), ("rules", index), namespaced=kind == "Role")
        if kind == "ClusterRole":
            yield from _validate_aggregation(obj)
    elif kind in ("RoleBinding", "ClusterRoleBinding"):
        yield from _validate_role_ref(obj, ("Role", "ClusterRole") if kind == "RoleBinding" else ("ClusterRole",))
        for index, subject in enumerate(as_list(obj.get("subjects"))):
            if not is_template(subject):
                yield from _validate_subject(as_mapping(subject), ("subjects", index), kind == "RoleBinding")


def _validate_rule(rule: Manifest, path: Path, *, namespaced: bool) -> Iterator[Rejection]:
    if not rule.get("verbs"):
        yield Rejection((*path, "verbs"), "verbs must contain at least one value")
    if rule.get("nonResourceURLs"):
        if namespaced:
            yield Rejection((*path, "nonResourceURLs"), "namespaced rules cannot apply to non-resource URLs")
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            message = "rules cannot apply to both regular resources and non-resource URLs"
            yield Rejection((*path, "nonResourceURLs"), message)
        return
    if not rule.get("apiGroups"):
        yield Rejection((*path, "apiGroups"), "resource rules must supply at least one api group")
    if not rule.get("resources"):
        yield Rejection((*path, "resources"), "resource rules must supply at least one resource")


def _validate_aggregation(obj: Manifest) -> Iterator[Rejection]:
    rule = obj.get("aggregationRule")
    if rule is None or is_template(rule):
        return
    if not as_mapping(rule).get("clusterRoleSelectors"):
        yield Rejection(
            ("aggregationRule", "clusterRoleSelectors"),
            "at least one clusterRoleSelector required if aggregationRule is non-nil",
        )
    for index, selector in enumerate(as_list(as_mapping(rule).get("clusterRoleSelectors"))):
        for path, message in () if is_template(selector) else reject_selector(selector):
            yield Rejection(("aggregationRule", "clusterRoleSelectors", index, *path), message)


def _validate_role_ref(obj: Manifest, kinds: tuple[str, ...]) -> Iterator[Rejection]:
    ref = as_mapping(obj.get("roleRef"))
    if is_template(obj.get("roleRef")):
        return
    if not is_template(ref.get("apiGroup")) and ref.get("apiGroup") not in (None, "", RBAC_GROUP):
        yield Rejection(("roleRef", "apiGroup"), _unsupported(ref.get("apiGroup"), (RBAC_GROUP,)))
    if not is_template(ref.get("kind")) and ref.get("kind") not in kinds:
        yield Rejection(("roleRef", "kind"), _unsupported(ref.get("kind"), kinds))
    if not ref.get("name"):
        yield Rejection(("roleRef", "name"), "Required value")
    yield from _validate_name(as_text(ref.get("name")), ("roleRef", "name"))


def _validate_name(name: str, path: Path) -> Iterator[Rejection]:
    """`IsValidPathSegmentName`: anything that fits between two slashes of a URL."""
    if name in (".", ".."):
        yield Rejection(path, f"may not be '{name}'")
    if not has_template(name):
        for char in (char for char in "/%" if char in name):
            yield Rejection(path, f"may not contain '{char}'")


def _validate_subject(subject: Manifest, path: Path, namespaced: bool) -> Iterator[Rejection]:
    kind, name = subject.get("kind"), subject.get("name")
    if not name:
        yield Rejection((*path, "name"), "Required value")
    if is_template(kind):
        return
    if kind == "ServiceAccount":
        yield from _validate_service_account(subject, path, namespaced)
    elif kind in ("User", "Group"):
        group = subject.get("apiGroup")
        if not is_template(group) and group not in (None, "", RBAC_GROUP):
            yield Rejection((*path, "apiGroup"), _unsupported(group, (RBAC_GROUP,)))
    else:
        yield Rejection((*path, "kind"), _unsupported(kind, ("ServiceAccount", "User", "Group")))


def _validate_service_account(subject: Manifest, path: Path, namespaced: bool) -> Iterator[Rejection]:
    name, group = as_text(subject.get("name")), subject.get("apiGroup")
    if name and not is_template(name) and not (_DNS_NAME.fullmatch(name) and len(name) <= 253):
        yield Rejection(
            (*path, "name"),
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
            "and must start and end with an alphanumeric character",
        )
    if not is_template(group) and group not in (None, ""):
        yield Rejection((*path, "apiGroup"), _unsupported(group, ("",)))
    if not namespaced and not subject.get("namespace"):
        yield Rejection((*path, "namespace"), "Required value")


def _unsupported(value: object, supported: tuple[str, ...]) -> str:
    choices = ", ".join(f'"{text}"' for text in sorted(supported))
    return f'Unsupported value: "{as_text(value)}": supported values: {choices}'
