"""Rule: unencrypted-sops-file."""

import re
import shlex
from collections.abc import Iterator, Mapping
from posixpath import basename
from typing import NamedTuple

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Document, Field, Project, once_per_project
from kubelint.manifests.repository import CreationRule, CredentialFile, SopsPolicy, policy_above, sops_text
from kubelint.manifests.texts import TextSlice

from .credential_files import credentials_of
from .encodings import is_encrypted
from .plain_words import FIRST, is_sample
from .secret_objects import is_sealed
from .sops_values import Path, first_credential, leaves

_CONFIGURATIONS = (".sops.yaml", ".sops.yml")
_NAMED = re.compile(r"\.(?:sops|enc|encrypted)\.\w{2,10}")
_SAYS_SO = re.compile(r"sops|(?<![a-z])enc(?![a-z])|encrypted")
_HINTS = re.compile(r"secret")


class Policy(NamedTuple):
    """Why a file is to be encrypted: the creation rule, None where only its name says so. `strong` where the words
    for encryption stand there, and not only the word for secrets.
    """

    rule: CreationRule | None
    strong: bool


class UnencryptedSopsFile(ProjectRule):
    """A file that is to be encrypted with SOPS is not.

    ## What it does
    Finds files that are called `*.sops.*`, `*.enc.*` or `*.encrypted.*`, or that a rule of `.sops.yaml` speaks of, and
    that SOPS has not encrypted. As in SOPS, the first rule counts whose `path_regex` matches the path from the
    configuration's directory. Many rules match whole directories of plain manifests, for whenever one of them is to
    be encrypted: so the expression, or the file's name, has to say `sops`, `enc`, `encrypted` or `secret`.

    What holds a credential is an error. Where there is none in it yet, it is an info, or nothing if just the word
    `secret` speaks for encryption.

    ## Why it matters
    Everybody takes the file for encrypted, by its name. The next value that is filled in is pushed in clear, and
    what decrypts on the other side (Flux, Argo CD, helm-secrets) either fails or passes it on without a word.

    ## Example
    ```yaml title=".sops.yaml"
    creation_rules:
      - path_regex: \\.sops\\.ya?ml$
        age: age1kubelintexample
    ```
    ```yaml title="apps/wiki/settings.sops.yaml"
    smtp_host: mail.wiki.internal
    smtp_password: <invented:password>
    ```

    ## Use instead
    ```yaml title=".sops.yaml"
    creation_rules:
      - path_regex: \\.sops\\.ya?ml$
        age: age1kubelintexample
    ```
    ```yaml title="apps/wiki/settings.sops.yaml"
    smtp_host: ENC[AES256_GCM,data:9a2bQz==,iv:c2l4dGVlbg==,tag:dGFn,type:str]
    smtp_password: ENC[AES256_GCM,data:Zm9vYmFy,iv:c2l4dGVlbg==,tag:dGFn,type:str]
    sops:
      age:
        - recipient: age1kubelintexample
          enc: ""
      lastmodified: "2026-02-03T10:11:12Z"
      mac: ENC[AES256_GCM,data:bWFj,iv:c2l4dGVlbg==,tag:dGFn,type:str]
      version: 3.9.4
    ```

    ## When to ignore
    For a file that something else encrypts, under such a name.

    ## References
    - [SOPS: `.sops.yaml`](https://getsops.io/docs/#using-sopsyaml-conf-to-select-kms-pgp-and-age-for-new-files)
    - sops `config/config.go`, `parseCreationRuleForFile`
    """

    meta = RuleMeta(
        id="unencrypted-sops-file",
        summary="a file that is to be encrypted with SOPS is not",
        category=Category.SECRETS,
        severity=Severity.ERROR,
        incident=10,
        since="0.1.0",
    )
    marks = (".sops.", ".enc.", ".encrypted.")

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per file, at its first credential."""
        for file, documents in project.files.items():
            if basename(file) not in _CONFIGURATIONS and not documents[0].rendering:
                policy = _policy(project, file, documents[0].repository)
                if policy is not None and not any(map(_is_encrypted, documents)):
                    yield from self._in_documents(file, documents, policy)
        for text in project.credential_files:
            policy = _policy(project, text.file, project.gitignores.repository_of(text.file))
            if policy is not None and not _is_encrypted_text(text):
                yield from self._in_text(text, policy)

    def _in_documents(self, file: str, documents: list[Document], policy: Policy) -> Iterator[Finding]:
        selects = policy.rule.encrypts if policy.rule is not None else _everything
        for document in documents:
            found = first_credential(document, selects)
            if found is not None:
                yield self._finding(file, found, policy)
                return
        if policy.strong and any(selects(path) for document in documents for path, _ in leaves(document.root)):
            yield self._empty(file, documents[0].root.get("sops"), policy)

    def _in_text(self, file: CredentialFile, policy: Policy) -> Iterator[Finding]:
        found = next(credentials_of(file), None)
        if found is not None:
            yield self._finding(file.file, found.at, policy)
        elif policy.strong and file.text.strip():
            yield self._empty(file.file, file.at(0, 0), policy)

    def _finding(self, file: str, at: Field | TextSlice, policy: Policy) -> Finding:
        finding = self.finding(
            f"`{basename(file)}` is to be encrypted with SOPS and holds a credential in clear",
            at=at,
            severity=Severity.WARNING if is_sample(file) else None,
        )
        return _explained(finding, policy).help(
            f"{FIRST}; then write the new one, encrypt the file with `sops --encrypt --in-place {shlex.quote(file)}`, "
            "and purge the old one from history with `git filter-repo`"
        )

    def _empty(self, file: str, at: Field | TextSlice, policy: Policy) -> Finding:
        finding = self.finding(
            f"`{basename(file)}` is to be encrypted with SOPS and is not, though no credential stands in it yet",
            at=at,
            severity=Severity.INFO,
        )
        return (
            _explained(finding, policy)
            .public()
            .help(f"encrypt it with `sops --encrypt --in-place {shlex.quote(file)}`")
        )


def _everything(path: Path) -> bool:
    return True


def _explained(finding: Finding, policy: Policy) -> Finding:
    """The finding with the rule that speaks of the file, where there is one."""
    if policy.rule is None or not policy.rule.path_regex.exists:
        return finding
    return finding.label(policy.rule.path_regex, "speaks of the file")


def _policy(project: Project, file: str, repository: str) -> Policy | None:
    """Why `file` is to be encrypted; None where nothing says so for sure."""
    name = basename(file)
    named = _NAMED.search(name) is not None
    configuration = policy_above(project.sops_policies, file, repository)
    if configuration is not None and (_says(name) or configuration in _telling(project)):
        rule = configuration.rule_for(file)
        told = f"{name} {rule.path_regex.text or ''}" if rule is not None else ""
        strong = named or _SAYS_SO.search(told) is not None
        if rule is not None and (strong or _HINTS.search(told)):
            return Policy(rule, strong)
    return Policy(None, True) if named else None


@once_per_project
def _telling(project: Project) -> frozenset[SopsPolicy]:
    """The configurations with a rule that speaks of encryption or of secrets: of others, names have to."""
    told = {
        policy for policy in project.sops_policies if any(_says(rule.path_regex.text or "") for rule in policy.rules)
    }
    return frozenset(told)


def _says(text: str) -> bool:
    return _SAYS_SO.search(text) is not None or _HINTS.search(text) is not None


def _is_encrypted(document: Document) -> bool:
    """Whether SOPS or something else has encrypted a document, or is to: its values are not in it."""
    value = document.root.value
    if isinstance(value, str):
        return is_encrypted(value)
    if not isinstance(value, Mapping):
        return False
    return is_sealed(document.root) or isinstance(value.get("sops"), dict) or value.get("kind") == "SealedSecret"


def _is_encrypted_text(file: CredentialFile) -> bool:
    text = file.text
    if not text or is_encrypted(text) or '"sops":' in text:
        return True
    found = sops_text(file.source)
    return found is not None and found.is_encrypted
