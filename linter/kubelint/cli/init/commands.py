"""What `kubelint init` writes: everything is worked out before the first file is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from kubelint.checks import load_rules
from kubelint.cli.baseline import write as write_baseline
from kubelint.cli.completion import folders
from kubelint.cli.errors import UsageProblem
from kubelint.cli.init.first_settings import first_settings
from kubelint.cli.init.hook import Origin, config_with_hook, known_origin
from kubelint.cli.workspace import Request, Workspace
from kubelint.config.load import find_config
from kubelint.config.model import BASELINE_NAME, CONFIG_NAMES
from kubelint.config.schema import build_schema
from kubelint.engine.fixing.writing import NotWritten, write
from kubelint.reporters.style import clean

PRE_COMMIT = ".pre-commit-config.yaml"
SCHEMA = "kubelint.schema.json"
PATH_LENGTH = 4096


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
@click.option("--force", is_flag=True, help="Write anew what is there already.")
@click.pass_context
def command(ctx: click.Context, /, path: str, **options: Any) -> int:
    """Write kubelint.yaml at the project root of PATH (default: the current directory), from what its files tell.

    What they tell for certain is set; what may be incomplete stands in comments, each with the line that says so.
    """
    origin = _origin(options)
    workspace = Workspace(Request((path,), use_config=False), load_rules())
    planned = list(_planned(workspace, options, origin))
    kept = [each.path for each in planned if each.before == each.after]
    if len(kept) == len(planned) and not options["baseline"] and not options["force"]:
        there = ", ".join(str(path) for path in kept)
        raise UsageProblem(f"nothing to write: {there} is there already", "--force writes it anew")
    for each in planned:
        name = clean(str(each.path), PATH_LENGTH)
        if each.path in kept:
            print(f"kept {name}")
        else:
            _write(each)
            print(f"wrote {name}{each.remark}")
    if options["baseline"]:
        _accept(ctx, workspace.root, force=options["force"])
    else:
        print("next: `kubelint` lints, `kubelint baseline write` accepts what it finds until somebody mends it")
    return 0


def _origin(options: dict[str, Any]) -> Origin | None:
    if (options["repo"] or options["rev"]) and not options["pre_commit"]:
        raise UsageProblem("--repo and --rev say where pre-commit gets kubelint from", "give --pre-commit, too")
    if bool(options["repo"]) != bool(options["rev"]):
        raise UsageProblem("--repo takes --rev, and the other way round", "a tag or a commit is a revision")
    return Origin(options["repo"], options["rev"]) if options["repo"] else known_origin()


def _planned(workspace: Workspace, options: dict[str, Any], origin: Origin | None) -> Iterator[Planned]:
    root, force = workspace.root, options["force"]
    config = find_config(root) or root / CONFIG_NAMES[0]
    if force or not _is_there(config):
        yield _plan(config, first_settings(workspace, SCHEMA if options["schema"] else None), force)
    else:
        yield Planned(config, "", "")
    if options["schema"]:
        yield _plan(root / SCHEMA, json.dumps(build_schema(workspace.registry), indent=2) + "\n", force)
    if options["pre_commit"]:
        top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
        path = top / PRE_COMMIT
        before = _text(path)
        how = f": gets kubelint from {clean(origin.url)}" if origin else ": runs the `kubelint` on the PATH; see --repo"
        yield Planned(path, before, config_with_hook(path, before, origin), how)


def _plan(path: Path, text: str, force: bool) -> Planned:
    before = _text(path)
    return Planned(path, before, text if before is None or force else before)


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


def _accept(ctx: click.Context, root: Path, *, force: bool) -> None:
    if (root / BASELINE_NAME).exists() and not force:
        print(f"kept {clean(str(root / BASELINE_NAME), PATH_LENGTH)}")
        return
    ctx.invoke(write_baseline, paths=(str(root),), root=str(root))
    print(f"wrote {clean(str(root / BASELINE_NAME), PATH_LENGTH)}: what is there is accepted, what comes is reported")
