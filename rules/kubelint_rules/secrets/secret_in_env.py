"""Rule: secret-in-env."""

from collections.abc import Iterator

from kubelint.checks import Category, ContainerRule, Finding, RuleMeta, Severity
from kubelint.manifests import Container

from .credentials import credentials_in
from .encodings import is_encrypted
from .plain_words import REMEDY
from .secret_objects import is_sealed

_TELLING = ("pass", "pw", "secret", "token", "key")


class SecretInEnv(ContainerRule):
    """An environment variable of a container is given a credential in clear.

    ## What it does
    Reports `env` entries whose name says password, token, secret or key and whose value can be one. Names of
    objects and files, placeholders, templates and references are left alone. A value that `private-key`,
    `provider-token` or `credentials-in-url` speaks for is theirs.

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
    )

    def check(self, container: Container) -> Iterator[Finding]:
        """One finding per variable."""
        if is_sealed(container.field.document.root):
            return
        for entry in container.get("env").elements():
            name, value = entry.get("name").text, entry.get("value")
            if name and value.text and _is_credential(name, value.text):
                yield self.finding(
                    f"variable `{name}` is given a credential in clear ({len(value.text)} characters); "
                    "whoever reads the repository or the pod can use it",
                    at=value,
                ).help(REMEDY)


def _is_credential(name: str, value: str) -> bool:
    if not any(word in name.lower() for word in _TELLING):
        return False
    from .plausibility import is_plausible, names_secret  # most pods name no variable like that

    return names_secret(name) and is_plausible(value) and not is_encrypted(value) and not credentials_in(value)
