"""Accounts that Flux acts as and nothing makes: when that is said, and everything that may make them all the same."""

from __future__ import annotations

import pytest
from access_trees import bound, core, obj, reported, role, workflow

from kubelint.manifests import ClusterSettings

FLUX = "flux-account-cannot-reconcile"
HELM, BUILD = "helm.toolkit.fluxcd.io/v2", "kustomize.toolkit.fluxcd.io/v1"
CHART = {"chart": {"spec": {"chart": "web", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}}}


def release(name="web", account: str | None = "deployer", namespace="shop", **spec):
    acting = {"serviceAccountName": account} if account else {}
    return obj("HelmRelease", HELM, name, namespace, spec={"interval": "10m", **acting, **CHART, **spec})


def account(name="builder", namespace: str | None = "shop", **more):
    return obj("ServiceAccount", "v1", name, namespace, **more)


def build(path="./apps", source="platform", **spec):
    source = {"sourceRef": {"kind": "GitRepository", "name": source}, "path": path}
    return obj("Kustomization", BUILD, "apps", "shop", spec={"interval": "10m", "prune": True, **source, **spec})


APPS = {
    "apps/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\n",
    "apps/kustomization.yaml": "resources: [settings.yaml]\n",
}
TREE = [release(), account()]


def told(tree, **cluster):
    return reported(tree, (FLUX,), **({"cluster": ClusterSettings(**cluster)} if cluster else {}))


@pytest.mark.parametrize(
    "tree",
    [
        TREE,
        [release(), release("api"), account()],
        [release(), account("builders"), account("readers")],
        [release(), account(), account("deployer", "blog")],
        [release(), account(), release("blog", None, "blog")],
        [build(serviceAccountName="deployer"), account(), APPS],
        [*TREE, obj("Certificate", "cert-manager.io/v1", namespace="shop")],
        [*TREE, obj("Tenant", "example.com/v1", namespace="blog")],
        [*TREE, workflow("kubectl get pods -n shop")],
    ],
)
def test_an_account_that_nothing_makes(tree):
    assert told(tree) == [(FLUX, "info")]


def test_a_binding_to_it_makes_nothing():
    keeps = role("deployer", core("secrets", "*"), namespace="shop")
    assert told([*TREE, keeps, bound("deployer", "shop/deployer", namespace="shop")]) == [(FLUX, "info")]


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param([release()], id="no account of the namespace"),
        pytest.param([release(), account("builder", "blog")], id="accounts of another namespace"),
        pytest.param([*TREE, account("deployer")], id="it is there"),
        pytest.param([*TREE, account("deployer", None)], id="it is there, in a namespace that is not known"),
        pytest.param([*TREE, account("{{ name }}")], id="an account whose name is a template"),
        pytest.param([release(account="${ACCOUNT}"), account()], id="its name is a template"),
        pytest.param([release(account="default"), account()], id="default"),
        pytest.param([release(account=None), account()], id="the controller's own"),
        pytest.param([release(kubeConfig={"secretRef": {"name": "k"}}), account()], id="another cluster"),
        pytest.param([*TREE, release("tenant", None)], id="another chart in the namespace"),
        pytest.param([*TREE, release("tenant", "other")], id="another chart as another account"),
        pytest.param([*TREE, release("tenant", None, "flux", targetNamespace="${WHERE}")], id="a chart for anywhere"),
        pytest.param([*TREE, release("t", None, "flux", values={"accounts": ["deployer"]})], id="values that name it"),
        pytest.param([release(values={"serviceAccount": {"name": "deployer"}}), account()], id="its own values"),
        pytest.param([*TREE, build("./tenants")], id="a build of what is not in the tree"),
        pytest.param([*TREE, {"a/kustomization.yaml": "resources: [https://example.com/a]\n"}], id="a remote resource"),
        pytest.param([*TREE, obj("Application", "argoproj.io/v1alpha1", spec={})], id="Argo CD"),
        pytest.param([*TREE, obj("Tenant", "example.com/v1", namespace="shop")], id="a controller in the namespace"),
        pytest.param([*TREE, obj("Tenant", "example.com/v1")], id="a controller of the cluster"),
        pytest.param([*TREE, workflow("kubectl create sa deployer -n shop")], id="a script that makes it"),
        pytest.param([*TREE, obj("ConfigMap", data={"a": "{name: deployer}"})], id="a ConfigMap that mentions it"),
        pytest.param([*TREE, {"plays.yaml": "- hosts: all\n  vars: {account: deployer}\n"}], id="a playbook"),
    ],
)
def test_an_account_that_something_may_make(tree):
    assert told(tree) == []


def test_what_is_made_elsewhere_on_purpose():
    assert told(TREE, external=("ServiceAccount/shop/*",)) == []
    assert told(TREE, external=("ServiceAccount/blog/*",)) == [(FLUX, "info")]
