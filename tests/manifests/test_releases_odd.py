"""Whatever stands where something else belongs: reading releases never raises, and walking them neither."""

import json
from random import Random

import pytest
from releasing import Tree

WHOLE = {
    "app.yaml": {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "web"},
        "spec": {
            "destination": {"namespace": "shop"},
            "sources": [
                {
                    "repoURL": "https://git.example.org/shop.git",
                    "path": "web",
                    "helm": {
                        "releaseName": "web",
                        "values": "dns: {a: 1}\n",
                        "valuesObject": {"dns": {"a": 1}},
                        "parameters": [{"name": "dns.a", "value": "1", "forceString": True}],
                        "fileParameters": [{"name": "b", "path": "x"}],
                        "valueFiles": ["values.yaml", "$home/web/*.yaml"],
                        "ignoreMissingValueFiles": True,
                    },
                },
                {"repoURL": "https://git.example.org/home.git", "ref": "home"},
                {"repoURL": "https://charts.example.org", "chart": "dns", "targetRevision": "1.x"},
            ],
        },
    },
    "helmfile.yaml": {
        "repositories": [{"name": "dns", "url": "registry.example.org", "oci": True}],
        "helmDefaults": {"args": ["--wait"]},
        "releases": [
            {
                "name": "dns",
                "namespace": "shop",
                "chart": "./web",
                "version": "1.x",
                "installed": True,
                "values": ["web/values.yaml", {"a": 1}],
                "set": [{"name": "a", "value": "b"}, {"name": "c", "values": ["d"]}],
                "secrets": ["x"],
            }
        ],
    },
    "k/kustomization.yaml": {
        "namespace": "shop",
        "helmGlobals": {"chartHome": ".."},
        "helmCharts": [
            {
                "name": "web",
                "releaseName": "x",
                "valuesFile": "a.yaml",
                "valuesInline": {"a": 1},
                "valuesMerge": "merge",
            }
        ],
    },
    "web/Chart.yaml": {
        "name": "web",
        "version": "1.0.0",
        "type": "application",
        "dependencies": [
            {"name": "dns", "alias": "d", "version": "1.x", "condition": "dns.enabled", "tags": ["a"]},
            {"name": "web", "repository": "file://../web"},
        ],
    },
    "web/values.yaml": {"dns": {"enabled": True, "a": 1}, "tags": {"a": True}},
}
ODD = [
    None,
    True,
    5,
    1.5,
    "",
    "text",
    "{{ x }}",
    "../../..",
    "$x",
    "file://",
    [],
    [[]],
    {},
    {"a": {"b": []}},
    [None, 5],
]


def changed(value, choose):
    """`value` with something odd in one or more places of it."""
    if choose(12) == 0:
        return ODD[choose(len(ODD))]
    if isinstance(value, dict):
        return {key: changed(item, choose) for key, item in value.items() if choose(12)}
    return [changed(item, choose) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(100))
def test_odd_values_in_odd_places(seed):
    choose = Random(seed).randrange
    files = {name: json.dumps(changed(content, choose)) for name, content in WHOLE.items()}
    for release in Tree(files).releases():
        assert release.display
        assert isinstance(release.values.value, dict) or not list(release.values.items())
        for key in ("dns", "a", "tags"):
            release.values.get(key, "a", 0)
        for source in release.sources:
            assert source.at.document is not None
