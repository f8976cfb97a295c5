"""One thing that deploys, as whom, and what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from kubelint.cluster.helm import Command
from kubelint.manifests.access import Identity
from kubelint.manifests.field import Field
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.shell.passages import Place

Source = Literal["configuration", "flux", "argo", "container", "workflow"]


class Link(NamedTuple):
    """A step of the way from a command to its account: where it is written, and what to say there."""

    at: Place
    says: str


class Who(NamedTuple):
    """The identity that deploys. None where files do not tell it; `unknown` then says why.

    `chain` leads from the command to the account: the job, the runner object, the field that names the account.
    `declared`: it is known from the configuration alone, as the only deployer.
    """

    identity: Identity | None
    unknown: str = ""
    chain: tuple[Link, ...] = ()
    declared: bool = False


@dataclass(frozen=True)
class Deployed:
    """What is deployed, as plain manifests, and the objects of the tree that they are (None for one that is only
    named). Not `complete` where there is more, which files do not show; then `sure` are the positions of those rendered
    objects that are there whatever the values are.
    """

    manifests: tuple[Mapping[str, Any], ...] = ()
    objects: tuple[KubeObject | None, ...] = ()
    crds: tuple[Mapping[str, Any], ...] = ()
    complete: bool = False
    sure: frozenset[int] = frozenset()


@dataclass(frozen=True)
class DeployerRun:
    """A command, or an object of Flux or Argo CD, that deploys into `namespace` (empty where that is not known).

    `at` is where it is written. `command` is None for an identity that the configuration names, of which no more is
    known. `scope` and `repository` say which cluster and files it belongs to.
    """

    source: Source
    who: Who
    at: Place | None
    command: Command | None = None
    namespace: str = ""
    deployed: Deployed = field(default_factory=Deployed)
    scope: str = ""
    repository: str = ""

    @property
    def home(self) -> str:
        """Where the account's rights are to be expected: the namespace that it deploys into, else its own.

        A Kustomization of Flux without `targetNamespace` deploys into none, and cluster-scoped objects all the same.
        """
        return self.namespace or (self.who.identity.namespace if self.who.identity is not None else "")


def service_account(
    field_: Field, namespace: str | None, default: str | None, owner: str
) -> tuple[Identity | None, str]:
    """The account that a field names, `default` where it names none; or why it is not known."""
    name = default if field_.absent else field_.text
    if name is None or not name:
        return None, f"the service account of {owner} is not known"
    if namespace is None:
        return None, f"the namespace of {owner} is not known"
    return Identity("ServiceAccount", name, namespace), ""
