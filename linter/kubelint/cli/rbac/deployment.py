"""What is deployed, and how."""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

from kubelint.cli.errors import UsageProblem
from kubelint.cli.rbac.clusters import Spot, Tree
from kubelint.cli.rbac.words import check_namespace
from kubelint.cluster.helm import Command, FluxRelease, Helm
from kubelint.cluster.rbac import name_of
from kubelint.manifests import KubeObject

#: Where objects go that name no namespace, if nobody names one.
DEFAULT = "default"
RELEASE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,51}[a-z0-9])?")


class Wish(NamedTuple):
    """How it is to be deployed, each field as the option of its name; empty or None where that was not given."""

    namespace: str = ""
    release: str = ""
    helm: Literal[3, 4] | None = None
    wait: bool = False
    atomic: bool = False
    create_namespace: bool = False
    server_side: bool = False
    flux: bool = False
    render: bool = True


class Part(NamedTuple):
    """An object that is deployed, and where it is written."""

    manifest: dict[str, Any]
    spot: Spot | None

    @property
    def kind(self) -> str:
        """Its kind."""
        return str(self.manifest["kind"])


class Step(NamedTuple):
    """A command, and the kinds of objects that it is about (None: all of them)."""

    command: Command
    kinds: frozenset[str] | None = None


class Deployment(NamedTuple):
    """What is deployed, and how. `words` are the commands as people type them; `name` is short for it all.

    Objects that name no namespace go to `namespace`; `assumed` says that nothing names that one, though it is needed.
    `in_order`: they are written in their order; Helm, Flux and kustomize sort them. `notes` are for people.
    """

    words: str
    name: str
    steps: tuple[Step, ...]
    parts: tuple[Part, ...]
    crds: tuple[Part, ...]
    namespace: str
    assumed: bool
    in_order: bool
    notes: tuple[str, ...]

    @property
    def all_notes(self) -> tuple[str, ...]:
        """The notes, with what was assumed."""
        assumed = f"nothing names a namespace: `{self.namespace}` is assumed (--namespace names another)"
        return (*self.notes, assumed) if self.assumed else self.notes

    @property
    def namespaces_made(self) -> frozenset[str]:
        """The namespaces that the commands themselves create."""
        made = {name_of(part.manifest) for part in self.parts if part.kind == "Namespace"}
        commands = (step.command for step in self.steps)
        creates = any(command.create_namespace for command in commands if isinstance(command, Helm | FluxRelease))
        return frozenset({*made, self.namespace} if creates else made)


def read_wish(*, namespace: str, release: str, helm: str | None, **options: bool) -> Wish:
    """The options of the command line, checked."""
    check_namespace(namespace)
    if release and not RELEASE_NAME.fullmatch(release):
        raise UsageProblem(f"`{release}` is no name for a release", "lower case letters, digits, `-` and `.`")
    version: Literal[3, 4] | None = None if helm is None else 3 if helm == "3" else 4
    if options["flux"]:
        for option in ("helm", "server_side"):
            if {**options, "helm": bool(helm)}[option]:
                raise UsageProblem(f"--{option.replace('_', '-')} and --flux exclude each other")
    return Wish(namespace, release, version, **options)


def part_of(tree: Tree, obj: KubeObject) -> Part:
    """An object that is written in the tree."""
    return Part(manifest_of(obj), tree.spot(obj))


def manifest_of(obj: KubeObject) -> dict[str, Any]:
    """The object as a plain manifest."""
    return {**obj.root.value, "apiVersion": obj.api_version, "kind": obj.kind}
