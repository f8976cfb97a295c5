"""Small trees about who may do what: roles, bindings, runners, and what is deployed with their accounts."""

import yaml
from linting import REGISTRY, lint_texts

from kubelint.checks import Category

GROUP = "rbac.authorization.k8s.io"
RUNNER = "ci/runner"
WRITE = ("get", "create", "patch")


def rule(resources, verbs, names=(), groups=(GROUP,)):
    """One entry of a role's rules; verbs as words or as a list."""
    named = {"resourceNames": list(names)} if names else {}
    verbs = verbs.split() if isinstance(verbs, str) else list(verbs)
    return {"apiGroups": list(groups), "resources": resources.split(), **named, "verbs": verbs}


def core(resources, verbs, names=()):
    """One entry about the core group."""
    return rule(resources, verbs, names, ("",))


def role(name, *rules, namespace=None, labels=None, **more):
    """A Role with a namespace, else a ClusterRole."""
    metadata = {
        "name": name,
        **({"namespace": namespace} if namespace else {}),
        **({"labels": labels} if labels else {}),
    }
    kind = "Role" if namespace else "ClusterRole"
    return {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": metadata, "rules": list(rules), **more}


def aggregating(label, value="true"):
    """What makes a ClusterRole take in the rules of those with a label."""
    return {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {label: value}}]}}


def subject(text):
    """`ns/name` is a service account, `group:name` a group, `user:name` a user."""
    for kind in ("User", "Group"):
        if text.startswith(f"{kind.lower()}:"):
            return {"kind": kind, "apiGroup": GROUP, "name": text.partition(":")[2]}
    namespace, _, name = text.rpartition("/")
    return {"kind": "ServiceAccount", "name": name, **({"namespace": namespace} if namespace else {})}


def bound(ref, *subjects, namespace=None, kind=None, name=None):
    """A RoleBinding with a namespace, else a ClusterRoleBinding."""
    metadata = {"name": name or f"{ref}-binding".replace(":", "-"), **({"namespace": namespace} if namespace else {})}
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": GROUP, "kind": kind or ("Role" if namespace else "ClusterRole"), "name": ref},
        "subjects": [subject(text) for text in subjects],
    }


def obj(kind, version="v1", name="web", namespace=None, **more):
    """Any object."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


def runner(account=RUNNER, **spec):
    """A scale set that takes `runs-on: runners`."""
    namespace, _, name = account.partition("/")
    pod = {
        "serviceAccountName": name,
        "containers": [{"name": "runner", "image": "ghcr.io/actions/actions-runner:2.330.0"}],
    }
    return {
        "apiVersion": "actions.github.com/v1alpha1",
        "kind": "AutoscalingRunnerSet",
        "metadata": {"name": "runners", "namespace": namespace},
        "spec": {"githubConfigUrl": "https://github.com/example/shop", "template": {"spec": {**pod, **spec}}},
    }


def job(account, *command):
    """A Job of the cluster that deploys."""
    namespace, _, name = account.partition("/")
    container = {"name": "deploy", "image": "registry.example.com/tools:1.0.0", "command": list(command)}
    template = {"spec": {"serviceAccountName": name, "restartPolicy": "Never", "containers": [container]}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "deploy", "namespace": namespace},
        "spec": {"template": template},
    }


def workflow(run, *steps, **more):
    """The file of a workflow that the runners take."""
    steps = [{"uses": "actions/checkout@v4"}, *steps, {"run": run}]
    jobs = {"deploy": {"runs-on": "runners", "timeout-minutes": 9, "steps": steps, **more}}
    return {".github/workflows/deploy.yaml": yaml.safe_dump({"on": "push", "jobs": jobs})}


def chart(*objects):
    """The files of the chart `./chart`."""
    files = {f"chart/templates/{index}.yaml": yaml.safe_dump(each) for index, each in enumerate(objects)}
    return {"chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n", **files}


def written(tree):
    """Files from a tree, which is a list of objects and of files."""
    objects = [part for part in tree if "kind" in part]
    files = {"all.yaml": yaml.safe_dump_all(objects)} if objects else {}
    for part in tree:
        if "kind" not in part:
            files |= part
    return files


ABOUT_ACCESS = tuple(each.meta.id for each in REGISTRY if each.meta.category in (Category.RBAC, Category.DEPLOY))


def reported(tree, select=ABOUT_ACCESS, **settings):
    """What the rules say about a tree: pairs of rule and severity."""
    report = lint_texts(written(tree), select=select, **settings)
    assert not report.crashed, [finding.message for finding in report.findings]
    return [(finding.meta.id, str(finding.severity)) for finding in report.findings]
