"""Everything that was read, indexed together: what project rules see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.github.workflows import Workflow, read_workflow
from kubelint.manifests.objects import KubeObject, read_objects
from kubelint.manifests.pods import PodTemplate, pod_templates
from kubelint.manifests.scopes import nested_repositories
from kubelint.manifests.settings import ClusterSettings
from kubelint.sources import Step
from kubelint.sources.text_files import TextFile, TextKind

if TYPE_CHECKING:
    from kubelint.manifests.dockerfiles import Dockerfile
    from kubelint.manifests.github.actions import Action
    from kubelint.manifests.hosts.inventory import Inventories, Inventory
    from kubelint.manifests.hosts.reading import Hosts
    from kubelint.manifests.kustomize import Kustomizations
    from kubelint.manifests.monitoring.alert_rules import AlertGroup
    from kubelint.manifests.monitoring.alertmanagers import AlertmanagerConfiguration
    from kubelint.manifests.releases import Release
    from kubelint.manifests.releases.charts import Charts
    from kubelint.manifests.releases.embedded import UnreadText
    from kubelint.manifests.repository import GitHook, GitIgnores, SopsPolicy
    from kubelint.manifests.repository.credential_files import CredentialFile
    from kubelint.manifests.shell.scripts import Script


class Project:
    """All documents of a tree and what they mean, by kind and by name."""

    def __init__(
        self,
        documents: Iterable[Document],
        settings: ClusterSettings | None = None,
        repositories: Iterable[str] = (),
        texts: Iterable[TextFile] = (),
        hidden_files: Iterable[str] = (),
    ) -> None:
        self.documents = list(documents)
        given = list(texts)
        self.texts = [text for text in given if text.kind is not TextKind.CREDENTIALS]
        """The files that are no YAML: Markdown, scripts, inventories, Dockerfiles, `.gitignore`."""
        self.named_for_credentials = [text for text in given if text.kind is TextKind.CREDENTIALS]
        """The files that are called as those with credentials are; git may ignore them."""
        self.inside = False
        """Whether this is a part of a repository, of which the rest is not seen."""
        self.hidden_files = frozenset(hidden_files)
        """The files that may hold objects which nobody sees: templates, and what could not be read whole."""
        self.settings = settings or ClusterSettings()
        self.made: dict[Callable[[Project], Any], Any] = {}
        """What `once_per_project` keeps."""
        self.earlier: Callable[[], Project] | None = None
        """Reads the project as it was before the change that is looked at, if it is known what that changed."""
        self._mark_repositories(repositories)
        self.all_objects: list[KubeObject] = []
        self.workflows: list[Workflow] = []
        self._by_kind: dict[str, list[KubeObject]] = {}
        for document in self.documents:
            self._add(document)
        if self.has_kustomizations():
            for obj in self.all_objects:
                obj.partial = obj.file in self.kustomizations.files

    def _mark_repositories(self, known: Iterable[str]) -> None:
        roots = nested_repositories({document.file for document in self.documents}, known)
        if roots:
            for document in self.documents:
                document.repository = next((r for r in roots if document.file.startswith(f"{r}/")), "")

    def _add(self, document: Document) -> None:
        workflow = read_workflow(document)
        if workflow is not None:
            self.workflows.append(workflow)
            return
        for obj in read_objects(document):
            self.all_objects.append(obj)
            self._by_kind.setdefault(obj.kind, []).append(obj)

    @cached_property
    def before(self) -> Project | None:
        """The project as it was before the change that is looked at, as it was written; None where there is none."""
        return self.earlier() if self.earlier is not None else None

    def has_kustomizations(self) -> bool:
        """Whether the tree holds kustomizations; cheaper than to read them."""
        return self._holds_kustomizations

    @cached_property
    def _holds_kustomizations(self) -> bool:
        if "Kustomization" in self._by_kind or "Component" in self._by_kind:
            return True
        return any(document.file.rsplit("/", 1)[-1].startswith("kustomization.") for document in self.documents)

    @cached_property
    def kustomizations(self) -> Kustomizations:
        """What the kustomizations of the tree include, and what they make of it."""
        from kubelint.manifests.kustomize import Kustomizations

        return Kustomizations(self.documents, self._by_kind.get("Kustomization", []))

    @cached_property
    def pods(self) -> list[PodTemplate]:
        """Every pod template, whichever kind holds it."""
        return [pod for obj in self.all_objects for pod in pod_templates(obj)]

    @cached_property
    def releases(self) -> list[Release]:
        """Every release of a chart, in every wrapper, in the order of the files."""
        from kubelint.manifests.releases.reading import read_releases

        return read_releases(self)

    @cached_property
    def unread(self) -> list[UnreadText]:
        """What of the values that objects keep as YAML in a string cannot be read."""
        from kubelint.manifests.releases.embedded import unread_values

        return unread_values(self)

    @cached_property
    def charts(self) -> Charts:
        """The chart directories of the tree by their folders."""
        from kubelint.manifests.releases.charts import Charts

        return Charts(self)

    @cached_property
    def alert_groups(self) -> list[AlertGroup]:
        """Every group of alerting and recording rules: in files, objects, ConfigMaps and values."""
        from kubelint.manifests.monitoring.alert_groups import read_alert_groups

        return read_alert_groups(self)

    @cached_property
    def grafana_groups(self) -> list[AlertGroup]:
        """Every group of alerts that Grafana evaluates by itself: in files, objects, ConfigMaps and values."""
        from kubelint.manifests.monitoring.grafana import read_grafana_groups

        return read_grafana_groups(self)

    @cached_property
    def alertmanagers(self) -> list[AlertmanagerConfiguration]:
        """Every configuration of Alertmanager: in files, Secrets, objects and values."""
        from kubelint.manifests.monitoring.alertmanagers import read_alertmanagers

        return read_alertmanagers(self)

    @cached_property
    def sops_policies(self) -> list[SopsPolicy]:
        """The `.sops.yaml` files."""
        from kubelint.manifests.repository.sops import read_policies

        return read_policies(self)

    @cached_property
    def git_hooks(self) -> list[GitHook]:
        """The git hooks that pre-commit, lefthook and husky set up."""
        from kubelint.manifests.repository.hooks import read_hooks

        return read_hooks(self)

    @cached_property
    def gitignores(self) -> GitIgnores:
        """The `.gitignore` files, and what they ignore."""
        from kubelint.manifests.repository.gitignores import read_gitignores

        return read_gitignores(self)

    @cached_property
    def credential_files(self) -> list[CredentialFile]:
        """The files that are called as those with credentials are, and that git has or would take."""
        from kubelint.manifests.repository.credential_files import read_credential_files

        return read_credential_files(self)

    @cached_property
    def hosts(self) -> Hosts:
        """The hosts' side: Ansible inventories and plays, k3s, Talos and kubeadm configurations."""
        from kubelint.manifests.hosts.reading import Hosts

        return Hosts(self)

    @cached_property
    def inventories(self) -> Inventories:
        """What is known of the nodes of every cluster."""
        from kubelint.manifests.hosts.inventory import Inventories

        return Inventories(self)

    def inventory(self, scope: str = "") -> Inventory:
        """What is known of the nodes of the cluster that `scope` belongs to."""
        return self.inventories.of(scope)

    @cached_property
    def actions(self) -> list[Action]:
        """The `action.yml` files."""
        from kubelint.manifests.github.actions import read_action

        found = map(read_action, (doc for doc in self.documents if doc.file.endswith(("action.yml", "action.yaml"))))
        return [action for action in found if action is not None]

    @cached_property
    def scripts(self) -> list[Script]:
        """Every script that machines run: of workflows, actions, containers, and shell files."""
        from kubelint.manifests.shell.scripts import read_scripts

        return read_scripts(self)

    @cached_property
    def runbooks(self) -> list[Script]:
        """Every script that people are told to run: commands in Markdown documents."""
        from kubelint.manifests.shell.runbooks import read_runbooks

        return read_runbooks(self)

    @cached_property
    def dockerfiles(self) -> list[Dockerfile]:
        """The Dockerfiles."""
        from kubelint.manifests.dockerfiles import read_dockerfiles

        return read_dockerfiles(self)

    @cached_property
    def files(self) -> dict[str, list[Document]]:
        """The documents of each file."""
        found: dict[str, list[Document]] = {}
        for document in self.documents:
            found.setdefault(document.file, []).append(document)
        return found

    def objects(self, kind: str | Iterable[str] | None = None, group: str | None = None) -> list[KubeObject]:
        """The objects of a kind, of several kinds, or all; of one API group where `group` is given ("" is core)."""
        if kind is None:
            found = self.all_objects
        elif isinstance(kind, str):
            found = self._by_kind.get(kind, [])
        else:
            found = [obj for name in sorted(kind) for obj in self._by_kind.get(name, [])]
        return [obj for obj in found if group is None or obj.group == group]

    def find(self, kind: str, name: str, namespace: str | None = None) -> list[KubeObject]:
        """The objects of that kind and name; in that namespace, or where the manifest leaves the namespace open."""
        found = self._by_name.get((kind, name), [])
        return [obj for obj in found if namespace is None or obj.namespace in (None, namespace)]

    def labelled(self, kind: str, labels: Mapping[str, str], namespace: str | None = None) -> list[KubeObject]:
        """The objects of a kind that carry all of `labels`, which must not be empty; namespaces as in `find`."""
        sets = [self._by_label.get((kind, key, value), []) for key, value in labels.items()]
        candidates = min(sets, key=len, default=[])
        return [
            obj
            for obj in candidates
            if labels.items() <= obj.labels.items() and (namespace is None or obj.namespace in (None, namespace))
        ]

    @cached_property
    def _by_name(self) -> dict[tuple[str, str | None], list[KubeObject]]:
        index: dict[tuple[str, str | None], list[KubeObject]] = {}
        for obj in self.all_objects:
            index.setdefault((obj.kind, obj.name), []).append(obj)
        return index

    @cached_property
    def _by_label(self) -> dict[tuple[str, str, str], list[KubeObject]]:
        index: dict[tuple[str, str, str], list[KubeObject]] = {}
        for obj in self.all_objects:
            for key, value in obj.labels.items():
                index.setdefault((obj.kind, key, value), []).append(obj)
        return index

    def may_be_patched(self, obj: KubeObject, *steps: Step) -> bool:
        """Whether a kustomization of the tree may set the field at `steps`: what looks missing there is unknown."""
        return self.has_kustomizations() and self.kustomizations.may_set(obj, *steps)

    def field(self, file: str, index: int) -> Field | None:
        """The root of the `index`th document of `file`."""
        return self._roots.get((file, index))

    @cached_property
    def _roots(self) -> dict[tuple[str, int], Field]:
        return {(document.file, document.index): document.root for document in self.documents}
