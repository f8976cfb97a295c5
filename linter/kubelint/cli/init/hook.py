"""The hook in a .pre-commit-config.yaml, put in without touching anything else of it."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from kubelint.cli.errors import UsageProblem
from kubelint.engine.fixing.changes import CannotEdit, changed
from kubelint.engine.fixing.edits import changes_of
from kubelint.engine.fixing.independent import NotAsMeant, check
from kubelint.engine.fixing.yaml_text import Style, mapping
from kubelint.manifests import Document
from kubelint.sources import SourceFile, read_documents

HOOKS = ("kubelint", "kubelint-project")


class Origin(NamedTuple):
    """Where pre-commit gets kubelint from: a repository, and a tag or commit of it."""

    url: str
    revision: str


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


def entry(origin: Origin | None) -> dict[str, Any]:
    """What is to stand in `repos`: our repository, or without one a hook that runs the `kubelint` that is installed."""
    if origin is not None:
        return {"repo": origin.url, "rev": origin.revision, "hooks": [{"id": HOOKS[0]}]}
    hook = {
        "id": HOOKS[0],
        "name": "kubelint",
        "entry": "kubelint check --force-exclude",
        "language": "system",
        "types_or": ["yaml", "json"],
        "require_serial": True,
    }
    return {"repo": "local", "hooks": [hook]}


def config_with_hook(path: Path, before: str | None, origin: Origin | None) -> str:
    """The text of the configuration at `path` with the hook in it; as it was if it has it. Raises UsageProblem."""
    if before is None:
        return "\n".join(mapping({"repos": [entry(origin)]}, 0, Style())) + "\n"
    source = read_documents(path.name, before)
    repos = _repos(path, source)
    if any(_has_hook(each) for each in repos):
        return before
    edit = Document(source.documents[0]).root.get("repos").append(json.dumps(entry(origin)))
    try:
        after = changed(before, changes_of(source, [edit]))
        check(source, after, [edit])
    except (CannotEdit, NotAsMeant) as problem:
        raise UsageProblem(f"cannot add the hook to {path}: {problem}", "add it by hand") from None
    return after


def _repos(path: Path, source: SourceFile) -> list[Any]:
    if source.problems:
        line = source.lines.position(source.problems[0].span.start).line
        raise UsageProblem(f"{path}:{line} is not YAML: {source.problems[0].message}", "mend it first")
    value = source.documents[0].value if len(source.documents) == 1 else None
    repos = value.get("repos") if isinstance(value, dict) else None
    if not isinstance(repos, list):
        raise UsageProblem(f"{path} holds no list `repos`", "`pre-commit validate-config` says what it should hold")
    return repos


def _has_hook(repo: Any) -> bool:
    hooks = repo.get("hooks") if isinstance(repo, dict) else None
    return any(
        isinstance(hook, dict) and hook.get("id") in HOOKS for hook in (hooks if isinstance(hooks, list) else [])
    )
