"""Rule: credentials-in-url."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project

from .credentials import Family
from .plain_words import described, remedy_for
from .scan import places_with


class CredentialsInUrl(ProjectRule):
    """A URL carries a password.

    ## What it does
    Finds URLs with a user and a password before the host, in every string of every document and in the decoded
    `data` of Secrets. Passwords that are templates, references or placeholders are left alone, and so are those
    that repeat the user, as vendors' defaults do.

    ## Why it matters
    The password is in git, and it also ends up in logs, metrics labels and error messages, since programs
    print the URLs they connect to.

    ## Example
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: wiki
      namespace: wiki
    data:
      DATABASE_URL: <invented:url_password>
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: wiki
      namespace: wiki
    data:
      DATABASE_URL: postgres://wiki:$(DATABASE_PASSWORD)@db.wiki.svc:5432/wiki
    ```

    ## When to ignore
    For a published default of a demo that nothing outside it can reach.

    ## References
    - [RFC 3986, section 3.2.1](https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1): such passwords are deprecated
    - [Dependent environment variables](https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/)
    """

    meta = RuleMeta(
        id="credentials-in-url",
        summary="a URL carries a password",
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
        """One finding per string, or line of a long one; several URLs of it are counted."""
        for field, at, passwords in places_with(Family.URL_PASSWORD, project):
            yield self.finding(
                f"`{field.display}` holds a {described(passwords)}; whoever reads the repository, or a log, can use it",
                at=at,
            ).help(remedy_for(project, field.document))
