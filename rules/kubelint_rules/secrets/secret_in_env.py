"""Rule: secret-in-env."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.manifests import KubeObject, Project

from .keyed import credential_under, may_name_secret
from .plain_words import remedy, severity_of
from .references import may_be_made, secret_key, taken_from
from .rendered_values import is_told_elsewhere
from .secret_objects import is_sealed
from .telling import MARKS
from .variables import Variable, variables_of

if TYPE_CHECKING:
    from .pairs import NamedCredential


class SecretInEnv(ProjectRule):
    """An environment variable is given a credential in clear.

    ## What it does
    Reports variables whose name says password, token, secret or key and whose value can be one: `env` of
    containers, lists and mappings of variables in other kinds of objects, what patches of a kustomization add, and
    the variables and inputs of GitHub workflows. Names of objects and files, placeholders, templates and references
    are left alone. A value that `private-key`, `provider-token` or `credentials-in-url` speaks for is theirs, and the
    values of charts are `secret-in-helm-values`'.

    ## Why it matters
    The value is in git, in every rendered manifest, and in `kubectl describe pod` for everyone who may look
    at pods but not at Secrets. Rotating it means a new commit and a new rollout.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: wiki
      namespace: wiki
    spec:
      containers:
        - name: wiki
          image: registry.example.org/wiki:2.4.1
          env:
            - name: WIKI_DB_PASSWORD
              value: <invented:password>
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: wiki
      namespace: wiki
    spec:
      containers:
        - name: wiki
          image: registry.example.org/wiki:2.4.1
          env:
            - name: WIKI_DB_PASSWORD
              valueFrom:
                secretKeyRef:
                  name: wiki-db
                  key: password
    ```

    ## Fix
    Takes the variable from a Secret of the workload's name and the variable's. Make that Secret first.

    ## When to ignore
    For a value that is public although its variable is called a token or key.

    ## References
    - [Using Secrets as environment variables](https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-environment-variables)
    """

    meta = RuleMeta(
        id="secret-in-env",
        summary="an environment variable is given a credential in clear",
        category=Category.SECRETS,
        severity=Severity.WARNING,
        incident=10,
        since="0.1.0",
        fixable=True,
    )
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per variable."""
        for obj in project.all_objects:
            for variable in variables_of(obj):
                found = credential_under(variable.name, variable.value) or _within(variable.value)
                if found is None or is_sealed(obj.document.root):
                    continue
                if not is_told_elsewhere(project, obj.document, variable.value):
                    yield self._finding(project, obj, variable, found)
        if project.workflows or project.actions:
            from .workflow_secrets import workflow_variables

            for told in workflow_variables(project):
                yield self.finding(told.message, at=told.at, severity=told.severity).help(told.help)

    def _finding(self, project: Project, obj: KubeObject, variable: Variable, found: NamedCredential) -> Finding:
        finding = self.finding(
            f"variable `{variable.name}` is given a credential in clear ({found.kind}, {found.length} characters); "
            "whoever reads the repository or the pod can use it",
            at=variable.at,
            severity=severity_of(obj.file, proven=found.proven),
        )
        help_text = remedy(project, obj.file, refer="refer to it with `valueFrom.secretKeyRef`")
        return finding.help(help_text).fix(_fix(project, obj, variable))


def _within(value: str) -> NamedCredential | None:
    """The first credential that a value assigns by itself: a connection string, options of a program."""
    if "=" not in value or not may_name_secret(value):
        return None
    from .named_values import in_text  # most variables assign nothing
    from .pairs import NamedCredential

    inside = in_text(value)
    return NamedCredential(inside[0].kind, inside[0].end - inside[0].start, inside[0].proven) if inside else None


def _fix(project: Project, obj: KubeObject, variable: Variable) -> Fix | None:
    """Takes the variable from a Secret called like the object."""
    if variable.entry is None or obj.name is None or not may_be_made(project, obj, variable.name, variable.value):
        return None
    source = f"{{secretKeyRef: {secret_key(obj.name, variable.name)}}}"
    edits = variable.entry.get("value").delete(), variable.entry.insert("valueFrom", source)
    return taken_from(obj.name, variable.name, *edits)
