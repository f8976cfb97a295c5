"""The commands that deploy, as far as they decide which requests are made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias

Version: TypeAlias = Literal[3, 4] | None
"""Of Helm; None where it is not known."""


class Wait(Enum):
    """How Helm waits for the objects of a chart."""

    NONE = "not at all"
    DEFAULT = "as --wait does: Helm 3 polls, Helm 4 watches"
    LEGACY = "as Helm 3 does"


def helm_wait(flag: str | None) -> Wait:
    """What a value of `--wait` means; empty for the bare flag, None where it is not given."""
    if flag is None or flag in ("false", "hookOnly"):
        return Wait.NONE
    return Wait.LEGACY if flag == "legacy" else Wait.DEFAULT


@dataclass(frozen=True, kw_only=True)
class Helm:
    """`helm ACTION`, each field as its flag.

    `atomic` is `--rollback-on-failure` too, `force` is `--force-replace` too. `install` is `upgrade --install`.
    `server_side` is None for Helm's own choice: Helm 4 applies on the server, Helm 3 never. `endless` stands for
    `--timeout 0`. A `dry_run` of `client` asks for nothing that matters here. `storage_namespace` is where releases are
    kept, empty for the namespace of the command.
    """

    action: Literal["install", "upgrade", "rollback", "uninstall", "test"]
    version: Version = None
    wait: Wait = Wait.NONE
    wait_for_jobs: bool = False
    atomic: bool = False
    cleanup_on_fail: bool = False
    create_namespace: bool = False
    hooks: bool = True
    force: bool = False
    install: bool = False
    dry_run: Literal["", "client", "server"] = ""
    take_ownership: bool = False
    server_side: bool | None = None
    skip_crds: bool = False
    keep_history: bool = False
    recreate_pods: bool = False
    logs: bool = False
    endless: bool = False
    driver: Literal["secret", "configmap", "sql", "memory"] = "secret"
    storage_namespace: str = ""
    by_flux: bool = False
    """Whether Flux's helm-controller runs it, which never watches where it uses Helm 4."""


@dataclass(frozen=True, kw_only=True)
class Kubectl:
    """`kubectl ACTION`; `set` stands for `set image` and its like.

    `timeout`: whether one is given that is not 0; `endless` stands for `--timeout 0`. `wait` is that of `delete`.
    `by_list`: whether `wait`, `delete`, `set` and `scale` find the objects by `--all` or a selector. `prune_kinds` are
    those of `--prune-allowlist`, as `group/version/kind`, empty for kubectl's own.
    """

    action: Literal[
        "apply", "create", "delete", "diff", "replace", "rollout restart", "rollout status", "scale", "set", "wait"
    ]
    server_side: bool = False
    prune: bool = False
    prune_kinds: tuple[str, ...] = ()
    dry_run: Literal["", "client", "server"] = ""
    force: bool = False
    wait: bool = True
    timeout: bool = False
    endless: bool = False
    by_list: bool = False


@dataclass(frozen=True, kw_only=True)
class FluxRelease:
    """A HelmRelease that Flux reconciles as a service account; the fields are those of its `spec`.

    `wait` is the absence of `disableWait`; `crds` is False for `install.crds: Skip`. `rolls_back`: whether a failed
    release is rolled back or uninstalled (`remediation`). `version` is the Helm that the controller is built with.
    """

    version: Version = 4
    wait: bool = True
    wait_for_jobs: bool = True
    legacy_wait: bool = False
    create_namespace: bool = False
    hooks: bool = True
    crds: bool = True
    force: bool = False
    server_side: bool | None = None
    test: bool = False
    rolls_back: bool = False
    storage_namespace: str = ""


@dataclass(frozen=True, kw_only=True)
class FluxKustomization:
    """A Kustomization that Flux reconciles as a service account; `wait` is True for `healthChecks` too."""

    prune: bool = False
    wait: bool = False
    force: bool = False


@dataclass(frozen=True, kw_only=True)
class ArgoSync:
    """A sync of Argo CD that impersonates a service account; live objects are watched by Argo CD as itself."""

    server_side: bool = False
    replace: bool = False
    prune: bool = True
    create_namespace: bool = False


Command: TypeAlias = Helm | Kubectl | FluxRelease | FluxKustomization | ArgoSync
