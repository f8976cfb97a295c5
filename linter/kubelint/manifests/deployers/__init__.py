"""Who deploys what: the commands and objects of a tree that deploy, their account, and what they apply."""

from kubelint.manifests.deployers.model import Deployed, DeployerRun, Link, Who
from kubelint.manifests.deployers.reading import deployers

__all__ = ["Deployed", "DeployerRun", "Link", "Who", "deployers"]
