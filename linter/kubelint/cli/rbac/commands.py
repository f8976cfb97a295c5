"""`kubelint rbac`: what an identity may do, which files say so, and what a deployment takes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from kubelint.cli.completion import folders, paths
from kubelint.cli.console import progress
from kubelint.cli.errors import UsageProblem, complain
from kubelint.cli.rbac.answers import answer_all, overall
from kubelint.cli.rbac.answers import explain as explain_in
from kubelint.cli.rbac.answers import judge as judge_in
from kubelint.cli.rbac.clusters import Tree, custom_kinds, read_clusters
from kubelint.cli.rbac.deployment import read_wish
from kubelint.cli.rbac.forms import shown
from kubelint.cli.rbac.needs import answers_about
from kubelint.cli.rbac.reading import read_deployment
from kubelint.cli.rbac.text import explained, explained_data, judged, judged_data
from kubelint.cli.rbac.words import near_verb, read_question, read_subject
from kubelint.cli.workspace import STDIN, Request
from kubelint.cluster.rbac import Verdict
from kubelint.reporters.json_text import dumps

_EXIT = {Verdict.ALLOWED: 0, Verdict.DENIED: 1, Verdict.UNKNOWN: 3}
Command = TypeVar("Command", bound=Callable[..., Any])


@click.group("rbac", no_args_is_help=False)
def command() -> None:
    """Say what an identity may do, which files say so, and what a deployment takes.

    SUBJECT is ServiceAccount/NAMESPACE/NAME, User/NAME or Group/NAME. PATH names the tree, as for `kubelint check`;
    where a tree describes several clusters that do not agree, each answers for itself, and PATH can name one.
    """


def _common(*formats: str, namespace: str = "Ask in this namespace.") -> Callable[[Command], Command]:
    """The options that all commands have."""
    options = [
        click.option("-n", "--namespace", default="", metavar="NS", help=namespace),
        click.option("--group", "groups", multiple=True, metavar="NAME", help="A group that the subject is in, too."),
        click.option("--format", "form", type=click.Choice(["text", "json", *formats]), default="text"),
        click.option(
            "--root",
            metavar="DIR",
            shell_complete=folders,
            help="The project's root. [nearest configuration, or git root]",
        ),
        click.option("--config", metavar="FILE", shell_complete=paths, help="Use this configuration."),
        click.option("--no-config", is_flag=True, help="Use no configuration."),
        click.option("--render", type=click.Choice(["auto", "never", "always"]), default="auto"),
    ]

    def decorate(function: Command) -> Command:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


@command.command("explain")
@click.argument("subject")
@click.argument("path", default=".", shell_complete=paths)
@_common()
def explain(subject: str, path: str, namespace: str, groups: tuple[str, ...], form: str, **options: Any) -> int:
    """Print every rule that SUBJECT holds, from which binding and role, and where each stands."""
    asked = read_subject(subject, groups)
    tree = _read(path, **options)
    answers = answer_all(read_clusters(tree), lambda cluster: explain_in(cluster, asked, namespace))
    _print(form, explained(asked, answers), lambda: explained_data(asked, answers))
    return _ending(tree, 0)


@command.command("can-i")
@click.argument("subject")
@click.argument("verb")
@click.argument("resource", metavar="RESOURCE[/SUB]")
@click.argument("path", default=".", shell_complete=paths)
@click.option("--name", default="", metavar="NAME", help="Ask about the object of this name.")
@_common()
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
    verdict = overall(answers)
    _print(form, judged(asked, question, answers), lambda: judged_data(asked, question, answers, verdict))
    return _ending(tree, _EXIT[verdict])


@command.command("needs")
@click.argument("path", metavar="PATH|CHART", shell_complete=paths)
@click.option("--as", "subject", metavar="SUBJECT", help="Tell only what this subject lacks.")
@click.option("--helm", type=click.Choice(["3", "4"]), help="The Helm that runs. [either: all that one of them asks]")
@click.option("--wait", is_flag=True, help="Wait: helm --wait, or kubectl rollout status and kubectl wait for Jobs.")
@click.option("--atomic", is_flag=True, help="A chart with --atomic: waits, and rolls back what fails.")
@click.option("--create-namespace", is_flag=True, help="A chart with --create-namespace.")
@click.option("--release", default="", metavar="NAME", help="The release's name. [as in the tree, else the chart's]")
@click.option("--server-side", is_flag=True, help="Manifests with kubectl apply --server-side.")
@click.option("--flux", is_flag=True, help="Flux deploys it, in the name of a service account.")
@_common("yaml", namespace="Deploy into this namespace. [as in the tree, else default]")
def needs(
    path: str,
    subject: str | None,
    namespace: str,
    groups: tuple[str, ...],
    form: str,
    root: str | None,
    config: str | None,
    no_config: bool,
    render: Literal["auto", "never", "always"],
    **wishes: Any,
) -> int:
    """Say what whoever deploys PATH must be allowed, why, and what becomes of the deployment without it.

    A folder with a Chart.yaml is deployed by `helm upgrade --install`, with the values, name and namespace of its
    release where the tree has exactly one, else with its own values. A folder with a kustomization is deployed by
    `kubectl apply -k`, any other and a file by `kubectl apply -f`, all that lies below included.

    With --as it tells only what the subject lacks, and exits with 0 if that is nothing, 1 if something, 3 if that is
    unknown. `--format yaml` prints the smallest roles and bindings, ready to apply: for the subject what it lacks, else
    everything, with an account `deployer`.
    """
    if groups and subject is None:
        raise UsageProblem("--group goes with --as", "name the subject that is in the group")
    asked = read_subject(subject, groups) if subject is not None else None
    wish = read_wish(namespace=namespace, render=render != "never", **wishes)
    tree = _read(path, root, config, no_config, render)
    with progress("kubelint: rendering…"):
        deployment = read_deployment(tree, path, wish)
    for note in deployment.all_notes:
        complain(note)
    answers = answers_about(tree, deployment, asked)
    verdict = overall(answers)
    sys.stdout.write(shown(form, tree, deployment, asked, answers))
    return _ending(tree, 0 if asked is None else _EXIT[verdict])


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
        tree = Tree(Request((path,), root=root, config=config, use_config=not no_config, render=render))
    if tree.crash:
        complain(tree.crash)
    return tree


def _ending(tree: Tree, code: int) -> int:
    """The exit code; 2 where only a part of the tree could be read because of a bug."""
    return 2 if tree.crash else code


def _print(form: str, lines: Iterable[str], data: Callable[[], dict[str, Any]]) -> None:
    if form == "json":
        sys.stdout.write(dumps(data(), indent=2) + "\n")
        return
    sys.stdout.write("".join(f"{line}\n" for line in lines))
