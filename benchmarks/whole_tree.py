"""CPU of a whole run as a multiple of libyaml's raw events over the same files, in one process.

    python benchmarks/whole_tree.py PATH... [--rounds 3]

Prints seconds and ratios: reading documents; reading everything that surrounds them too (releases, kustomizations,
workflows and their scripts, rules, inventories, Markdown); a run without the secrets category, a run with it. The
budget is 4.5 for reading everything, and for a run without secrets.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

from kubelint.checks import Category, Registry, load_rules
from kubelint.config.model import Settings
from kubelint.engine.linter import Input, Linter
from kubelint.manifests import Document, Project
from kubelint.sources import SourceFile
from kubelint.sources.discovery import Discovery
from kubelint.sources.reading import read_file, read_text
from kubelint.sources.text_files import TextFile, text_kind

VIEWS = (
    "pods",
    "releases",
    "charts",
    "kustomizations",
    "scripts",
    "runbooks",
    "dockerfiles",
    "alert_groups",
    "alertmanagers",
    "actions",
    "sops_policies",
    "git_hooks",
    "gitignores",
)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    gc.disable()
    roots = [path.resolve() for path in options.paths]
    texts = [file.text for root in roots for file in _files(root) if not file.is_json]
    print(f"{sum(map(len, texts)) / 1e6:.1f} million characters in {len(texts)} files")
    registry = load_rules()
    plain = Settings(deselect=(Category.SECRETS.value,))
    jobs: dict[str, Callable[[], None]] = {
        "yaml.parse": lambda: _events(texts),
        "read": lambda: [_files(root) for root in roots] and None,
        "read everything": lambda: [_everything(root) for root in roots] and None,
        "without secrets": lambda: [_run(root, plain, registry) for root in roots] and None,
        "with secrets": lambda: [_run(root, Settings(), registry) for root in roots] and None,
    }
    best = {name: min(_cpu(job) for _ in range(options.rounds)) for name, job in jobs.items()}
    for name, seconds in best.items():
        print(f"{name:<16} {seconds:7.2f} s  {seconds / best['yaml.parse']:6.2f}")


def _files(root: Path) -> list[SourceFile]:
    return [read_file(root, path) for path in Discovery(root).walk()]


def _everything(root: Path) -> None:
    discovery = Discovery(root)
    files = [read_file(root, path) for path in discovery.walk()]
    texts = [TextFile(path, text_kind(path), partial(read_text, root, path)) for path in discovery.texts]
    documents = [Document(source) for file in files for source in file.documents]
    project = Project(documents, repositories=discovery.repositories, texts=texts)
    for view in VIEWS:
        getattr(project, view)
    _ = project.inventory().nodes, project.hosts.plays, project.hosts.server_configs
    for script in (*project.scripts, *project.runbooks):
        _ = script.commands
    for release in project.releases:
        _ = release.values.value
    for obj in project.all_objects:
        project.kustomizations.namespaces(obj)
    for workflow in project.workflows:
        _ = workflow.jobs


def _events(texts: list[str]) -> None:
    for text in texts:
        try:
            for _ in yaml.parse(text, LOADER):
                pass
        except yaml.YAMLError:
            pass


def _run(root: Path, settings: Settings, registry: Registry) -> None:
    Linter(registry, settings).run(Input(_files(root)))


def _cpu(job: Callable[[], None]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start


if __name__ == "__main__":
    main()
