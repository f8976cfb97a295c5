"""Role-based access control as the API server decides it: what is allowed, what covers what, who may grant what."""

from kubelint.cluster.rbac.authorizer import RESOURCES, Authorizer, Decision, Holding, Rules, Verdict
from kubelint.cluster.rbac.catalog import RoleRules, builtin_manifests
from kubelint.cluster.rbac.reading import name_of, namespace_of
from kubelint.cluster.rbac.rules import (
    FULL_AUTHORITY,
    RBAC_GROUP,
    Coverage,
    PolicyRule,
    Request,
    compact,
    covers,
    non_resource_url_covers,
    rule_allows,
)
from kubelint.cluster.rbac.subjects import (
    AUTHENTICATED,
    MASTERS,
    Subject,
    applies_to,
    service_account_groups,
    service_account_of,
    service_account_user,
    with_implied_groups,
)
from kubelint.cluster.rbac.validation import Rejection, validate

__all__ = [
    "AUTHENTICATED",
    "FULL_AUTHORITY",
    "MASTERS",
    "RBAC_GROUP",
    "RESOURCES",
    "Authorizer",
    "Coverage",
    "Decision",
    "Holding",
    "PolicyRule",
    "Rejection",
    "Request",
    "RoleRules",
    "Rules",
    "Subject",
    "Verdict",
    "applies_to",
    "builtin_manifests",
    "compact",
    "covers",
    "name_of",
    "namespace_of",
    "non_resource_url_covers",
    "rule_allows",
    "service_account_groups",
    "service_account_of",
    "service_account_user",
    "validate",
    "with_implied_groups",
]
