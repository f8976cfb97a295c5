"""Who asks: users, groups and service accounts, as subjects of bindings name them."""

from __future__ import annotations

from dataclasses import dataclass

from kubelint.cluster.rbac import AUTHENTICATED, Subject, service_account_groups, service_account_user


@dataclass(frozen=True)
class Identity:
    """A subject as the API server knows it.  A service account's `namespace` is its own."""

    kind: str
    name: str
    namespace: str = ""

    @property
    def user(self) -> str:
        """The user name of its requests; empty for a group, whose members have any."""
        if self.kind == "ServiceAccount":
            return service_account_user(self.namespace, self.name)
        return self.name if self.kind == "User" else ""

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that it is surely in."""
        if self.kind == "ServiceAccount":
            return service_account_groups(self.namespace)
        return (AUTHENTICATED,) if self.kind == "User" else (self.name, AUTHENTICATED)

    @property
    def is_of_a_cloud(self) -> bool:
        """Whether a cloud's own access management knows it too, so that RBAC is not all that it has."""
        return self.kind != "ServiceAccount" and (
            self.name.startswith("arn:") or self.name.endswith(".gserviceaccount.com") or _is_guid(self.name)
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def identity_of(subject: Subject, binding_namespace: str) -> Identity | None:
    """Who a binding's subject is; None for what no request can come from."""
    if subject.principal(binding_namespace) is None or not subject.name:
        return None
    namespace = (subject.namespace or binding_namespace) if subject.kind == "ServiceAccount" else ""
    return Identity(subject.kind, subject.name, namespace)


def _is_guid(name: str) -> bool:
    return len(name) == 36 and [len(part) for part in name.split("-")] == [8, 4, 4, 4, 12]
