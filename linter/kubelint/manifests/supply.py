"""What may be in a cluster although no manifest of the tree says so: what charts, sources outside of the tree, scripts
and controllers make. Whoever asks whether something is missing must ask here first; in doubt the answer is yes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kubelint.cluster.kinds import is_known_group
from kubelint.manifests import Document, Field, KubeObject, Project, once_per_project
from kubelint.manifests.access import Identity
from kubelint.manifests.scopes import may_meet, scope_of
from kubelint.manifests.shell.scripts import repository_of
from kubelint.manifests.words import strings_in, words_of

if TYPE_CHECKING:
    from kubelint.manifests.kustomize import Kustomization
    from kubelint.manifests.releases.release import Release
    from kubelint.manifests.shell.scripts import Script

#: Groups whose controllers make no roles and no accounts, or whose objects are judged by what they install.
_HARMLESS = frozenset(
    {
        "argoproj.io",
        "autoscaling.k8s.io",
        "bitnami.com",
        "cert-manager.io",
        "cilium.io",
        "external-secrets.io",
        "helm.cattle.io",
        "helm.toolkit.fluxcd.io",
        "image.toolkit.fluxcd.io",
        "keda.sh",
        "kustomize.config.k8s.io",
        "kustomize.toolkit.fluxcd.io",
        "longhorn.io",
        "metallb.io",
        "monitoring.coreos.com",
        "notification.toolkit.fluxcd.io",
        "snapshot.storage.k8s.io",
        "source.toolkit.fluxcd.io",
        "traefik.containo.us",
        "traefik.io",
    }
)
_HARMLESS_KINDS = frozenset({"GRPCRoute", "HTTPRoute", "ReferenceGrant", "TCPRoute", "TLSRoute", "UDPRoute"})
_ARGO = "argoproj.io"
_FLUX = frozenset({"helm.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io"})
_ACCOUNT = "serviceAccountName"
_APPLYING = ("kubectl", {"apply", "create", "replace"})
_TOOLS = ("kubectl", "helm", "oc ")


class Source(NamedTuple):
    """Something that makes objects which the tree does not show; in one namespace, or in any (None)."""

    scope: str
    namespace: str | None


class Outside:
    """What of a project makes objects that it does not show."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._words: dict[Document, set[str]] = {}

    def may_bring(
        self, name: str, namespace: str | None, scope: str, repository: str, user: Identity | None = None
    ) -> bool:
        """Whether an object of the name may come from elsewhere into a namespace, or, for None, into the cluster of
        `scope`. What Flux does as the account `user`, and that it names that one, brings nothing: it has to be there.
        """
        if any(_reaches(source, namespace, scope) for source in self._sources):
            return True
        spoken = self._spoken if user is None else self._spoken_by_others
        return name in spoken.get(repository, ()) or any(
            self._may_hold(release, name, namespace, scope)
            for release in self._project.releases
            if user is None or not self._acts_as(release.obj, user)
        )

    @cached_property
    def _sources(self) -> list[Source]:
        found = (*self._hidden(), *self._kustomizations(), *self._applications(), *self._made(), *self._applied())
        return list(dict.fromkeys(found))

    def _hidden(self) -> list[Source]:
        """Files that are templates or could not be read."""
        files = self._project.hidden_files
        return [Source(scope_of(file, self._repository_of(file)), None) for file in sorted(files)]

    def _repository_of(self, file: str) -> str:
        return repository_of(file, self._repositories)

    @cached_property
    def _repositories(self) -> list[str]:
        return sorted({document.repository for document in self._project.documents}, key=len, reverse=True)

    def _kustomizations(self) -> list[Source]:
        """Kustomizations that include more than the tree shows, Flux's that build something else among them."""
        if not self._project.has_kustomizations():
            return []
        members = list(self._project.kustomizations)
        own = Counter(_source_of(member) for member in members if member.flux is not None and _builds(member))
        main = {source for source, _ in own.most_common(1)}
        found: list[Source] = []
        for member in members:
            foreign = member.flux is not None and not (_builds(member) and _source_of(member) in main)
            if member.is_open or foreign:
                found.extend(Source(self._scope(member.document), place) for place in self._places(member))
        return found

    def _places(self, member: Kustomization) -> set[str | None]:
        """The namespaces that whatever a kustomization includes ends up in."""
        chains = self._project.kustomizations.graph.chains_from(member)
        if not chains.complete:
            return {None}
        found: set[str | None] = set()
        for chain in chains.found:
            setters = [outer.namespace for outer in chain if not outer.namespace.absent]
            found.add(setters[-1].text if setters else None)
        return found

    def _applications(self) -> list[Source]:
        """Argo CD's applications of anything but folders of the tree; a chart that they install is a release."""
        applications = self._project.objects(("Application", "ApplicationSet"), group=_ARGO)
        return [Source(obj.scope, None) for obj in applications if not self._is_of_the_tree(obj)]

    def _is_of_the_tree(self, obj: KubeObject) -> bool:
        if obj.kind != "Application":
            return False
        sources = [obj.field("spec", "source"), *obj.field("spec", "sources").elements()]
        given = [source for source in sources if source.exists]
        return bool(given) and all(
            source.get("chart").text or self._is_folder(source.get("path").text, obj) for source in given
        )

    def _is_folder(self, path: str | None, obj: KubeObject) -> bool:
        steps = [step for step in (path or "").split("/") if step not in ("", ".")]
        if path is None or not steps:
            return False
        folder = "/".join([obj.document.repository, *steps] if obj.document.repository else steps)
        return any(file.startswith(f"{folder}/") for file in self._project.files)

    def _made(self) -> list[Source]:
        """Custom resources of which some controller may make anything."""
        found: dict[Source, None] = {}
        for obj in self._project.all_objects:
            if _may_make_objects(obj):
                places = self._project.kustomizations.namespaces(obj)
                for place in places or {obj.namespace}:
                    found[Source(obj.scope, place)] = None
        return list(found)

    def _applied(self) -> list[Source]:
        """Scripts, and documents for people, that apply what comes from elsewhere."""
        scripts = [script for script in self._scripts if script.mentions("kubectl")]
        return [Source(_scope_of_script(script), None) for script in scripts if _applies_something_else(script)]

    @cached_property
    def _scripts(self) -> list[Script]:
        return [*self._project.scripts, *self._project.runbooks]

    def _may_hold(self, release: Release, name: str, namespace: str | None, scope: str) -> bool:
        """Whether a chart may hold it: one that is installed into the namespace, or is told of either name."""
        if not may_meet(release.scope, scope):
            return False
        if namespace is None or release.namespace in (None, namespace):
            return True
        return not self._words_of(release.document).isdisjoint((name, namespace))

    def _acts_as(self, obj: KubeObject | None, user: Identity) -> bool:
        if obj is None or obj.group not in _FLUX or _account(obj).text != user.name:
            return False
        return self._project.kustomizations.namespaces(obj) == {user.namespace}

    def _words_of(self, document: Document) -> set[str]:
        if document not in self._words:
            self._words[document] = words_of(strings_in(document.root.value))
        return self._words[document]

    @cached_property
    def _spoken(self) -> dict[str, set[str]]:
        """The words of everything that may have something made by its name, by repository: what stands in anything but
        manifests of Kubernetes' own kinds, whatever it says of it.
        """
        return self._joined(self._speaking)

    @cached_property
    def _spoken_by_others(self) -> dict[str, set[str]]:
        """The same less the names of Flux's objects and of the accounts that they act as."""
        flux = [obj for obj in self._project.all_objects if obj.group.endswith(".fluxcd.io")]
        left_out = {id(obj.document) for obj in flux}
        found = self._joined(document for document in self._speaking if id(document) not in left_out)
        for obj in (obj for obj in flux if obj.group in _FLUX):
            spec = [field.value for key, field in obj.field("spec").items() if key != _ACCOUNT]
            found.setdefault(obj.document.repository, set()).update(words_of(strings_in(spec)))
        return found

    def _joined(self, documents: Iterable[Document]) -> dict[str, set[str]]:
        """The words of documents, and of all that is no document."""
        found: dict[str, set[str]] = {}
        for document in documents:
            found.setdefault(document.repository, set()).update(words_of(strings_in(document.root.value)))
        for text in self._project.texts:
            if text.kind != "gitignore":
                found.setdefault(self._repository_of(text.path), set()).update(words_of([text.text]))
        for script in self._scripts:
            if script.kind == "container" and script.mentions(*_TOOLS):
                found.setdefault(script.repository, set()).update(words_of([script.text]))
        return found

    @cached_property
    def _speaking(self) -> list[Document]:
        """The documents that may have something made by its name: values, playbooks, workflows, custom resources."""
        silent = {id(obj.document) for obj in self._project.all_objects if _is_plain(obj)}
        return [document for document in self._project.documents if id(document) not in silent]

    def _scope(self, document: Document) -> str:
        return scope_of(document.belongs_to, document.repository, document.rendering)


def _reaches(source: Source, namespace: str | None, scope: str) -> bool:
    """Whether a source may make objects in a namespace; anywhere, where that is None."""
    return may_meet(source.scope, scope) and (namespace is None or source.namespace in (None, namespace))


def _account(obj: KubeObject) -> Field:
    return obj.field("spec", _ACCOUNT)


def _builds(member: Kustomization) -> bool:
    return bool(member.children or member.files)


def _source_of(member: Kustomization) -> tuple[str, ...]:
    source = member.root.get("sourceRef")
    return tuple(str(source.get(step).value) for step in ("kind", "namespace", "name"))


def _may_make_objects(obj: KubeObject) -> bool:
    return not (is_known_group(obj.group) or obj.group in _HARMLESS or obj.kind in _HARMLESS_KINDS)


def _is_plain(obj: KubeObject) -> bool:
    """Whether nobody makes something else of the object: a ConfigMap may hold manifests or values."""
    if obj.kind in ("ConfigMap", "Secret"):
        return False
    return is_known_group(obj.group) or obj.kind in _HARMLESS_KINDS or obj.group == "kustomize.config.k8s.io"


def _scope_of_script(script: Script) -> str:
    return f"{script.repository}//" if script.repository else ""


def _applies_something_else(script: Script) -> bool:
    for command in script.commands:
        if command.subcommand(*_APPLYING) is None:
            continue
        given = [*command.option("-f", "--filename"), *command.option("-k", "--kustomize")]
        if any(_is_elsewhere(word.text) for word in given):
            return True
    return False


def _is_elsewhere(path: str | None) -> bool:
    """Whether what is applied is no file of the tree: unknown, the output of a command, an address."""
    return path is None or path == "-" or "://" in path or "github.com" in path or path.startswith(("/", "~", ".."))


@once_per_project
def outside_of(project: Project) -> Outside:
    """What makes objects that a project does not show, found out once for all rules."""
    return Outside(project)
