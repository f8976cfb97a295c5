"""The hook in a .pre-commit-config.yaml, put in without touching anything else of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from kubelint.cli.errors import UsageProblem
from kubelint.engine.fixing.changes import CannotEdit, changed
from kubelint.engine.fixing.edits import changes_of
from kubelint.engine.fixing.independent import NotAsMeant, check
from kubelint.engine.fixing.yaml_text import Style, mapping
from kubelint.manifests import Document, Field
from kubelint.manifests.field import Edit
from kubelint.sources import SourceFile, read_documents

HOOKS = ("kubelint", "kubelint-project")
_LOCAL = {"name": "kubelint", "entry": "kubelint check --force-exclude", "language": "system", "require_serial": True}
_OWN = (*_LOCAL, "types", "types_or", "pass_filenames", "always_run")
"""What a local hook has to say, and the repository's own says itself."""


class Origin(NamedTuple):
    """Where pre-commit gets kubelint from: a repository, and a tag or commit of it."""

    url: str
    revision: str

    @property
    def as_keys(self) -> dict[str, str]:
        """How an entry of `repos` names it."""
        return {"repo": self.url, "rev": self.revision}


def known_origin() -> Origin | None:
    """The repository that this kubelint was installed from; None where it was none that others can reach.

    See PEP 610: installers leave `direct_url.json` beside what they install from a repository.
    """
    try:
        data = json.loads(metadata.distribution("kubelint").read_text("direct_url.json") or "{}")
        url, revision = data["url"], data["vcs_info"]["commit_id"]
        parts = urlsplit(url)
    except (metadata.PackageNotFoundError, OSError, ValueError, KeyError, TypeError):
        return None
    reachable = parts.scheme in ("https", "ssh") and parts.hostname and not parts.password
    return Origin(url, revision) if reachable else None


def entry(origin: Origin | None, folder: str = "") -> dict[str, Any]:
    """What is to stand in `repos`: our repository, or without one a hook that runs the `kubelint` that is installed.

    `folder` is the project's root below that of the git repository, if it is another.
    """
    hook = {"id": HOOKS[0], **({} if origin else _LOCAL), **_only_in(folder)}
    return {"repo": "local", "hooks": [hook]} if origin is None else {**origin.as_keys, "hooks": [hook]}


def _only_in(folder: str) -> dict[str, Any]:
    return {"args": ["--root", folder], "files": f"^{re.escape(folder)}/"} if folder else {}


def config_with_hook(
    path: Path, before: str | None, origin: Origin | None, folder: str = "", *, force: bool = False
) -> str:
    """The text of the configuration at `path` with the hook in it. Raises UsageProblem.

    It is as it was if it has the hook; with `force` and an origin the hook that is there is taken from that.
    """
    if before is None:
        return "\n".join(mapping({"repos": [entry(origin, folder)]}, 0, Style())) + "\n"
    source = read_documents(path.name, before)
    _refuse_broken(path, source)
    repos = Document(source.documents[0]).root.get("repos")
    ours = [repo for repo in repos.elements() if _our_hooks(repo)]
    if not ours:
        edits = [repos.append(json.dumps(entry(origin, folder)))]
    elif force and origin is not None:
        edits = [edit for repo in ours for edit in _moved(repos, repo, origin)]
    else:
        return before
    try:
        after = changed(before, changes_of(source, edits))
        check(source, after, edits)
    except (CannotEdit, NotAsMeant) as problem:
        raise UsageProblem(f"cannot put the hook into {path}: {problem}", "do it by hand") from None
    return after


def _refuse_broken(path: Path, source: SourceFile) -> None:
    if source.problems:
        line = source.lines.position(source.problems[0].span.start).line
        raise UsageProblem(f"{path}:{line} is not YAML: {source.problems[0].message}", "mend it first")
    value = source.documents[0].value if len(source.documents) == 1 else None
    if not isinstance(value, dict) or not isinstance(value.get("repos"), list):
        raise UsageProblem(f"{path} holds no list `repos`", "`pre-commit validate-config` says what it should hold")


def _our_hooks(repo: Field) -> list[Field]:
    return [hook for hook in repo.get("hooks").elements() if hook.get("id").value in HOOKS]


def _moved(repos: Field, repo: Field, origin: Origin) -> Iterator[Edit]:
    """What takes our hooks in `repo` from `origin`. What was said of them stays, but for how a local hook is run."""
    ours = _our_hooks(repo)
    is_local = repo.get("repo").value == "local"
    if is_local and len(ours) < len(list(repo.get("hooks").elements())):
        kept = [{key: value for key, value in hook.value.items() if key not in _OWN} for hook in ours]
        yield from (hook.delete() for hook in ours)
        yield repos.append(json.dumps({**origin.as_keys, "hooks": kept}))
        return
    for key, value in origin.as_keys.items():
        field = repo.get(key)
        if field.value != value:
            text = json.dumps(value)
            yield field.replace(text) if field.exists else repo.insert(key, text, ("repo", "rev", "hooks"))
    if is_local:
        yield from (hook.get(key).delete() for hook in ours for key in _OWN if hook.get(key).exists)
