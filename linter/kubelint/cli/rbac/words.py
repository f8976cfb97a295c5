"""What `kubelint rbac` is asked about, in the user's words: a subject, and a request to the API server."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from kubelint.cli.errors import UsageProblem
from kubelint.cluster.kinds import (
    REMOVED_GROUPS,
    Kind,
    guess_resource,
    is_known_group,
    kinds_of_resource,
)
from kubelint.cluster.rbac import (
    AUTHENTICATED,
    MASTERS,
    Request,
    service_account_groups,
    service_account_of,
    service_account_user,
    with_implied_groups,
)
from kubelint.cluster.templates import has_template
from kubelint.manifests import KubeObject

_ANONYMOUS, _UNAUTHENTICATED = "system:anonymous", "system:unauthenticated"
_ACCOUNTS = "system:serviceaccounts"
_SUBJECTS = "write ServiceAccount/NAMESPACE/NAME, User/NAME or Group/NAME"
_KINDS = {"serviceaccount": "ServiceAccount", "sa": "ServiceAccount", "user": "User", "group": "Group"}
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_VERSION = re.compile(r"v[0-9]+((alpha|beta)[0-9]+)?")

#: The verbs that the API server asks about; custom ones exist too.
VERBS = frozenset(
    {
        *("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"),
        *("bind", "escalate", "impersonate", "use", "approve", "sign", "attest"),
        *("head", "post", "put", "options", "proxy", "connect", "*"),
    }
)


class Asked(NamedTuple):
    """The identity that is asked about, as the API server knows it; `user` is empty for the members of a group."""

    kind: str
    name: str
    namespace: str
    user: str
    groups: tuple[str, ...]

    @property
    def is_master(self) -> bool:
        """Whether it may do anything before a rule is read."""
        return MASTERS in self.groups

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def read_subject(text: str, more_groups: Iterable[str] = ()) -> Asked:
    """The identity that `text` names, with the groups that it is surely in and `more_groups`."""
    if has_template(text):
        raise UsageProblem(f"the subject `{text}` is template text", "name one that exists in the cluster")
    written, _, rest = text.partition("/")
    kind = _KINDS.get(written.lower(), "")
    account = service_account_of(rest if kind == "User" else text)
    if account is not None:
        return _account(text, *account, more_groups)
    if kind == "ServiceAccount":
        namespace, _, name = rest.partition("/")
        return _account(text, namespace, name, more_groups)
    if not kind or not rest:
        raise UsageProblem(f"`{text}` names no subject", _SUBJECTS)
    user, groups = (rest, _groups_of_user(rest)) if kind == "User" else ("", _groups_of_group(rest))
    return Asked(kind, rest, "", user, tuple(dict.fromkeys((*groups, *more_groups))))


def _account(text: str, namespace: str, name: str, more_groups: Iterable[str]) -> Asked:
    if not _LABEL.fullmatch(namespace) or not _NAME.fullmatch(name):
        raise UsageProblem(f"`{text}` names no service account", "write ServiceAccount/NAMESPACE/NAME")
    user = service_account_user(namespace, name)
    return Asked("ServiceAccount", name, namespace, user, with_implied_groups(user, dict.fromkeys(more_groups)))


def _groups_of_user(name: str) -> tuple[str, ...]:
    return (_UNAUTHENTICATED,) if name == _ANONYMOUS else (AUTHENTICATED,)


def _groups_of_group(name: str) -> tuple[str, ...]:
    """The groups that every member of a group is in."""
    if name == _UNAUTHENTICATED:
        return (name,)
    if name.startswith(f"{_ACCOUNTS}:"):
        return service_account_groups(name.removeprefix(f"{_ACCOUNTS}:"))
    return name, AUTHENTICATED


@dataclass(frozen=True)
class Question:
    """A request, and how people write its resource."""

    request: Request

    def __str__(self) -> str:
        asked = self.request
        if asked.path:
            return f"{asked.verb} {asked.path}"
        subresource = f"/{asked.subresource}" if asked.subresource else ""
        group = f".{asked.api_group}" if asked.api_group and asked.api_group != "*" else ""
        name = f" {asked.name}" if asked.name else ""
        where = f" in namespace {asked.namespace}" if asked.namespace else ""
        return f"{asked.verb} {asked.resource}{group}{subresource}{name}{where}"


def read_question(verb: str, resource: str, namespace: str, name: str, served: Iterable[Kind]) -> Question:
    """The request of a command line; `served` are the kinds that the tree itself defines."""
    for text in (verb, resource, namespace, name):
        if has_template(text):
            raise UsageProblem(f"`{text}` is template text", "write what will stand in its place")
    if not verb.strip():
        raise UsageProblem("an empty verb asks for nothing", "such as `get`, `list`, `create`")
    if resource.startswith("/"):
        if namespace or name:
            raise UsageProblem(f"{resource} is a URL", "leave out --namespace and --name")
        return Question(Request(verb.lower(), path=resource))
    check_namespace(namespace)
    plural, group, subresource, kind = _resource(resource, tuple(served))
    # Who writes a RoleBinding is asked for `bind` on its ClusterRole in the binding's namespace.
    if kind is not None and not kind.namespaced and namespace and plural != "namespaces" and verb.lower() != "bind":
        raise UsageProblem(f"`{plural}` live in no namespace", "leave out --namespace")
    if plural == "namespaces" and not group and name and not namespace:
        namespace = name  # a request about a namespace is made within it: RoleBindings there count
    return Question(Request(verb.lower(), group, plural, subresource, name, namespace))


def check_namespace(namespace: str) -> None:
    """Refuse what is no name for a namespace; an empty one stands for none."""
    if namespace and not _LABEL.fullmatch(namespace):
        raise UsageProblem(f"`{namespace}` is no name for a namespace", "lower case letters, digits and `-`")


def near_verb(verb: str) -> str | None:
    """What to say of a verb that Kubernetes does not use; None if it does."""
    if verb.lower() in VERBS:
        return None
    near = get_close_matches(verb.lower(), VERBS, 1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    return f"`{verb}` is no verb that Kubernetes itself asks about{hint}"


def _resource(text: str, served: tuple[Kind, ...]) -> tuple[str, str, str, Kind | None]:
    """The plural, group and subresource that `text` names, and the kind if it is known."""
    resource, _, subresource = text.partition("/")
    word, dot, group = resource.partition(".")
    version, _, rest = group.partition(".")
    group = rest if _VERSION.fullmatch(version) else group
    if not word:
        raise UsageProblem(f"`{text}` names no resource", "such as `pods`, `deployments.apps`, `pods/log`")
    if word == "*":
        return word, group if dot else "*", subresource, None
    kind = _known(word, group if dot else None, served)
    if kind is None:
        return _unknown(word, group, dot), group, subresource, None
    _check_subresource(kind, subresource, served)
    return kind.plural, kind.group, subresource, kind


def _known(word: str, group: str | None, served: tuple[Kind, ...]) -> Kind | None:
    """The kind that a plural, kind or short name stands for: of Kubernetes itself, else of the tree's definitions."""
    kinds = kinds_of_resource(guess_resource(word) or "")
    found = [kind for kind in kinds if (kind.group not in REMOVED_GROUPS if group is None else kind.group == group)]
    if found:
        return min(found, key=lambda kind: kind.group)  # core before others, as kubectl has it
    wanted = word.lower()
    own = [kind for kind in served if wanted in (kind.plural, kind.kind.lower()) and group in (None, kind.group)]
    if len({kind.group for kind in own}) > 1:
        names = ", ".join(f"`{kind.plural}.{kind.group}`" for kind in own)
        raise UsageProblem(f"`{word}` is in several groups", f"write one of {names}")
    return own[0] if own else None


def _unknown(word: str, group: str, dot: str) -> str:
    """The plural of a resource that nothing is known of but its group."""
    others = sorted(kind.group for kind in kinds_of_resource(guess_resource(word) or ""))
    if not dot:
        raise UsageProblem(f"`{word}` is no resource of Kubernetes or of the tree", f"add its group: `{word}.GROUP`")
    if is_known_group(group):
        hint = f"it is in {', '.join(other or 'the core group' for other in others)}" if others else ""
        raise UsageProblem(f"there are no `{word}` in the group `{group}`", hint)
    return word.lower()


def _check_subresource(kind: Kind, subresource: str, served: tuple[Kind, ...]) -> None:
    if not subresource or subresource == "*" or kind in served or subresource in kind.subresources:
        return
    names = ", ".join(kind.subresources) or "none"
    raise UsageProblem(
        f"`{kind.plural}` have no subresource `{subresource}` (but: {names})", "an object's name goes to --name"
    )


def defined_kinds(definitions: Iterable[KubeObject]) -> list[Kind]:
    """The kinds that CustomResourceDefinitions define."""
    found = []
    for definition in definitions:
        spec = definition.field("spec")
        group, plural = spec.get("group").text, spec.get("names", "plural").text
        if group and plural:
            kind = spec.get("names", "kind").text or plural
            short = spec.get("names", "shortNames").strings()
            namespaced = spec.get("scope").text != "Cluster"
            found += [Kind(group, name, plural, namespaced) for name in (kind, *short)]
    return found
