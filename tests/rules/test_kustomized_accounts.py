"""Accounts that kustomize moves and renames: whom the roles are for then, and what they lack."""

import pytest
import yaml
from access_trees import bound, core, job, obj, reported, role, rule, runner, workflow, written
from linting import lint_texts

APPLY = "deployer-cannot-apply"
RUN = "kubectl apply -f deploy/ -n shop"
DEPLOYED = {"deploy/web.yaml": yaml.safe_dump(obj("ConfigMap", name="web", namespace="shop"))}
ACCOUNT = obj("ServiceAccount", "v1", "deployer")


def without_namespace(*objects):
    """The objects as a base holds them."""
    return [{**each, "metadata": {"name": each["metadata"]["name"]}} for each in objects]


def base(*objects, **overlay):
    """A base with the objects, and an overlay."""
    entries = {"resources": ["../base"], **overlay}
    return {
        "infra/base/all.yaml": yaml.safe_dump_all(objects),
        "infra/base/kustomization.yaml": "resources: [all.yaml]\n",
        "infra/prod/kustomization.yaml": yaml.safe_dump(entries),
    }


def grants(*verbs, subject="/deployer"):
    rules = role("deployer", core("configmaps", verbs), namespace="x")
    return without_namespace(rules, bound("deployer", subject, namespace="x"), runner("x/deployer"))


@pytest.mark.parametrize(
    ("verbs", "overlay", "found"),
    [
        (("get",), {"namespace": "shop"}, [(APPLY, "error")]),
        (("get", "create", "patch"), {"namespace": "shop"}, []),
        # Custom resources keep the name of the account: the runners wait for one that nobody makes.
        (("get",), {"namespace": "shop", "namePrefix": "prod-"}, []),
        (("get",), {"namespace": "${NAMESPACE}"}, []),
        (("get",), {"namespace": "shop", "transformers": ["t.yaml"]}, []),
    ],
)
def test_a_runner_that_moves_with_its_account(verbs, overlay, found):
    tree = [base(ACCOUNT, *grants(*verbs), **overlay), DEPLOYED, workflow(RUN)]
    assert reported(tree, (APPLY,)) == found


@pytest.mark.parametrize(("verbs", "found"), [(("get",), [(APPLY, "error")]), (("get", "create", "patch"), [])])
def test_a_job_is_renamed_with_its_account(verbs, found):
    acting = without_namespace(job("x/deployer", "kubectl", "apply", "-f", "deploy/", "-n", "shop"))
    tree = [base(ACCOUNT, *grants(*verbs), *acting, namespace="shop", namePrefix="prod-"), DEPLOYED]
    assert reported(tree, (APPLY,)) == found


def test_a_job_without_a_token_of_a_renamed_account():
    silent = {**ACCOUNT, "automountServiceAccountToken": False}
    acting = without_namespace(job("x/deployer", "kubectl", "apply", "-f", "deploy/", "-n", "shop"))
    tree = [base(silent, *grants("get"), *acting, namespace="shop", namePrefix="prod-"), DEPLOYED]
    assert reported(tree, (APPLY,)) == []


def test_findings_name_the_account_as_it_ends_up():
    powers = rule("roles", "create patch update escalate")
    held = without_namespace(role("manager", powers), bound("manager", "system/manager"))
    pods = {"serviceAccountName": "manager", "containers": [{"name": "manager", "image": "example.com/m:1.0.0"}]}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": pods}}
    runs = obj("Deployment", "apps/v1", "manager", "system", spec=spec)
    made = base(obj("ServiceAccount", "v1", "manager", "system"), runs, *held, namespace="backup", namePrefix="b-")
    (finding,) = lint_texts(written([made]), select=("grants-escalation",)).findings
    assert "`ServiceAccount backup/b-manager`" in finding.message and str(finding.severity) == "info"
