"""Who holds which role in the tree, and what each of them may do."""

from kubelint.manifests.access.grants import NEEDS, Access, Grant, access_to
from kubelint.manifests.access.identities import Identity
from kubelint.manifests.access.written import WrittenRule, written_rules

__all__ = ["NEEDS", "Access", "Grant", "Identity", "WrittenRule", "access_to", "written_rules"]
