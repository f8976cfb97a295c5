"""Entry point: picks the command, and turns every ending into an exit code and at most one line on stderr."""

from __future__ import annotations

import gc
import io
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

from kubelint import __version__
from kubelint.cli.errors import UsageProblem, complain

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMPLETE = "_KUBELINT_COMPLETE"
COMMANDS = {
    "check": "lint paths (the default command)",
    "rules": "list every rule",
    "rule": "show the page of a rule",
    "config": "show the configuration or its schema",
    "baseline": "accept the findings that are there, and report new ones only",
    "rbac": "say what an identity may do, and which files say so",
    "init": "write kubelint.yaml, and a pre-commit hook if asked",
    "completion": "print what a shell needs to complete words",
}


class LazyGroup(click.Group):
    """Imports a command's module when the command is called: `--version` pays for nothing else."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of the manual."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"kubelint.cli.{cmd_name}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as usual; `kubelint PATH` means `kubelint check PATH`."""
        named = args and (args[0] in COMMANDS or args[0] in ("-h", "--help", "--version"))
        completing = ctx.resilient_parsing and not args
        return super().parse_args(ctx, args if named or completing else ["check", *args])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """What the first word may be: a command, an option of `check`, a path."""
        from click.shell_completion import CompletionItem

        if not incomplete.startswith("-"):  # paths first: bash takes back what is said before
            names = [CompletionItem(name, help=use) for name, use in COMMANDS.items() if name.startswith(incomplete)]
            return [CompletionItem(incomplete, type="file"), *names] if incomplete else names
        own = click.Command.shell_complete(self, ctx, incomplete)
        known = {item.value for item in own}
        check = import_module("kubelint.cli.check").command
        options = check.shell_complete(click.Context(check, ctx, "check"), incomplete)
        return [*own, *(item for item in options if item.value not in known)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands and what each is for, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kubelint", message="%(prog)s %(version)s")
def cli() -> None:
    """Reads a repository of Kubernetes manifests and says which outage it is about to cause.

    `kubelint [PATH...]` is short for `kubelint check [PATH...]`.
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run kubelint and exit: 0 clean, 1 findings, 2 the job could not be done, 130 interrupted."""
    _open_streams()
    gc.disable()  # a run builds trees that live until it ends; looking for cycles in them costs a third of it
    code = run(sys.argv[1:] if arguments is None else arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
    except OSError as error:
        complain(f"cannot write to standard output: {error.strerror}")
        _drop_stdout()
        code = 2
    os._exit(code)  # everything is written; taking down what a run has built would cost a tenth of it


def _open_streams() -> None:
    """Stand in for streams that whoever started us has closed, and let no character be too much for the others."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def run(arguments: list[str]) -> int:
    """Run the command in `arguments` and return its exit code."""
    try:
        if COMPLETE in os.environ:
            import_module("kubelint.cli.completion").register()
        result = cli.main(arguments, prog_name="kubelint", complete_var=COMPLETE, standalone_mode=False)
        return result if isinstance(result, int) else 0
    except UsageProblem as problem:
        problem.show()
    except click.ClickException as error:
        message = " ".join(error.format_message().split())
        complain(f"{message} (`{_command_path(error)} --help` lists the options)")
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        _drop_stdout()
        return 0
    except OSError as error:
        gone = "the current directory" if isinstance(error, FileNotFoundError) else "standard input or output"
        complain(f"cannot use {error.filename or gone}: {error.strerror or error}")
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except Exception as error:  # noqa: BLE001 - whatever goes wrong, the user gets one line
        _bug(error)
    return 2


def _command_path(error: click.ClickException) -> str:
    """The command that was called wrongly."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    return context.command_path if context else "kubelint check"


def _bug(error: Exception) -> None:
    if os.environ.get("KUBELINT_TRACEBACK"):
        raise error
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_code.co_name}, line {frame.tb_lineno}" if frame else "?"
    complain(
        f"this is a bug in kubelint ({type(error).__name__} at {place}); please report it "
        "(KUBELINT_TRACEBACK=1 shows more)"
    )


def _drop_stdout() -> None:
    """Whoever read our output has left: let nothing complain about it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
