"""Rule: provider-token."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project

from .credentials import Family
from .plain_words import described, remedy_for
from .scan import places_with


class ProviderToken(ProjectRule):
    """A token of a known provider stands in the repository.

    ## What it does
    Finds credentials that show their issuer by their form, in every string of every document, in the decoded
    `data` of Secrets, and in what other base64 or gzip in a string stands for: GitHub, GitLab, AWS, Slack,
    Stripe, Vault, Grafana, Tailscale, Docker Hub, age and some eighty more. The detectors are those of
    detect-secrets, completed by formats that it lacks; `kubelint_rules/secrets/providers.py` has these as
    plugins, which `detect-secrets scan -p` loads as well. Nothing is sent anywhere to try a token out.

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

    @classmethod
    def sees(cls) -> frozenset[str]:
        """Every document."""
        return frozenset({"document"})

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per string, or line of a long one; several tokens of it are counted."""
        for field, at, tokens in places_with(Family.PROVIDER_TOKEN, project):
            yield self.finding(
                f"`{field.display}` holds a provider's credential ({described(tokens)}); "
                "whoever reads the repository can use it",
                at=at,
                severity=Severity.WARNING if all(token.weak for token in tokens) else None,
            ).help(remedy_for(project, field.document))
