"""Rule: secret-in-configmap."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project

from .config_references import moved_fix
from .configurations import in_config_map, in_generated
from .named_values import NamedValue
from .plain_words import remedy, severity_of
from .rendered_values import is_told_elsewhere
from .secret_objects import is_sealed


class SecretInConfigMap(ProjectRule):
    """A ConfigMap holds a credential in clear.

    ## What it does
    Reads the entries of ConfigMaps: those whose key says password, token, secret or key, and configuration
    files line by line, whether they are properties, INI, TOML, YAML, JSON, XML, SQL, variables or a shell
    script; `binaryData` once it is decoded; and the literals and files that a `configMapGenerator` names.
    Names of objects and files, placeholders, templates, variables, code and comments are left alone. A value
    that `private-key`, `provider-token` or `credentials-in-url` speaks for is theirs, and the values of charts
    are `secret-in-helm-values`'.

    ## Why it matters
    Besides being in git, a ConfigMap can be read by everyone with the built-in `view` role, which leaves
    Secrets out on purpose. Nothing encrypts it at rest, and audit logs keep it whole.

    ## Example
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: wiki
      namespace: wiki
    data:
      SEARCH_PASSWORD: <invented:password>
      wiki.ini: |
        [database]
        host = db.wiki.svc
        password = <invented:password>
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: wiki
      namespace: wiki
    data:
      SEARCH_PASSWORD_FILE: /run/secrets/search
      wiki.ini: |
        [database]
        host = db.wiki.svc
        password = ${DATABASE_PASSWORD}
    ```

    ## Fix
    Takes an entry that pods read as a variable out of the ConfigMap, and has them read it from a Secret of the same
    name. Make that Secret first. There is no fix where the tree does not show who reads the ConfigMap, where it is
    mounted as files as well, and for the lines of a file in it.

    ## When to ignore
    For a value that is public although its key is called a token or key. YAML knows no comments within a block
    of text: put the comment that ignores a line of it above the entry.

    ## References
    - [ConfigMaps](https://kubernetes.io/docs/concepts/configuration/configmap/) provide no secrecy
    - [User-facing roles](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles): what
      `view` may read
    """

    meta = RuleMeta(
        id="secret-in-configmap",
        summary="a ConfigMap holds a credential in clear",
        category=Category.SECRETS,
        severity=Severity.WARNING,
        incident=10,
        since="0.1.0",
        fixable=True,
    )
    needs = frozenset({"ConfigMap", "Kustomization"})
    marks = ("ConfigMap", "configMapGenerator")

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per credential, on its line."""
        for obj in project.objects("ConfigMap", group=""):
            if is_sealed(obj.document.root):
                continue
            for found in in_config_map(project, obj):
                if not is_told_elsewhere(project, obj.document, found.text()):
                    yield self._finding(project, found, obj.file).fix(moved_fix(project, obj, found))
        for generated in project.kustomizations.generated("ConfigMap") if project.has_kustomizations() else ():
            for found in in_generated(project, generated):
                yield self._finding(project, found, generated.kustomization.file)

    def _finding(self, project: Project, found: NamedValue, file: str) -> Finding:
        refer = "refer to it from the configuration by a variable or a mounted file"
        return self.finding(
            f"`{found.key}` in the configuration is a credential in clear ({found.described()}); "
            "whoever reads the repository or the ConfigMap can use it",
            at=found.at,
            severity=severity_of(file, proven=found.proven),
        ).help(remedy(project, file, refer=refer))
