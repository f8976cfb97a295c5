"""Rule: plaintext-secret."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ObjectRule, RuleMeta, Severity
from kubelint.manifests import KubeObject

from .credentials import credentials_in
from .literals import is_filled_elsewhere, literal_in
from .plain_words import REMEDY, is_sample
from .secret_objects import is_sealed, secret_values, views


class PlaintextSecret(ObjectRule):
    """A Secret with its values is committed in clear.

    ## What it does
    Decodes `data` of a Secret, reads `stringData`, and reports each entry whose value can be a credential.
    Names, addresses, certificates, password hashes, placeholders, templates and references to a secret store
    are no credentials. Encrypted files (SOPS, Sealed Secrets, ansible-vault) and Secrets that a controller
    fills are left alone. An entry that `private-key`, `provider-token` or `credentials-in-url` speaks for is
    theirs.

    ## Why it matters
    base64 is an encoding that anybody can undo. A Secret in git is a password in git, for everyone who has
    ever cloned it.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: grafana-admin
      namespace: monitoring
    type: Opaque
    data:
      admin-user: YWRtaW4=
      admin-password: <invented:password:base64>
    ```

    ## Use instead
    ```yaml
    apiVersion: bitnami.com/v1alpha1
    kind: SealedSecret
    metadata:
      name: grafana-admin
      namespace: monitoring
    spec:
      encryptedData:
        admin-password: AgCx7Yw0T9rJ1xM
    ```

    ## When to ignore
    For a Secret that only a throw-away cluster uses. Below `tests/`, `examples/`, `docs/` and `.archive/` it
    is a warning.

    ## References
    - [Secrets](https://kubernetes.io/docs/concepts/configuration/secret/): base64 is not encryption
    - [SOPS](https://getsops.io/), [Sealed Secrets](https://github.com/bitnami-labs/sealed-secrets),
      [External Secrets](https://external-secrets.io/)
    """

    meta = RuleMeta(
        id="plaintext-secret",
        summary="a Secret with its values is committed in clear",
        category=Category.SECRETS,
        severity=Severity.ERROR,
        incident=10,
        since="0.1.0",
    )
    kinds = frozenset({"Secret"})

    def check(self, obj: KubeObject) -> Iterator[Finding]:
        """One finding per entry that holds a credential."""
        if obj.api_version != "v1" or is_sealed(obj.document.root) or is_filled_elsewhere(obj.root):
            return
        severity = Severity.WARNING if is_sample(obj.file) else None
        for value in secret_values(obj.root):
            literal = literal_in(value)
            if literal is None or any(map(credentials_in, views(value))):
                continue
            yield self.finding(
                f"`{value.field.display}` holds a credential in clear ({literal.kind}, {literal.length} characters); "
                "whoever reads the repository can use it",
                at=value.field,
                severity=severity,
            ).help(REMEDY)
