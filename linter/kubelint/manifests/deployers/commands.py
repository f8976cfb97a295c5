"""Commands of the shell that deploy, as the models know them, and what they deploy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from kubelint.cluster.helm import Command as Model
from kubelint.cluster.helm import Helm, Kubectl, Wait, helm_wait
from kubelint.cluster.kinds import guess_resource, kinds_of_resource
from kubelint.manifests.deployers.model import Deployed
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.project import Project
from kubelint.manifests.releases.charts import Chart, local_chart
from kubelint.manifests.releases.value_files import tree_path
from kubelint.manifests.shell.commands import Command, Word
from kubelint.manifests.shell.scripts import Script

_HELM: dict[str, Literal["install", "upgrade", "rollback", "uninstall", "test"]] = {
    "install": "install",
    "upgrade": "upgrade",
    "rollback": "rollback",
    "uninstall": "uninstall",
    "delete": "uninstall",
    "del": "uninstall",
    "un": "uninstall",
    "test": "test",
}
_OPERANDS = {"install": 2, "upgrade": 2, "rollback": 2, "uninstall": 1, "test": 1}
_CONTROL = re.compile(r"\{\{-?\s*(?:if|else|with|range|define|block|end)\b")
_OPTION = re.compile(r"--[a-z-]+=")
_DRIVERS = {"configmap": "configmap", "configmaps": "configmap", "sql": "sql", "memory": "memory"}


class Deploying(NamedTuple):
    """A command that deploys: the model of it, where to, and what.

    `namespace` is None where none is given, so that it is that of the pod, and empty where it is not known. `unknown`
    says why more may belong to the command than is written.
    """

    command: Command
    model: Model
    namespace: str | None
    deployed: Deployed
    unknown: str


def deploying(project: Project, script: Script, version: Literal[3, 4] | None) -> Iterator[Deploying]:
    """The commands of a script that deploy."""
    if not script.mentions("helm", "kubectl"):
        return
    for command in script.commands:
        found = _helm(project, script, command, version) or _kubectl(project, script, command)
        if found is not None:
            yield found


def _helm(project: Project, script: Script, command: Command, version: Literal[3, 4] | None) -> Deploying | None:
    operands = command.operands
    if command.name != "helm" or not operands or operands[0].text not in _HELM:
        return None
    action = _HELM[operands[0].text]
    model = _helm_model(command, action, version, _driver(script, command))
    if model.dry_run == "client":
        return None
    charted = action in ("install", "upgrade")
    chart = _chart(project, script, command, operands[1:]) if charted else None
    deployed = _of_chart(project, script, chart) if chart is not None else Deployed()
    unknown = _open(command, operands[1:], _OPERANDS[action])
    return Deploying(command, model, _namespace(script, command), deployed, unknown)


def _helm_model(
    command: Command,
    action: Literal["install", "upgrade", "rollback", "uninstall", "test"],
    version: Literal[3, 4] | None,
    driver: Literal["secret", "configmap", "sql", "memory"],
) -> Helm:
    def given(*names: str) -> bool:
        return command.flag(*names) is not None

    server_side, wait = _value(command, "--server-side"), _value(command, "--wait")
    four = given("--rollback-on-failure", "--force-replace", "--force-conflicts") or server_side is not None
    four = four or wait in ("legacy", "watcher", "hookOnly")
    return Helm(
        action=action,
        version=4 if four else 3 if given("--recreate-pods") else version,
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
        endless=_value(command, "--timeout") in ("0", "0s"),
        driver=driver,
    )


def _wait(command: Command) -> Wait:
    """A value that is filled in may be any; the least is asked then."""
    options = [option for option in command.arguments.options if option.name == "--wait"]
    if not options or (options[-1].value is not None and options[-1].value.text is None):
        return Wait.NONE
    value = options[-1].value
    return helm_wait(value.text if value is not None else "")


def _dry_run(command: Command, by_value: bool) -> Literal["", "client", "server"]:
    options = [option for option in command.arguments.options if option.name == "--dry-run"]
    if not options:
        return ""
    value = options[-1].value
    text = value.text if value is not None else ""
    if text in ("none", "false"):
        return ""
    return "server" if text == "server" or not by_value else "client"


def _driver(script: Script, command: Command) -> Literal["secret", "configmap", "sql", "memory"]:
    assigned = [each.value.text for each in command.assignments if each.name == "HELM_DRIVER"]
    text = assigned[-1] if assigned else script.env.get("HELM_DRIVER")
    known = _DRIVERS.get(text or "")
    if known == "configmap":
        return "configmap"
    if known == "sql" or "HELM_DRIVER" in script.text:
        return "sql"
    return "memory" if known == "memory" else "secret"


def _chart(project: Project, script: Script, command: Command, operands: Sequence[Word]) -> Chart | None:
    """The chart of the tree that a command names."""
    word = operands[-1] if operands else None
    if word is None or not word.text or command.option("--repo") or "://" in word.text or command.remote:
        return None
    paths = (command.path(word), tree_path(script.repository, script.repository, word.text))
    return next((found for path in paths if (found := local_chart(project, script.repository, path))), None)


def _of_chart(project: Project, script: Script, chart: Chart) -> Deployed:
    """What the chart renders to: with the values of the command if that is known, else with its own. Unrendered, it is
    the templates that hold no condition and no loop.
    """
    inside = f"{chart.folder}/" if chart.folder else ""
    built = [obj for obj in project.all_objects if obj.document.rendering and obj.file.startswith(inside)]
    own = [obj for obj in built if obj.document.belongs_to == script.file]
    found = own or [obj for obj in built if obj.document.belongs_to == obj.file]
    if not built:
        written = _written(project, script.repository)
        templates = [obj for obj in written if obj.file.startswith(f"{inside}templates/")]
        found = [obj for obj in templates if not _CONTROL.search(obj.document.text)]
    folder = f"{inside}crds/"
    crds = [obj for obj in project.objects("CustomResourceDefinition") if obj.file.startswith(folder)]
    return _deployed(found, complete=bool(own), crds=[obj for obj in crds if not obj.document.rendering])


def _deployed(found: Sequence[KubeObject], *, complete: bool, crds: Sequence[KubeObject] = ()) -> Deployed:
    return Deployed(
        tuple(obj.root.value for obj in found), tuple(found), tuple(obj.root.value for obj in crds), complete
    )


def _kubectl(project: Project, script: Script, command: Command) -> Deploying | None:
    if command.name not in ("kubectl", "oc"):
        return None
    words = [word.text for word in command.operands[:2]]
    dry_run = _dry_run(command, True)
    timeout = _value(command, "--timeout")
    if words[:1] in (["apply"], ["create"], ["delete"]) and command.option("-f", "--filename", "-k", "--kustomize"):
        model = Kubectl(
            action="apply" if words[0] == "apply" else "create" if words[0] == "create" else "delete",
            server_side=command.flag("--server-side") is not None,
            dry_run=dry_run,
            force=command.flag("--force") is not None and words[0] == "apply",
            prune=command.flag("--prune") is not None,
            prune_kinds=tuple(word.text for word in command.option("--prune-allowlist") if word.text),
            wait=_value(command, "--wait") != "false",
            timeout=timeout not in (None, "0", "0s"),
        )
        return Deploying(
            command, model, _namespace(script, command), _files(project, script, command), _open(command, (), 0)
        )
    if words == ["rollout", "status"] or words == ["rollout", "restart"] or words[:1] == ["wait"]:
        action: Literal["rollout status", "rollout restart", "wait"] = "wait"
        if words[0] == "rollout":
            action = "rollout status" if words[1] == "status" else "rollout restart"
        named = command.operands[1 if action == "wait" else 2 :]
        model = Kubectl(action=action, timeout=timeout not in (None, "0", "0s"), by_list=_by_list(command))
        manifests = tuple(_named(named)) if not model.by_list else ()
        deployed = Deployed(manifests, (None,) * len(manifests), complete=bool(manifests))
        return Deploying(command, model, _namespace(script, command), deployed, _open(command, named, 9))
    return None


def _files(project: Project, script: Script, command: Command) -> Deployed:
    """The objects in the files, folders and kustomizations that a command names."""
    found: list[KubeObject] = []
    complete = True
    deep = command.flag("-R", "--recursive") is not None
    for word in command.option("-f", "--filename"):
        path = command.path(word)
        chosen = (
            []
            if path is None
            else [obj for obj in _written(project, script.repository) if _is_in(obj.file, path, deep)]
        )
        complete = complete and bool(chosen)
        found += chosen
    for word in command.option("-k", "--kustomize"):
        path = command.path(word)
        complete = False
        if path is not None:
            found += [
                obj for obj in _written(project, script.repository) if project.kustomizations.includes(path, obj.file)
            ]
    return _deployed(found, complete=complete)


def _written(project: Project, repository: str) -> list[KubeObject]:
    """The objects that stand in files of a repository; kustomizations are none of them."""
    return [
        obj
        for obj in project.all_objects
        if obj.document.repository == repository
        and not obj.document.rendering
        and not obj.partial
        and obj.group != "kustomize.config.k8s.io"
    ]


def _is_in(file: str, path: str, deep: bool) -> bool:
    if file == path:
        return True
    inside = f"{path}/" if path else ""
    return file.startswith(inside) and (deep or "/" not in file[len(inside) :])


def _named(operands: Sequence[Word]) -> Iterator[dict[str, Any]]:
    """The objects that operands name: `deployment/web`, `deployment web`."""
    texts = [word.text if word.text is not None else word.raw for word in operands]
    if texts and "/" not in texts[0]:
        texts = [f"{texts[0]}/{name}" for name in texts[1:]]
    for text in texts:
        kind, _, name = text.strip("\"'").partition("/")
        plural = guess_resource(kind.partition(".")[0])
        kinds = kinds_of_resource(plural) if plural is not None else ()
        served = [each for each in kinds if each.group != "extensions"]
        if served and name:
            version = f"{served[0].group}/v1" if served[0].group else "v1"
            yield {"apiVersion": version, "kind": served[0].kind, "metadata": {"name": name}}


def _by_list(command: Command) -> bool:
    return command.flag("--all", "-A", "--all-namespaces") is not None or bool(command.option("-l", "--selector"))


def _namespace(script: Script, command: Command) -> str | None:
    if command.option("-n", "--namespace"):
        return _value(command, "--namespace", "-n") or ""
    return "" if "HELM_NAMESPACE" in script.text or "HELM_NAMESPACE" in script.env else None


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
    return "words of the command are filled in when it runs" if command.fed or several else ""
