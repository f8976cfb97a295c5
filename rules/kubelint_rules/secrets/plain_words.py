"""The words that this category's rules share. None of them can name a value."""

import shlex
from collections import Counter
from collections.abc import Iterable

from kubelint.checks import Severity
from kubelint.manifests import Document, Project, once_per_project

from .credentials import Credential

FIRST = "revoke and rotate it first, since everyone with a clone has it"
_LAST = "purge it from history with `git filter-repo`"

_SAMPLE_FOLDERS = frozenset({"tests", "test", "testdata", "examples", "example", "docs", "samples", ".archive"})


def remedy(project: Project, file: str, *, refer: str = "") -> str:
    """What to do, in order, with the commands for what this repository encrypts its Secrets with already.

    `file` holds a Secret; or else `refer` says how what stands there refers to one.
    """
    way = _practice(project)
    if not refer:
        move = _MOVE[way].format(file=shlex.quote(file), sealed=shlex.quote(_sealed_name(file)), store=_store(project))
        return f"{FIRST}; then {move}, and {_LAST}"
    return f"{FIRST}; then {_KEEP[way].format(store=_store(project))}, {refer}, and {_LAST}"


def remedy_for(project: Project, document: Document) -> str:
    """What to do about a credential in `document`, whatever that is."""
    kind = document.root.get("kind").text
    if kind is None and _practice(project) != "sops":  # no object, so that no Secret can take it in
        return f"{FIRST}; then {_MOVE['']}, and {_LAST}"
    return remedy(project, document.file, refer="" if kind in (None, "Secret") else "refer to it from here")


_MOVE = {
    "sops": "encrypt the new one as this repository does, with `sops --encrypt --in-place {file}`",
    "sealed": (
        "seal the new one as this repository does, with `kubeseal --format yaml --secret-file {file} "
        "--sealed-secret-file {sealed}`, and commit the sealed file only"
    ),
    "external": "put the new one into the store and let an ExternalSecret fetch it{store}, as this repository does",
    "": "keep it in SOPS, Sealed Secrets or External Secrets",
}
_KEEP = {
    "sops": "keep it in a Secret that is encrypted with `sops --encrypt --in-place FILE`, as this repository does",
    "sealed": "keep it in a Secret that is sealed with `kubeseal --format yaml`, as this repository does",
    "external": "put it into the store and let an ExternalSecret fetch it{store}, as this repository does",
    "": "keep it in a Secret under SOPS, Sealed Secrets or External Secrets",
}


@once_per_project
def _practice(project: Project) -> str:
    """What most Secrets of the tree are kept with; empty where nothing of the kind is seen."""
    encrypted = sum(1 for document in project.documents if document.root.get("sops", "mac").exists)
    uses = {
        "sops": encrypted or len(project.sops_policies),
        "sealed": len(project.objects("SealedSecret")),
        "external": len(project.objects(("ExternalSecret", "ClusterExternalSecret"))),
    }
    way = max(uses, key=lambda name: uses[name])
    return way if uses[way] else ""


@once_per_project
def _store(project: Project) -> str:
    """Through which store most ExternalSecrets of the tree fetch; empty where none is named."""
    named: Counter[str] = Counter()
    for obj in project.objects("ExternalSecret"):
        store = obj.field("spec", "secretStoreRef")
        name = store.get("name").text
        if name:
            named[f"{store.get('kind').text or 'SecretStore'} `{name}`"] += 1
    return f" through {named.most_common(1)[0][0]}" if named else ""


def _sealed_name(file: str) -> str:
    stem, dot, suffix = file.rpartition(".")
    return f"{stem}.sealed.{suffix}" if dot else f"{file}.sealed"


def is_sample(file: str) -> bool:
    """Whether a file lies where tests, examples and retired files lie, so that its credentials are less likely live."""
    return not _SAMPLE_FOLDERS.isdisjoint(file.split("/")[:-1])


def severity_of(file: str, *, proven: bool) -> Severity | None:
    """How bad a credential is that its key gives away: an error if its form proves it; None for the rule's own."""
    if is_sample(file):
        return None if proven else Severity.INFO
    return Severity.ERROR if proven else None


def described(credentials: Iterable[Credential]) -> str:
    """`GitHub token, 40 characters, on its line 6`, and how many others stand beside it."""
    first, *others = credentials
    line = f", on its line {first.line}" if first.line > 1 else ""
    more = f", and {len(others)} more" if others else ""
    return f"{first.kind}, {first.length} characters{line}{more}"
