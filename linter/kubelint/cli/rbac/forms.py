"""The forms in which `kubelint rbac needs` answers: text, JSON and YAML."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.cli.rbac.answers import Answered, overall
from kubelint.cli.rbac.clusters import Tree
from kubelint.cli.rbac.deployment import Deployment
from kubelint.cli.rbac.needs_text import lacked, needed, needs_data
from kubelint.cli.rbac.roles import as_yaml, manifests
from kubelint.cli.rbac.words import Asked
from kubelint.cluster.kinds import RBAC
from kubelint.cluster.rbac import RBAC_GROUP, name_of
from kubelint.reporters.json_text import dumps


def shown(form: str, tree: Tree, deployment: Deployment, asked: Asked | None, answers: list[Answered]) -> str:
    """What the command prints."""
    if form == "text":
        lines = needed(deployment, answers[0].answer) if asked is None else lacked(deployment, asked, answers)
    elif form == "json":
        taken = list(_names_in_use(tree, deployment))
        each = [manifests(deployment, asked, answered.answer.demands, taken) for answered in answers]
        data = needs_data(deployment, asked, answers, overall(answers), each)
        lines = iter([dumps(data, indent=2)])
    else:
        taken = list(_names_in_use(tree, deployment))
        needs = [answered.answer for answered in answers]
        demands = [demand for answer in needs for demand in answer.demands]
        lines = as_yaml(deployment, asked, needs, manifests(deployment, asked, demands, taken))
    return "".join(f"{line}\n" for line in lines)


def _names_in_use(tree: Tree, deployment: Deployment) -> Iterator[str]:
    """The names of roles and bindings that a new one must not have."""
    yield from (obj.name or "" for obj in tree.project.objects(RBAC, group=RBAC_GROUP))
    yield from (name_of(part.manifest) for part in deployment.parts if RBAC_GROUP in str(part.manifest["apiVersion"]))
