"""Label selectors that the API server rejects."""

import pytest

from kubelint.cluster.rbac import validate


def rejected(selector):
    role = {"kind": "ClusterRole", "metadata": {"name": "all"}, "aggregationRule": {"clusterRoleSelectors": [selector]}}
    return [".".join(map(str, rejection.path[3:])) for rejection in validate(role)]


def asking(**requirement):
    return {"matchExpressions": [{"key": "tier", **requirement}]}


@pytest.mark.parametrize(
    ("selector", "paths"),
    [
        ({}, []),
        (None, []),
        (3, []),
        ("{{ .Values.selector }}", []),
        ({"matchLabels": {"tier": "web", "example.com/tier": ""}}, []),
        ({"matchLabels": {"tier": "${TIER}", "${KEY}": "web"}}, []),
        ({"matchLabels": {"-tier": "web"}}, ["matchLabels.-tier"]),
        ({"matchLabels": {"Example.com/tier": "web"}}, ["matchLabels.Example.com/tier"]),
        ({"matchLabels": {"a/b/c": "web"}}, ["matchLabels.a/b/c"]),
        ({"matchLabels": {"t" * 64: "web"}}, ["matchLabels." + "t" * 64]),
        ({"matchLabels": {"t" * 63: "w" * 64}}, ["matchLabels." + "t" * 63]),
        (asking(operator="In", values=["web"]), []),
        (asking(operator="NotIn", values=[""]), []),
        (asking(operator="Exists"), []),
        (asking(operator="DoesNotExist", values=[]), []),
        (asking(operator="In"), ["matchExpressions.0.values"]),
        (asking(operator="NotIn", values=[]), ["matchExpressions.0.values"]),
        (asking(operator="Exists", values=["web"]), ["matchExpressions.0.values"]),
        (asking(operator="in", values=["web"]), ["matchExpressions.0.operator"]),
        (asking(operator=["In"], values=["web"]), ["matchExpressions.0.operator"]),
        (asking(), ["matchExpressions.0.operator"]),
        (asking(operator="In", values=["a b", "c"]), ["matchExpressions.0.values.0"]),
        (asking(operator="In", values="${VALUES}"), []),
        (asking(operator="${OPERATOR}"), []),
        ({"matchExpressions": [{"operator": "Exists"}]}, ["matchExpressions.0.key"]),
        ({"matchExpressions": ["${EXPRESSION}", None]}, ["matchExpressions.1.operator", "matchExpressions.1.key"]),
        ({"matchExpressions": "tier", "matchLabels": [1]}, []),
    ],
)
def test_a_selector(selector, paths):
    assert rejected(selector) == paths
