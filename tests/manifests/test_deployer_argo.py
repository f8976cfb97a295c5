"""What Argo CD deploys of the tree in the name of a service account."""

from __future__ import annotations

import pytest
from deploying import runs

PROJECT = """
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: shop, namespace: argocd}
spec:
  destinationServiceAccounts: [{server: "*", namespace: "*", defaultServiceAccount: syncer}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm, namespace: argocd}
data: {application.sync.impersonation.enabled: "true"}
"""
APPLICATION = """
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: NAME, namespace: argocd}
spec:
  project: shop
  destination: {server: https://kubernetes.default.svc, namespace: shop}
  SOURCE
"""
OWN = "repoURL: https://example.net/platform.git"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n"
FILES = {
    name: CONFIG.replace("NAME", name.rpartition("/")[2].partition(".")[0])
    for name in ("web/a.yaml", "web/b.yml", "web/more/c.yaml", "web/more/d.json.yaml", "base/e.yaml", "top.yaml")
} | {"base/kustomization.yaml": "namePrefix: p-\nresources: [e.yaml]\n"}
CHART = {"chart/Chart.yaml": "name: x\nversion: 1.0.0\n", "chart/templates/f.yaml": CONFIG.replace("NAME", "f")}


def application(source: str, name: str = "web") -> str:
    return APPLICATION.replace("NAME", name).replace("SOURCE", source)


def one(text: str) -> str:
    return f"source: {{{OWN}, {text}}}"


def deployed(source: str, files: dict[str, str] | None = None) -> tuple[list[str], bool]:
    """The names of what is deployed, and whether it is all."""
    (run,) = runs({"argo/project.yaml": PROJECT, "argo/web.yaml": application(source), **FILES, **(files or {})})
    return [each["metadata"]["name"] for each in run.deployed.manifests], run.deployed.complete


@pytest.mark.parametrize(
    ("source", "names", "complete"),
    [
        (one("path: web"), ["a", "b"], True),
        (one("path: ./web/"), ["a", "b"], True),
        (one("path: /web"), ["a", "b"], True),
        (one("path: web, targetRevision: main"), ["a", "b"], True),
        (one("path: web, directory: {recurse: true}"), ["a", "b", "c", "d"], True),
        (one("path: web, directory: {include: '*.yml'}"), ["b"], True),
        (one("path: web, directory: {recurse: true, include: '{a.*,more/*}', exclude: '*d*'}"), ["a", "c"], True),
        (one("path: web, directory: {recurse: true, exclude: '*/*'}"), ["a", "b"], True),
        (one("path: web, directory: {exclude: '[z-a]'}"), [], False),
        (one("path: web, directory: {recurse: '${DEEP}'}"), ["a", "b"], False),
        (one("path: web, directory: {jsonnet: {}}"), ["a", "b"], False),
        (one("path: web, kustomize: {images: [a=b]}"), [], False),
        (one("path: web, plugin: {name: x}"), [], False),
        (one("path: web, helm: {releaseName: x}"), [], False),
        (one("path: base"), ["p-e"], False),
        (one("path: base, kustomize: {images: [a=b]}"), ["p-e"], False),
        (one("path: base, kustomize: {namePrefix: x-}"), [], False),
        (one("path: web, targetRevision: v1.2.0"), [], False),
        (one("path: web, targetRevision: '${BRANCH}'"), [], False),
        (one("path: '${FOLDER}'"), [], False),
        (one("path: ../web"), [], False),
        (one("path: elsewhere"), [], False),
        (one("path: ."), [], False),
        (one("chart: web, targetRevision: 1.0.0"), [], False),
        ("source: {path: web}", [], False),
        ("source: '${SOURCE}'", [], False),
        (f"sources: [{{{OWN}, path: web}}, {{{OWN}, path: base}}]", ["a", "b", "p-e"], False),
        (f"sources: [{{{OWN}, path: web}}, {{{OWN}, ref: values}}]", ["a", "b"], True),
        (f"sources: [{{{OWN}, path: web}}, {{repoURL: https://example.net/x, chart: y}}]", ["a", "b"], False),
        (f"sources: [{{{OWN}, path: web}}, {{repoURL: https://example.net/x, path: nowhere}}]", ["a", "b"], False),
    ],
)
def test_the_sources_that_are_folders_of_the_tree(source: str, names: list[str], complete: bool) -> None:
    assert deployed(source) == (names, complete)


def test_a_chart_of_the_tree() -> None:
    assert deployed(one("path: chart"), CHART)[0] == ["f"]
    assert deployed(one("path: chart, helm: {releaseName: x}"), CHART)[0] == ["f"]
    assert deployed(one("path: chart, directory: {recurse: true}"), CHART)[0] == ["f"]


@pytest.mark.parametrize(
    ("files", "names", "complete"),
    [
        ({"web/.argocd-source.yaml": "directory: {recurse: true}\n"}, [], False),
        ({"web/.argocd-source-web.yaml": "helm: {}\n"}, [], False),
        ({"web/values.yaml": CONFIG.replace("NAME", "v") + "# +argocd:skip-file-rendering\n"}, ["a", "b"], True),
    ],
)
def test_files_that_argo_reads_otherwise(files: dict[str, str], names: list[str], complete: bool) -> None:
    assert deployed(one("path: web"), files) == (names, complete)


ELSEWHERE = "source: {repoURL: 'git@example.net:other/apps', path: PATH}"


@pytest.mark.parametrize(
    ("others", "names"),
    [
        ({}, ["a", "b"]),
        ({"base": one("path: base")}, ["a", "b"]),
        # The address of a repository whose other folders are not here is not this one's.
        ({"x": one("path: missing")}, []),
        # Two repositories, of which either may be this one.
        ({"x": ELSEWHERE.replace("PATH", "base")}, []),
        ({"x": ELSEWHERE.replace("PATH", "base"), "y": one("path: base")}, ["a", "b"]),
        ({"x": ELSEWHERE.replace("PATH", "base"), "y": ELSEWHERE.replace("PATH", "nowhere")}, ["a", "b"]),
        ({"x": "source: {repoURL: 'git@example.net:platform', path: base}"}, ["a", "b"]),
    ],
)
def test_which_address_is_this_repository(others: dict[str, str], names: list[str]) -> None:
    files = {f"apps/{name}.yaml": application(source, name) for name, source in others.items()}
    found = runs({"argo/project.yaml": PROJECT, "argo/web.yaml": application(one("path: web")), **FILES, **files})
    run = next(run for run in found if "web" in run.at.document.file)  # type: ignore[union-attr]
    assert [each["metadata"]["name"] for each in run.deployed.manifests] == names
