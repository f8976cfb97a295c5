"""Which files mean something to kubelint, besides those that hold objects and workflows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

_CHART_FILES = ("Chart.yaml", "values.yaml", "values.yml", "requirements.yaml")


def unrecognised(project: Project, files: set[str]) -> set[str]:
    """Those of `files` that are nothing that the project reads. Asks no more of it than it takes to place them all."""
    left = set(files)
    for view in _VIEWS:
        if not left:
            break
        left.difference_update(view(project))
    return left


def _chart_files(project: Project) -> Iterator[str]:
    for folder, chart in project.charts.items():
        yield from (f"{folder}/{name}" if folder else name for name in _CHART_FILES)
        yield from (values.document.file for values in chart.ci)


def _kustomization_files(project: Project) -> Iterator[str]:
    yield from (member.document.file for member in project.kustomizations)
    yield from project.kustomizations.files
    for kind in ("ConfigMap", "Secret"):
        for made in project.kustomizations.generated(kind):
            yield from (document.file for key in made.keys for document in key.documents)


def _release_files(project: Project) -> Iterator[str]:
    for release in project.releases:
        yield release.file
        yield from (source.values.document.file for source in release.sources)


def _host_files(project: Project) -> Iterator[str]:
    hosts = project.hosts
    yield from (inventory.file for inventory in hosts.inventories)
    yield from (variables.file for variables in hosts.variable_files)
    yield from (config.file for config in hosts.server_configs)
    yield from (config.file for config in hosts.talconfigs)
    yield from (machine.file for machine in hosts.talos_machines)
    yield from (nodes.file for nodes in hosts.node_lists)
    for play in hosts.plays:
        yield play.root.document.file
        yield from (task.root.document.file for task in play.tasks)


def _monitoring_files(project: Project) -> Iterator[str]:
    yield from (group.file for group in (*project.alert_groups, *project.grafana_groups))
    yield from (configuration.file for configuration in project.alertmanagers)


def _repository_files(project: Project) -> Iterator[str]:
    yield from (policy.file for policy in project.sops_policies)
    yield from (hook.file for hook in project.git_hooks)
    yield from (action.file for action in project.actions)


_VIEWS: tuple[Callable[[Project], Iterator[str]], ...] = (
    _kustomization_files,
    _chart_files,
    _release_files,
    _repository_files,
    _monitoring_files,
    _host_files,
)
