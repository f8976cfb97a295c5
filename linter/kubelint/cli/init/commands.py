"""What `kubelint init` writes: everything is worked out before the first file is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from kubelint.checks import load_rules
from kubelint.cli.completion import folders
from kubelint.cli.errors import UsageProblem
from kubelint.cli.facts import understood
from kubelint.cli.init.first_baseline import accept, shown
from kubelint.cli.init.first_settings import first_settings
from kubelint.cli.init.hook import Origin, config_with_hook, known_origin
from kubelint.cli.workspace import Request, Workspace
from kubelint.config.load import find_config
from kubelint.config.model import CONFIG_NAMES
from kubelint.config.schema import build_schema
from kubelint.engine.fixing.writing import NotWritten, write
from kubelint.reporters.style import clean

PRE_COMMIT = ".pre-commit-config.yaml"
SCHEMA = "kubelint.schema.json"


class Planned(NamedTuple):
    """A file to write. `before` is what it holds, None where it is not there; `remark` is for the user."""

    path: Path
    before: str | None
    after: str
    remark: str = ""


@click.command("init")
@click.argument("path", default=".", shell_complete=folders)
@click.option("--pre-commit", is_flag=True, help=f"Add the hook to {PRE_COMMIT}, or start one.")
@click.option("--repo", metavar="URL", help="With --pre-commit: where pre-commit gets kubelint from.")
@click.option("--rev", metavar="REV", help="With --repo: its tag or commit.")
@click.option("--baseline", is_flag=True, help="Accept the findings that are there: `kubelint baseline write`.")
@click.option("--schema", is_flag=True, help=f"Write {SCHEMA} too, from which editors complete kubelint.yaml.")
@click.option(
    "--force",
    is_flag=True,
    help="Write anew what is there already: what the options name, kubelint.yaml if they name nothing.",
)
@click.pass_context
def command(ctx: click.Context, /, path: str, **options: Any) -> int:
    """Write kubelint.yaml at the project root of PATH (default: the current directory).

    What the files tell of nodes and deployers stands in it as comments, each with the line that says so. On a terminal
    it offers to accept the findings that are there.
    """
    origin = _origin(options)
    workspace = Workspace(Request((path,), use_config=False), load_rules())
    planned = list(_planned(workspace, options, origin))
    kept = [each.path for each in planned if each.before == each.after]
    if len(kept) == len(planned) and not options["baseline"] and not options["force"]:
        are = "are" if len(kept) > 1 else "is"
        raise UsageProblem(
            f"nothing to write: {' and '.join(map(shown, kept))} {are} there already", "--force writes anew"
        )
    for each in planned:
        if each.path in kept:
            print(f"kept {shown(each.path)}")
        else:
            _write(each)
            print(f"wrote {shown(each.path)}{each.remark}")
    accept(ctx, workspace.root, asked=options["baseline"], force=options["force"])
    print(f"next: {_next(options)}")
    return 0


def _next(options: dict[str, Any]) -> str:
    if options["pre_commit"]:
        return "`git add` these files; `pre-commit install` has git run the hook, once in each clone"
    return "`kubelint` lints; `kubelint init --pre-commit --baseline` has git do it, and accepts what is there"


def _origin(options: dict[str, Any]) -> Origin | None:
    if (options["repo"] or options["rev"]) and not options["pre_commit"]:
        raise UsageProblem("--repo and --rev say where pre-commit gets kubelint from", "give --pre-commit, too")
    if bool(options["repo"]) != bool(options["rev"]):
        raise UsageProblem("--repo takes --rev, and the other way round", "a tag or a commit is a revision")
    return Origin(options["repo"], options["rev"]) if options["repo"] else known_origin()


def _planned(workspace: Workspace, options: dict[str, Any], origin: Origin | None) -> Iterator[Planned]:
    root, force = workspace.root, options["force"]
    anew = force and not (options["pre_commit"] or options["schema"] or options["baseline"])
    config = find_config(root) or root / CONFIG_NAMES[0]
    if anew or not _is_there(config):
        project, show = understood(workspace)
        holds = project.all_objects or project.workflows or project.charts
        text = first_settings(project, show, SCHEMA if options["schema"] else None)
        yield _plan(config, text, anew, "" if holds else ", although nothing of Kubernetes is here yet")
    else:
        yield Planned(config, "", "")
    if options["schema"]:
        yield _plan(root / SCHEMA, json.dumps(build_schema(workspace.registry), indent=2) + "\n", force)
    if options["pre_commit"]:
        top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
        path = top / PRE_COMMIT
        before, folder = _text(path), root.relative_to(top).as_posix().removeprefix(".")
        after = config_with_hook(path, before, origin, folder, force=force)
        how = f": gets kubelint from {clean(origin.url)}" if origin else ": runs the `kubelint` on the PATH; see --repo"
        yield Planned(path, before, after, how)


def _plan(path: Path, text: str, anew: bool, remark: str = "") -> Planned:
    before = _text(path)
    return Planned(path, before, text if before is None or anew else before, remark)


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _text(path: Path) -> str | None:
    """What a file holds; None where there is none."""
    if not _is_there(path):
        return None
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageProblem(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageProblem(f"cannot read {path}: it is not UTF-8", "mend it first") from None


def _write(planned: Planned) -> None:
    path = planned.path
    try:
        if planned.before is not None:
            write(path.parent, path.name, planned.before, planned.after)
            return
        with open(path, "x", encoding="utf-8", newline="") as stream:
            stream.write(planned.after)
    except NotWritten as problem:
        raise UsageProblem(f"cannot write {path}: {problem}") from None
    except OSError as error:
        raise UsageProblem(f"cannot write {path}: {error.strerror}", "nothing after it was written") from None
