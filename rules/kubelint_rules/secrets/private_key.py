"""Rule: private-key."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project

from .credentials import Family
from .plain_words import described, remedy_for
from .scan import places_with


class PrivateKeyInManifest(ProjectRule):
    """A private key stands in the repository.

    ## What it does
    Finds private keys in PEM, OpenSSH, PGP and PuTTY form in every string of every document, and in what
    base64 strings decode to: `data` of a Secret, `client-key-data` of a kubeconfig, a rendered chart. A key
    counts only if its body is real base64 of a believable length; keys under a passphrase are reported as
    warnings.

    ## Why it matters
    Base64 is no protection, and git forgets nothing: whoever can read the repository, now or later, can use
    the key. Scanners that read lines do not see a key that is encoded, so charts rendered into git leak the
    CA they generated.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: mesh-ca
      namespace: mesh
    type: Opaque
    data:
      ca.key: <invented:rsa_key:base64>
    ```

    ## Use instead
    ```yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: mesh-ca
      namespace: mesh
    spec:
      secretStoreRef:
        kind: ClusterSecretStore
        name: vault
      target:
        name: mesh-ca
      data:
        - secretKey: ca.key
          remoteRef:
            key: mesh/ca
    ```

    ## When to ignore
    For a key that was made for a test and opens nothing. Say so in the reason of the suppression.

    ## References
    - [RFC 7468](https://www.rfc-editor.org/rfc/rfc7468), textual encodings of keys
    - [Good practices for Kubernetes Secrets](https://kubernetes.io/docs/concepts/security/secrets-good-practices/)
    """

    meta = RuleMeta(
        id="private-key",
        summary="a private key stands in the repository",
        category=Category.SECRETS,
        severity=Severity.ERROR,
        incident=10,
        since="0.1.0",
    )

    @classmethod
    def sees(cls) -> frozenset[str]:
        """Every document."""
        return frozenset({"document"})

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per string, or line of a long one, however many keys it holds."""
        for field, at, keys in places_with(Family.PRIVATE_KEY, project):
            locked = all(key.weak for key in keys)
            effect = "only its passphrase protects it" if locked else "whoever reads the repository can use it"
            yield self.finding(
                f"`{field.display}` holds a private key ({described(keys)}); {effect}",
                at=at,
                severity=Severity.WARNING if locked else None,
            ).help(remedy_for(project, field.document))
