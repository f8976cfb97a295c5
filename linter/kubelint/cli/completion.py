"""`kubelint completion`: what shells need to complete words, and what they complete them with."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kubelint.cli.main import COMPLETE

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem, ShellComplete

PROGRAM = "kubelint"
SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the script that completes commands, options, rule ids and paths in SHELL.

    bash: eval "$(kubelint completion bash)" in ~/.bashrc. zsh: eval "$(kubelint completion zsh)" in ~/.zshrc, after
    compinit. fish: kubelint completion fish > ~/.config/fish/completions/kubelint.fish
    """
    complete = shells()[shell](click.Group(PROGRAM), {}, PROGRAM, COMPLETE)
    sys.stdout.write(complete.source_template % complete.source_vars())
    return 0


def shells() -> dict[str, type[ShellComplete]]:
    """How each shell asks and is answered: as click does it, where that is right."""
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    class Bash(BashComplete):
        def get_completion_args(self) -> tuple[list[str], str]:
            """The words before, and what there is of the one to complete. bash makes three of `--select=dns`."""
            args, incomplete = super().get_completion_args()
            return [word for word in args if word != "="], incomplete

    class Fish(FishComplete):
        source_template = FishComplete.source_template.replace('split ","', 'split --max 1 ","')  # for `--select a,b`

    return {"bash": Bash, "zsh": ZshComplete, "fish": Fish}


def register() -> None:
    """Let click answer shells as `shells` says."""
    from click.shell_completion import add_completion_class

    for name, answering in shells().items():
        add_completion_class(answering, name)


def rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The ids of rules that begin with what is there."""
    from click.shell_completion import CompletionItem

    from kubelint.checks import load_rules

    found = ((entry.meta.id, entry.meta.summary) for entry in load_rules())
    return [CompletionItem(name, help=summary) for name, summary in found if name.startswith(incomplete)]


def selectors(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The categories and rules that complete the last word of a list such as `rbac,dns-single-replica`."""
    from click.shell_completion import CompletionItem

    from kubelint.checks import Category

    before, comma, last = incomplete.rpartition(",")
    names = [CompletionItem(each.value, help="all of them") for each in Category if each.value.startswith(last)]
    found = [*names, *rules(ctx, param, last)]
    taken = set(before.split(","))
    return [CompletionItem(f"{before}{comma}{item.value}", help=item.help) for item in found if item.value not in taken]


def paths(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Whatever the shell knows of files."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def folders(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Whatever the shell knows of directories."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]
