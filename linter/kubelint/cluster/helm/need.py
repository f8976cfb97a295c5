"""One request that a deployer makes, why, and what becomes of the command if it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kubelint.cluster.rbac import Request


class Without(Enum):
    """What happens if the request is refused."""

    REFUSED = "the command fails at once"
    HANGS_UNTIL_TIMEOUT = "the command hangs until its timeout"
    HANGS_FOR_EVER = "the command hangs for ever"
    DEGRADED = "the command goes on and leaves something undone"


class Occasion(Enum):
    """When the request is made."""

    ALWAYS = "every time"
    NOT_THERE = "when it does not exist yet"
    THERE = "when it exists already"
    ADDED = "when an upgrade brings an object that the release did not have"
    REMOVED = "when an object has left what is deployed"
    OLD_REVISIONS = "once there are more revisions than are kept, ten by default"
    FAILURE = "when the command fails and cleans up"

    @property
    def rare(self) -> bool:
        """Whether a deployer may go on for long without this occasion."""
        return self in (Occasion.ADDED, Occasion.REMOVED, Occasion.OLD_REVISIONS, Occasion.FAILURE)


@dataclass(frozen=True, slots=True)
class Need:
    """One request of a command.

    `request.name` is empty where the request carries no name, or one that only the cluster knows. `why` says in plain
    words what the request is for. `helm` is 3 or 4 where it is not known which of them runs and they differ here, else
    None; `certain` is False where the other one could do without. `about` holds the positions of the objects that it is
    made for, in the list that was given. `unknown` says why the request is not fully known (a namespace that is
    template text, a kind whose plural no file tells); empty if it is. What is not known can't be missing. `any_name` is
    True where only the name is not known, so that the right to do it under any name is surely enough.
    """

    request: Request
    why: str
    without: Without = Without.REFUSED
    occasion: Occasion = Occasion.ALWAYS
    helm: int | None = None
    certain: bool = True
    about: tuple[int, ...] = ()
    unknown: str = ""
    any_name: bool = False

    @property
    def optional(self) -> bool:
        """Whether a deployer may get along without: it may never come to it, or only the other Helm asks for it."""
        return self.occasion.rare or not self.certain
