"""`kubelint rbac`: what an identity may do, and which files say so."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from kubelint.cli.console import progress
from kubelint.cli.errors import UsageProblem, complain
from kubelint.cli.rbac_answers import Answered, answer_all
from kubelint.cli.rbac_answers import explain as explain_in
from kubelint.cli.rbac_answers import judge as judge_in
from kubelint.cli.rbac_clusters import Tree, custom_kinds, read_clusters
from kubelint.cli.rbac_text import explained, explained_data, judged, judged_data
from kubelint.cli.rbac_words import near_verb, read_question, read_subject
from kubelint.cli.workspace import STDIN, Request
from kubelint.cluster.rbac import Verdict

_EXIT = {Verdict.ALLOWED: 0, Verdict.DENIED: 1, Verdict.UNKNOWN: 3}
Command = TypeVar("Command", bound=Callable[..., Any])


@click.group("rbac", no_args_is_help=False)
def command() -> None:
    """Say what an identity may do, and which files say so.

    SUBJECT is ServiceAccount/NAMESPACE/NAME, User/NAME or Group/NAME. PATH names the tree, as for `kubelint check`;
    where a tree describes several clusters that do not agree, each answers for itself, and PATH can name one.
    """


def _common(function: Command) -> Command:
    """The options that both commands have."""
    options = [
        click.option("-n", "--namespace", default="", metavar="NS", help="Ask in this namespace."),
        click.option("--group", "groups", multiple=True, metavar="NAME", help="A group that the subject is in, too."),
        click.option("--format", "form", type=click.Choice(["text", "json"]), default="text"),
        click.option("--root", metavar="DIR", help="The project's root. [nearest configuration, or git root]"),
        click.option("--config", metavar="FILE", help="Use this configuration."),
        click.option("--no-config", is_flag=True, help="Use no configuration."),
        click.option("--render", type=click.Choice(["auto", "never", "always"]), default="auto"),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@command.command("explain")
@click.argument("subject")
@click.argument("path", default=".")
@_common
def explain(subject: str, path: str, namespace: str, groups: tuple[str, ...], form: str, **options: Any) -> int:
    """Print every rule that SUBJECT holds, from which binding and role, and where each stands."""
    asked = read_subject(subject, groups)
    tree = _read(path, **options)
    answers = answer_all(read_clusters(tree), lambda cluster: explain_in(cluster, asked, namespace))
    _print(form, explained(asked, answers), lambda: explained_data(asked, answers))
    return 0


@command.command("can-i")
@click.argument("subject")
@click.argument("verb")
@click.argument("resource", metavar="RESOURCE[/SUB]")
@click.argument("path", default=".")
@click.option("--name", default="", metavar="NAME", help="Ask about the object of this name.")
@_common
def can_i(
    subject: str,
    verb: str,
    resource: str,
    path: str,
    name: str,
    namespace: str,
    groups: tuple[str, ...],
    form: str,
    **options: Any,
) -> int:
    """Say whether SUBJECT may do VERB with RESOURCE: yes, no or unknown, with the binding, role and rule.

    RESOURCE is a plural, kind or short name, with its group where need be (`deployments.apps`), or a URL (`/metrics`).
    Without --namespace the question is about all namespaces at once. Exits with 0 for yes, 1 for no, 3 for unknown.
    """
    asked = read_subject(subject, groups)
    tree = _read(path, **options)
    question = read_question(verb, resource, namespace, name, custom_kinds(tree))
    doubt = near_verb(verb)
    if doubt is not None:
        complain(doubt)
    answers = answer_all(read_clusters(tree), lambda cluster: judge_in(cluster, asked, question.request))
    verdict = _overall(answers)
    _print(form, judged(asked, question, answers), lambda: judged_data(asked, question, answers, verdict))
    return _EXIT[verdict]


def _read(
    path: str, root: str | None, config: str | None, no_config: bool, render: Literal["auto", "never", "always"]
) -> Tree:
    if path == STDIN:
        raise UsageProblem("a tree cannot be read from standard input", "give the path of a folder or file")
    if config and no_config:
        raise UsageProblem("--config and --no-config exclude each other")
    if config and not Path(config).is_file():
        raise UsageProblem(f"no such file: {config}")
    with progress("kubelint: reading…"):
        return Tree(Request((path,), root=root, config=config, use_config=not no_config, render=render))


def _overall(answers: Iterable[Answered]) -> Verdict:
    """The one answer of all clusters; unknown where they differ."""
    verdicts = {answered.answer.verdict for answered in answers}
    return verdicts.pop() if len(verdicts) == 1 else Verdict.UNKNOWN


def _print(form: str, lines: Iterable[str], data: Callable[[], dict[str, Any]]) -> None:
    if form == "json":
        sys.stdout.write(json.dumps(data(), indent=2) + "\n")
        return
    sys.stdout.write("".join(f"{line}\n" for line in lines))
