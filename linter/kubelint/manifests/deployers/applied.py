"""What kubectl is given: files of the tree or of ConfigMaps in a container, text in a script, what comes by a pipe."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import join
from typing import Any

from kubelint.cluster.kinds import guess_resource, kinds_of_resource
from kubelint.cluster.runners import UNRESOLVED
from kubelint.manifests.deployers.charted import (
    chart_of,
    deployed,
    in_checkout,
    of_chart,
    with_metadata,
    written,
)
from kubelint.manifests.deployers.model import Deployed
from kubelint.manifests.deployers.mounts import mounted_file, mounted_folder
from kubelint.manifests.deployers.surroundings import Surroundings
from kubelint.manifests.field import Field
from kubelint.manifests.kustomize import Journey
from kubelint.manifests.kustomize.kustomization import FILE_NAMES
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.project import Project
from kubelint.manifests.shell.commands import Command, Word
from kubelint.sources.scalars import PlainScalars
from kubelint.sources.values import UnreadableYaml, build_documents

_SHELL_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")
_HEREDOC = re.compile(r"\s*<<-?\s*(['\"]?)\w+\1\s*\|\s*(?:sudo\s+)?")
_PIPE = re.compile(r"""["']?\s*\|\s*(?:sudo\s+)?""")
_REDIRECTED = re.compile(r"\s*<\s*\S+\s*\|\s*(?:sudo\s+)?")


class Applied:
    """What the commands of one script apply."""

    def __init__(self, project: Project, around: Surroundings) -> None:
        self._project = project
        self._around = around
        self._script = around.script

    def of(self, command: Command) -> Deployed:
        """The objects in the files, folders and kustomizations that a command names."""
        deep = command.flag("-R", "--recursive") is not None
        parts = [self._file(command, word, deep) for word in command.option("-f", "--filename")]
        parts += [self._kustomization(command, word) for word in command.option("-k", "--kustomize")]
        return together(parts)

    def _file(self, command: Command, word: Word, deep: bool) -> Deployed:
        if word.text == "-":
            return self._stdin(command)
        mounted = self._mounted(command, word)
        if mounted is not None:
            return mounted
        several = (word._replace(text=text) for text in word.text.split(",")) if word.text else (word,)
        return together([self._path(in_checkout(self._script, command, one), deep) for one in several])

    def _path(self, path: str | None, deep: bool) -> Deployed:
        if path is None:
            return Deployed()
        found = [obj for obj in written(self._project, self._script.repository) if _is_in(obj.file, path, deep)]
        return deployed(found, complete=bool(found))

    def _mounted(self, command: Command, word: Word) -> Deployed | None:
        """What ConfigMaps put into the container at a path; None where there is nothing of them."""
        container, path = self._script.container, word.text
        if container is None or not path or command.remote:
            return None
        if not path.startswith("/"):
            path = join(container.get("workingDir").text or "", path)
        one = mounted_file(self._project, container, path)
        texts = [one] if one is not None else mounted_folder(self._project, container, path)
        return _embedded(texts) if texts else None

    def _kustomization(self, command: Command, word: Word) -> Deployed:
        return self._built(in_checkout(self._script, command, word))

    def _built(self, folder: str | None) -> Deployed:
        return kustomized(self._project, self._script.repository, folder) if folder is not None else Deployed()

    def _stdin(self, command: Command) -> Deployed:
        if command.stdin is not None:
            return _read(command.stdin)
        before = self._piped(command)
        if before is None:
            return Deployed()
        if before.name == "cat" and before.stdin is not None and not before.operands:
            return _read(before.stdin)
        if before.name in ("cat", "envsubst"):
            return self._filter(before)
        folder = _built_folder(before)
        if folder is not None:
            return self._built(in_checkout(self._script, before, folder))
        return self._template(before)

    def _filter(self, before: Command) -> Deployed:
        """`cat FILE…` and `envsubst < FILE`, which leave the kinds of objects as they are."""
        words = [each.target for each in before.redirects if each.operator == "<"]
        words += before.operands if before.name == "cat" else []
        return together([self._file(before, word, False) for word in words]) if words else Deployed()

    def _template(self, before: Command) -> Deployed:
        operands = before.subcommand({"helm", "helm3", "helm4"}, "template")
        word = operands[-1] if operands and not any(each.several for each in operands) else None
        chart = chart_of(self._project, self._script, before, word)
        return of_chart(self._project, chart, self._around.origin) if chart is not None else Deployed()

    def _piped(self, command: Command) -> Command | None:
        """The command whose output this one reads, if nothing stands between them."""
        commands = self._script.commands
        index = next((at for at, each in enumerate(commands) if each is command), 0)
        before = commands[index - 1] if index else None
        if before is None or not before.words or not command.words:
            return None
        first, last = command.words[0], before.words[-1]
        if first.passage is not last.passage:
            return None
        between = first.passage.text[last.end : first.start]
        pattern = _HEREDOC if before.stdin is not None else _REDIRECTED if before.redirects else _PIPE
        return before if pattern.fullmatch(between) else None


def kustomized(project: Project, repository: str, folder: str) -> Deployed:
    """What the kustomization in a folder builds: as kustomize built it, else what it includes, where that ends up."""
    members = {f"{folder}/{name}".lstrip("/") for name in FILE_NAMES}
    built = [
        obj
        for obj in project.all_objects
        if obj.document.belongs_to in members and obj.file not in members and "#" in obj.file
    ]
    if built:
        return deployed(built, complete=True)
    found = [obj for obj in written(project, repository) if project.kustomizations.includes(folder, obj.file)]
    return Deployed(tuple(_as_built(project, obj, members) for obj in found), tuple(found))


def _as_built(project: Project, obj: KubeObject, members: set[str]) -> Mapping[str, Any]:
    """The object with the name and in the namespace that the kustomization of one of the files gives it."""
    ends = [
        placed(obj, way, index)
        for way in project.kustomizations.journeys(obj)
        for index, stage in enumerate(way.stages)
        if stage.member.file in members
    ]
    return ends[0] if ends and all(end == ends[0] for end in ends) else with_metadata(obj, UNRESOLVED, UNRESOLVED)


def placed(obj: KubeObject, way: Journey, index: int | None = None) -> dict[str, Any]:
    """The object after a stage of its way, or after all of them."""
    count = len(way.stages) if index is None else index + 1
    passed = way.stages[:count]
    name, namespace = way[2:] if count == len(way.stages) else way.stages[count][1:]
    hidden = any(stage.member.namespace.unknown or stage.member.is_opaque for stage in passed)
    return with_metadata(obj, name or UNRESOLVED, UNRESOLVED if namespace is None and hidden else namespace)


def named_objects(operands: Sequence[Word]) -> Iterator[dict[str, Any]]:
    """The objects that operands name: `deployment/web`, `deployment web`, `deploy/web sts/db`."""
    texts = [word.text if word.text is not None else word.raw for word in operands]
    if texts and "/" not in texts[0]:
        texts = [f"{texts[0]}/{name}" for name in texts[1:]]
    for text in texts:
        kind, _, name = text.strip("\"'").partition("/")
        if name:
            yield from _of_kind(kind, {"name": name})


def listed_kinds(operands: Sequence[Word]) -> Iterator[dict[str, Any]]:
    """An object without a name of each kind that operands list: `pods`, `pods,jobs`."""
    texts = [word.text for word in operands]
    if len(texts) == 1 and texts[0] and "/" not in texts[0]:
        for kind in texts[0].split(","):
            yield from _of_kind(kind, {})


def _of_kind(kind: str, metadata: dict[str, str]) -> Iterator[dict[str, Any]]:
    plural = guess_resource(kind.partition(".")[0])
    kinds = kinds_of_resource(plural) if plural is not None else ()
    served = [each for each in kinds if each.group != "extensions"]
    if served:
        version = f"{served[0].group}/v1" if served[0].group else "v1"
        yield {"apiVersion": version, "kind": served[0].kind, "metadata": metadata}


def _built_folder(command: Command) -> Word | None:
    """The folder that `kustomize build` or `kubectl kustomize` builds."""
    for names in (("kustomize", "build"), ("kubectl", "kustomize"), ("oc", "kustomize")):
        operands = command.subcommand(*names)
        if operands:
            return operands[0]
    return None


def _read(word: Word) -> Deployed:
    """The objects in text of a script. What the shell fills in stays unknown, as any template text."""
    text = word.text if word.text is not None else _SHELL_VARIABLE.sub(r"${\1}", word.raw)
    if word.text is None and "`" in text:
        return Deployed()
    try:
        values = [document.value for document in build_documents(text, PlainScalars())]
    except UnreadableYaml:
        return Deployed()
    found = [value for value in values if value is not None]
    known = all(isinstance(value, dict) and value.get("kind") and value.get("apiVersion") for value in found)
    return Deployed(tuple(found), (None,) * len(found), complete=True) if found and known else Deployed()


def _embedded(texts: Iterable[Field]) -> Deployed:
    """The objects in files that ConfigMaps hold."""
    found: list[KubeObject] = []
    complete = True
    for text in texts:
        roots = [root for root in text.embedded() if root.value is not None]
        for root in roots:
            version, kind = root.get("apiVersion").text, root.get("kind").text
            if version and kind:
                found.append(KubeObject(root.document, root, version, kind))
        complete = complete and bool(roots) and all(root.get("kind").text for root in roots)
    return deployed(found, complete=complete and bool(found))


def together(parts: Sequence[Deployed]) -> Deployed:
    """All parts as one."""
    sure: set[int] = set()
    start = 0
    for part in parts:
        sure.update(start + position for position in (range(len(part.manifests)) if part.complete else part.sure))
        start += len(part.manifests)
    return Deployed(
        tuple(each for part in parts for each in part.manifests),
        tuple(each for part in parts for each in part.objects),
        tuple(each for part in parts for each in part.crds),
        bool(parts) and all(part.complete for part in parts),
        frozenset(sure),
    )


def _is_in(file: str, path: str, deep: bool) -> bool:
    if file == path:
        return True
    inside = f"{path}/" if path else ""
    return file.startswith(inside) and (deep or "/" not in file[len(inside) :])
