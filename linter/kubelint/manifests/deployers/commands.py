"""Commands of the shell that deploy, as the models know them, and what they deploy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from kubelint.cluster.helm import Command as Model
from kubelint.cluster.helm import Helm, Kubectl, Wait, helm_wait
from kubelint.manifests.deployers.applied import Applied, listed_kinds, named_objects
from kubelint.manifests.deployers.charted import chart_of, of_chart
from kubelint.manifests.deployers.helmfiles import helmfile_runs
from kubelint.manifests.deployers.model import Deployed
from kubelint.manifests.deployers.surroundings import Surroundings
from kubelint.manifests.project import Project
from kubelint.manifests.shell.commands import Command, Word

Action = Literal["install", "upgrade", "rollback", "uninstall", "test"]
_HELM: dict[str, Action] = {
    "install": "install",
    "upgrade": "upgrade",
    "rollback": "rollback",
    "uninstall": "uninstall",
    "delete": "uninstall",
    "del": "uninstall",
    "un": "uninstall",
    "test": "test",
}
#: Helm by the names that its versions are installed under, where both are.
_VERSIONS: dict[str | None, Literal[3, 4] | None] = {"helm": None, "helm3": 3, "helm4": 4}
_OPERANDS = {"install": 2, "upgrade": 2, "rollback": 2, "uninstall": 1, "test": 1}
_OPTION = re.compile(r"--[a-z-]+=")
_FILES = ("-f", "--filename", "-k", "--kustomize")
_SET = ("image", "env", "resources", "serviceaccount", "sa")
"""What `kubectl set` changes of workloads."""
_FILLED_IN = "words of the command are filled in when it runs"


class Deploying(NamedTuple):
    """A command that deploys: the model of it, where to, and what.

    `namespace` is None where none is given, so that it is that of the pod, and empty where it is not known. `unknown`
    says why more may belong to the command than is written, or why it is not known as whom it acts.
    """

    command: Command
    model: Model
    namespace: str | None
    deployed: Deployed
    unknown: str


def deploying(project: Project, around: Surroundings) -> Iterator[Deploying]:
    """The commands of a script that deploy."""
    script = around.script
    if not script.mentions("helm", "kubectl"):
        return
    applied = Applied(project, around)
    for command in script.commands:
        if command.flag("-h", "--help") is not None:
            continue
        if command.name in _VERSIONS:
            found = _helm(project, around, command)
        elif command.name == "helmfile":
            for one in helmfile_runs(project, around, command):
                yield Deploying(command, *one[:3], one.unknown or _open(command, (), 9))
            continue
        else:
            found = _kubectl(applied, command) if command.name in ("kubectl", "oc") else None
        if found is not None:
            yield found


def _helm(project: Project, around: Surroundings, command: Command) -> Deploying | None:
    operands = command.operands
    if operands and operands[0].text == "secrets":  # the plugin hands everything on
        operands = operands[1:]
    if not operands or operands[0].text not in _HELM:
        return None
    action = _HELM[operands[0].text]
    model = _helm_model(command, action, around)
    if model.dry_run == "client":
        return None
    word = operands[-1] if action in ("install", "upgrade") and len(operands) > 1 else None
    chart = chart_of(project, around.script, command, word)
    deployed = of_chart(project, chart, around.origin) if chart is not None else Deployed()
    unknown = _open(command, operands[1:], _OPERANDS[action])
    return Deploying(command, model, _namespace(around, command), deployed, unknown)


def _helm_model(command: Command, action: Action, around: Surroundings) -> Helm:
    def given(*names: str) -> bool:
        return command.flag(*names) is not None

    server_side, wait = _value(command, "--server-side"), _value(command, "--wait")
    four = given("--rollback-on-failure", "--force-replace", "--force-conflicts") or server_side is not None
    four = four or wait in ("legacy", "watcher", "hookOnly")
    return Helm(
        action=action,
        version=_VERSIONS[command.name] or (4 if four else 3 if given("--recreate-pods") else around.version),
        wait=_wait(command),
        wait_for_jobs=given("--wait-for-jobs"),
        atomic=given("--atomic", "--rollback-on-failure"),
        cleanup_on_fail=given("--cleanup-on-fail"),
        create_namespace=given("--create-namespace"),
        hooks=not given("--no-hooks"),
        force=given("--force", "--force-replace"),
        install=given("--install", "-i"),
        dry_run=_dry_run(command, action in ("install", "upgrade")),
        take_ownership=given("--take-ownership"),
        server_side=True if server_side == "true" else False if server_side == "false" else None,
        skip_crds=given("--skip-crds"),
        keep_history=given("--keep-history"),
        recreate_pods=given("--recreate-pods"),
        logs=given("--logs"),
        endless=_is_endless(command),
        driver=around.driver(command),
    )


def _wait(command: Command) -> Wait:
    """A value that is filled in may be any; the least is asked then."""
    options = [option for option in command.arguments.options if option.name == "--wait"]
    if not options or (options[-1].value is not None and options[-1].value.text is None):
        return Wait.NONE
    value = options[-1].value
    return helm_wait(value.text if value is not None else "")


def _dry_run(command: Command, by_value: bool) -> Literal["", "client", "server"]:
    """A value that is filled in may be any; the least is asked then."""
    options = [option for option in command.arguments.options if option.name == "--dry-run"]
    if not options:
        return ""
    value = options[-1].value
    text = value.text if value is not None else ""
    if text in ("none", "false"):
        return ""
    return "server" if text == "server" or not by_value else "client"


def _kubectl(applied: Applied, command: Command) -> Deploying | None:
    words = [word.text for word in command.operands[:2]]
    if words[:1] in (["apply"], ["create"], ["delete"], ["replace"]) and command.option(*_FILES):
        return Deploying(
            command,
            _kubectl_model(command, words[0] or ""),
            _kubectl_namespace(command),
            applied.of(command),
            _open(command, (), 0),
        )
    if words == ["rollout", "status"] or words == ["rollout", "restart"] or words[:1] == ["wait"]:
        return _following(applied, command, words)
    if words[:1] == ["scale"] or (words[:1] == ["set"] and words[1] in _SET):
        return _changing(applied, command, words[0] == "scale")
    return None


def _kubectl_model(command: Command, verb: str) -> Kubectl:
    actions: dict[str, Literal["create", "delete", "replace"]] = {
        "create": "create",
        "delete": "delete",
        "replace": "replace",
    }
    return Kubectl(
        action=actions.get(verb, "apply"),
        server_side=command.flag("--server-side") is not None,
        dry_run=_dry_run(command, True),
        force=command.flag("--force") is not None and verb in ("apply", "replace"),
        prune=command.flag("--prune") is not None,
        prune_kinds=tuple(word.text for word in command.option("--prune-allowlist") if word.text),
        wait=_value(command, "--wait") != "false",
        timeout=_has_timeout(command),
    )


def _following(applied: Applied, command: Command, words: Sequence[str | None]) -> Deploying:
    action: Literal["rollout status", "rollout restart", "wait"] = "wait"
    if words[0] == "rollout":
        action = "rollout status" if words[1] == "status" else "rollout restart"
    named = command.operands[1 if action == "wait" else 2 :]
    model = Kubectl(
        action=action, timeout=_has_timeout(command), endless=_is_endless(command), by_list=_by_list(command)
    )
    return _about(applied, command, model, named)


def _changing(applied: Applied, command: Command, scales: bool) -> Deploying | None:
    """`kubectl scale` and `kubectl set image`, whose `web=image` are no objects. What is local asks nobody."""
    if command.flag("--local") is not None or command.option("--current-replicas", "--resource-version"):
        return None
    named = [word for word in command.operands[1 if scales else 2 :] if "=" not in word.raw]
    model = Kubectl(action="scale" if scales else "set", dry_run=_dry_run(command, True), by_list=_by_list(command))
    return _about(applied, command, model, named)


def _about(applied: Applied, command: Command, model: Kubectl, named: Sequence[Word]) -> Deploying:
    """The command with the objects that it names, in files or by their names."""
    if command.option(*_FILES):
        deployed = applied.of(command)
    else:
        manifests = tuple(listed_kinds(named) if model.by_list else named_objects(named))
        deployed = Deployed(manifests, (None,) * len(manifests), complete=bool(manifests))
    everywhere = command.flag("-A", "--all-namespaces") is not None
    namespace = "" if everywhere else _kubectl_namespace(command)
    return Deploying(command, model, namespace, deployed, _open(command, command.operands, 99))


def _has_timeout(command: Command) -> bool:
    """Whether one is given that ends; one that is filled in does."""
    return bool(command.option("--timeout")) and not _is_endless(command)


def _is_endless(command: Command) -> bool:
    return _value(command, "--timeout") in ("0", "0s", "0m", "0h")


def _by_list(command: Command) -> bool:
    """Whether all that there is of a kind is meant, or all that has a label."""
    return command.flag("--all", "-A", "--all-namespaces") is not None or bool(command.option("-l", "--selector"))


def _namespace(around: Surroundings, command: Command) -> str | None:
    if command.option("-n", "--namespace"):
        return _value(command, "--namespace", "-n") or ""
    text, known = around.variable(command, "HELM_NAMESPACE")
    return (text or None) if known else ""


def _kubectl_namespace(command: Command) -> str | None:
    given = command.option("-n", "--namespace")
    return (given[-1].text or "") if given else None


def _value(command: Command, *names: str) -> str | None:
    given = command.option(*names)
    return given[-1].text if given else None


def _open(command: Command, operands: Sequence[Word], usual: int) -> str:
    """Why a command may hold more than is written."""
    values = {option.value.start for option in command.arguments.options if option.value is not None}
    several = [
        word
        for word in command.words
        if word.several and word.start not in values and not _OPTION.match(word.raw) and word not in operands[:usual]
    ]
    return _FILLED_IN if command.fed or several else ""
