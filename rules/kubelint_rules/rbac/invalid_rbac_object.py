"""Rule: invalid-rbac-object."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.kinds import RBAC
from kubelint.cluster.rbac import RBAC_GROUP, Rejection, validate
from kubelint.manifests import Field, KubeObject, Project

from .shapes import misshapen


class InvalidRbacObject(ProjectRule):
    """A role or binding that the API server rejects.

    ## What it does
    Applies the API server's own validation to Roles, ClusterRoles, RoleBindings and ClusterRoleBindings:
    rules without verbs, groups or resources, URLs in a Role, a ClusterRoleBinding to a Role, subjects of an
    unknown kind, a service account without its namespace, and so on; and before that what it cannot read, such
    as one verb where a list belongs, or a label that is `true` and not `"true"`. What the API server fills in by
    itself, such as a missing `apiGroup`, is no finding.

    ## Why it matters
    The object is refused when it is applied. In a GitOps repository everything else in the same unit stays
    back with it, and a pipeline stops halfway: some rights are there, others are not.

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: deployer
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: edit
    subjects:
      - kind: ServiceAccount
        name: deployer
    ```

    ## Use instead
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: deployer
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: edit
    subjects:
      - kind: ServiceAccount
        name: deployer
        namespace: ci
    ```

    ## When to ignore
    If a tool that kubelint does not know completes the object before it is applied.

    ## References
    - kubernetes `pkg/apis/rbac/validation/validation.go`
    - [Using RBAC authorization](https://kubernetes.io/docs/reference/access-authn-authz/rbac/)
    """

    meta = RuleMeta(
        id="invalid-rbac-object",
        summary="the API server rejects this role or binding",
        category=Category.RBAC,
        severity=Severity.ERROR,
        incident=3,
        since="0.1.0",
    )
    needs = RBAC

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per reason."""
        for obj in project.objects(RBAC, group=RBAC_GROUP):
            for rejection in _rejections(obj):
                if not _may_be_completed(rejection, obj, project):
                    yield self._report(obj, rejection)

    def _report(self, obj: KubeObject, rejection: Rejection) -> Finding:
        field = obj.field(*rejection.path)
        # A list that is there but empty is shown by its key: there is nothing else to see.
        at = field if isinstance(field.value, str | int | float) else field.key
        return self.finding(
            f"the API server rejects `{obj.display}`: {_dotted(rejection)}: {rejection.message}",
            at=at,
            note="must be given" if field.value in (None, "", []) else "",
        ).help(_help(rejection, field))


def _rejections(obj: KubeObject) -> Iterator[Rejection]:
    """What cannot be read, then what is not valid; nothing twice."""
    unread = list(misshapen(obj))
    yield from unread
    seen = {rejection.path for rejection in unread}
    for rejection in validate({**obj.root.value, "kind": obj.kind}):
        if not any(rejection.path[: len(path)] == path for path in seen):
            yield rejection


_HELP = {
    "verbs": "list the verbs that the rule allows",
    "apiGroups": 'name the API groups, the core group as `""`',
    "resources": "name the resources, plural and in lower case",
    "nonResourceURLs": "put the URLs in a rule of their own, in a ClusterRole",
    "clusterRoleSelectors": "list the selectors of the ClusterRoles to aggregate, or remove `aggregationRule`",
    "operator": "use `In`, `NotIn`, `Exists` or `DoesNotExist`",
    "values": "list values with `In` and `NotIn`, and with them only",
    "kind": "use one of the supported kinds",
    "name": "give a valid name",
    "namespace": "give the namespace of the service account",
    "apiGroup": "remove `apiGroup`: the API server fills in the right one",
}


def _help(rejection: Rejection, field: Field) -> str:
    if isinstance(field.value, bool | int | float):
        return "quote the value"
    return _HELP.get(str(rejection.path[-1]), "correct the field")


def _may_be_completed(rejection: Rejection, obj: KubeObject, project: Project) -> bool:
    """Whether somebody may still supply the field: a patch, template text, kustomize's namespace for service
    accounts.
    """
    field = obj.field(*rejection.path)
    if field.unknown or (obj.partial and not field.value):
        return True
    if rejection.path[-1] == "namespace" and _is_kustomized(obj, project):
        return True
    return project.may_be_patched(obj, *rejection.path)


def _is_kustomized(obj: KubeObject, project: Project) -> bool:
    """Whether a kustomization holds the object, or made it: one that includes that one may set the namespace."""
    made_by = obj.document.belongs_to
    built = made_by != obj.file and any(member.file == made_by for member in project.kustomizations)
    return built or bool(project.kustomizations.inclusions(obj.file))


def _dotted(rejection: Rejection) -> str:
    text = ""
    for step in rejection.path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
