"""Who deploys what: the commands and objects of a tree that deploy, their account, and what they apply."""

from kubelint.manifests.deployers.mending import flow_rule, links_to_account, role_to_mend, roles_of
from kubelint.manifests.deployers.model import Deployed, DeployerRun, Link, Who
from kubelint.manifests.deployers.purposes import Purpose, resources_of
from kubelint.manifests.deployers.reading import deployers
from kubelint.manifests.deployers.requests import NEEDS, Asked, Bindings, KnownRun, is_told, known_runs
from kubelint.manifests.deployers.role_writes import Written, written_roles

__all__ = [
    "NEEDS",
    "Asked",
    "Bindings",
    "Deployed",
    "DeployerRun",
    "KnownRun",
    "Link",
    "Purpose",
    "Who",
    "Written",
    "deployers",
    "flow_rule",
    "is_told",
    "known_runs",
    "links_to_account",
    "resources_of",
    "role_to_mend",
    "roles_of",
    "written_roles",
]
