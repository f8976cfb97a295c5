"""Who a binding is for: users, groups and service accounts.

Follows kubernetes `pkg/registry/rbac/validation/rule.go: appliesToUser`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

AUTHENTICATED = "system:authenticated"
MASTERS = "system:masters"
_ACCOUNTS = "system:serviceaccounts"


@dataclass(frozen=True, slots=True)
class Subject:
    """An entry of `subjects`.  `namespace` only means something for a ServiceAccount."""

    kind: str
    name: str
    namespace: str = ""

    @classmethod
    def from_manifest(cls, subject: object) -> Subject:
        """Read a subject; what is absent or not a string is empty; nothing raises."""
        fields: Mapping[object, object] = subject if isinstance(subject, Mapping) else {}
        return cls(_text(fields.get("kind")), _text(fields.get("name")), _text(fields.get("namespace")))

    def principal(self, binding_namespace: str = "") -> tuple[str, str] | None:
        """What the subject stands for, as ("user" | "group", name); None if it can apply to nobody."""
        if self.kind == "User":
            return "user", self.name
        if self.kind == "Group":
            return "group", self.name
        namespace = self.namespace or binding_namespace
        if self.kind == "ServiceAccount" and namespace:
            return "user", service_account_user(namespace, self.name)
        return None


def service_account_user(namespace: str, name: str) -> str:
    """The user name under which a service account acts."""
    return f"system:serviceaccount:{namespace}:{name}"


def service_account_groups(namespace: str) -> tuple[str, ...]:
    """The groups that every service account of a namespace is in, in the API server's order."""
    return _ACCOUNTS, f"{_ACCOUNTS}:{namespace}", AUTHENTICATED


def service_account_of(user: str) -> tuple[str, str] | None:
    """The namespace and name of the service account that acts under a user name; None if it is nobody's."""
    match user.split(":"):
        case ["system", "serviceaccount", namespace, name] if namespace and name:
            return namespace, name
    return None


def with_implied_groups(user: str, groups: Iterable[str]) -> tuple[str, ...]:
    """The groups of an identity, with those that its being a service account puts it in."""
    given = tuple(groups)
    account = service_account_of(user)
    if account is None:
        return given
    *own, everybody = service_account_groups(account[0])
    named = (*(group for group in own if group not in given), *given)
    return named if everybody in given else (*named, everybody)


def applies_to(subjects: Iterable[Subject], user: str, groups: Iterable[str], binding_namespace: str = "") -> bool:
    """Whether one of a binding's subjects is the user, or a group that the user is in."""
    principals = {subject.principal(binding_namespace) for subject in subjects}
    return ("user", user) in principals or any(("group", group) in principals for group in groups)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
