"""Rule: weak-password-hash."""

from collections.abc import Iterator
from typing import Any

from kubelint.checks import Category, DocumentRule, Finding, RuleMeta, Severity
from kubelint.manifests import Document, Field

from .password_hashes import MARKS, weak_hashes
from .secret_objects import is_sealed, secret_values, secrets_of


class WeakPasswordHash(DocumentRule):
    """A password hash that can be guessed quickly is committed.

    ## What it does
    Finds password hashes in every string of every document, and in the decoded `data` of Secrets: `htpasswd`
    files, users of an ingress or middleware, administrators' passwords in values. It reports the kinds that are
    fast to try: MD5 (`$apr1$`, `$1$`), SHA-1 (`{SHA}`, `{SSHA}`), and bcrypt with a cost below 12, which is
    what `htpasswd -B` makes if it is told nothing. Slower ones (bcrypt from cost 12, argon2, scrypt, yescrypt)
    are left alone.

    ## Why it matters
    A hash is no password, but whoever has it can try passwords at home, without limits and without anybody
    noticing. One graphics card tries billions of SHA-1 hashes and tens of thousands of bcrypt hashes of cost 5
    each second, and people choose passwords that are found within that.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: dashboard-users
      namespace: traefik
    stringData:
      users: admin:<invented:apr1_hash>
    ```

    ## Use instead
    ```yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: dashboard-users
      namespace: traefik
    spec:
      secretStoreRef:
        kind: ClusterSecretStore
        name: vault
      target:
        name: dashboard-users
      dataFrom:
        - extract:
            key: traefik/users
    ```

    ## When to ignore
    For a password that is long and random: it is not guessed, whatever the hash.

    ## References
    - [Password formats](https://httpd.apache.org/docs/current/misc/password_encryptions.html) of Apache
    - [Password storage](https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html)
    """

    meta = RuleMeta(
        id="weak-password-hash",
        summary="a password hash that can be guessed quickly is committed",
        category=Category.SECRETS,
        severity=Severity.INFO,
        incident=10,
        since="0.1.0",
    )
    marks = (*MARKS, "Secret")

    def check(self, document: Document) -> Iterator[Finding]:
        """One finding per string, however many hashes it holds."""
        if is_sealed(document.root):
            return
        decoded: dict[tuple[Any, ...], str] = {
            value.field.path: value.text or ""
            for secret in secrets_of(document.root)
            for value in secret_values(secret)
        }
        in_clear = any(mark in document.text for mark in MARKS)
        for path, text in document.strings() if in_clear else ():
            if path not in decoded:
                yield from self._in_text(document.field(path), text)
        for path, text in decoded.items():
            yield from self._in_text(document.field(path), text)

    def _in_text(self, field: Field, text: str) -> Iterator[Finding]:
        kinds = list(weak_hashes(text))
        if kinds:
            more = f", and {len(kinds) - 1} more" if len(kinds) > 1 else ""
            yield self.finding(
                f"`{field.display}` holds a password hash that can be guessed quickly ({kinds[0]}{more})", at=field
            ).help(
                "change the password, keep its hash in a Secret that is encrypted, and make it with `htpasswd -B -C 12`"
            )
