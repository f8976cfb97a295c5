"""Rule: provider-token."""

from collections.abc import Iterator

from kubelint.checks import Category, DocumentRule, Finding, RuleMeta, Severity
from kubelint.manifests import Document

from .credentials import Family
from .plain_words import REMEDY, described
from .scan import places_with


class ProviderToken(DocumentRule):
    """A token of a known provider stands in the repository.

    ## What it does
    Finds credentials that show their issuer by their form, in every string of every document and in the
    decoded `data` of Secrets: GitHub, GitLab, AWS, Slack, Stripe, Vault, Grafana, Tailscale, Docker Hub, age
    and some fifty more. The detectors are those of detect-secrets, completed by formats that it lacks.
    Nothing is sent anywhere to try a token out.

    ## Why it matters
    Such tokens are what bots look for; those in public repositories are used within minutes. Deleting the
    line does not help, since the commit stays.

    ## Example
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: wiki-sync
      namespace: wiki
    data:
      GITHUB_TOKEN: <invented:github_token>
    ```

    ## Use instead
    ```yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: wiki-sync
      namespace: wiki
    spec:
      secretStoreRef:
        kind: ClusterSecretStore
        name: vault
      target:
        name: wiki-sync
      dataFrom:
        - extract:
            key: wiki/sync
    ```

    ## When to ignore
    For tokens that a provider means to be public. Google API keys, which may be restricted to a web site, are
    only warnings.

    ## References
    - [detect-secrets](https://github.com/Yelp/detect-secrets), whose detectors are used, offline
    - [Removing sensitive data from a repository](https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/removing-sensitive-data-from-a-repository)
    """

    meta = RuleMeta(
        id="provider-token",
        summary="a token of a known provider stands in the repository",
        category=Category.SECRETS,
        severity=Severity.ERROR,
        incident=10,
        since="0.1.0",
    )

    def check(self, document: Document) -> Iterator[Finding]:
        """One finding per string; several tokens of it are counted."""
        for field, tokens in places_with(Family.PROVIDER_TOKEN, document):
            yield self.finding(
                f"`{field.display}` holds a provider's credential ({described(tokens)}); "
                "whoever reads the repository can use it",
                at=field,
                severity=Severity.WARNING if all(token.weak for token in tokens) else None,
            ).help(REMEDY)
