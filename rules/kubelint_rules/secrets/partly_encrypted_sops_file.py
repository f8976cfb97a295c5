"""Rule: partly-encrypted-sops-file."""

import shlex
from collections.abc import Iterator
from posixpath import basename

from kubelint.checks import TEXT, Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Document, Field, Project
from kubelint.manifests.repository import SopsMetadata, SopsText, sops_metadata, sops_text
from kubelint.manifests.texts import TextSlice

from .plain_words import is_sample
from .sops_values import first_credential, in_clear

_CIPHERTEXT = "ENC[AES256_GCM,"


class PartlyEncryptedSopsFile(ProjectRule):
    """A file is encrypted with SOPS, and some of what it should encrypt stands in clear.

    ## What it does
    Reads in what sops wrote into a file which of its values are encrypted (`encrypted_regex`, `unencrypted_suffix`
    and so on), and reports those that are not: values that somebody added or changed in an editor. Numbers and
    booleans count as well as text; null and empty text stay clear by design. It also reports what has lost its `mac`,
    and documents without encryption that hold a credential beside encrypted ones. YAML, JSON, INI and `.env` files.

    ## Why it matters
    The value is in git for everyone to read. And sops refuses the whole file: it cannot decrypt what is no
    ciphertext, so that Flux, Argo CD or the next deployment stop at it.

    ## Example
    ```yaml title="apps/wiki/settings.sops.yaml"
    smtp_host: ENC[AES256_GCM,data:9a2bQz==,iv:c2l4dGVlbg==,tag:dGFn,type:str]
    smtp_password: <invented:password>
    sops:
      age:
        - recipient: age1kubelintexample
          enc: ""
      lastmodified: "2026-02-03T10:11:12Z"
      mac: ENC[AES256_GCM,data:bWFj,iv:c2l4dGVlbg==,tag:dGFn,type:str]
      version: 3.9.4
    ```

    ## Use instead
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

    Change such files with `sops FILE`, or with `sops set`, and with nothing else.

    ## When to ignore
    Never: nothing can decrypt the file as it is.

    ## References
    - [SOPS: selecting the values to encrypt](https://getsops.io/docs/#encrypting-only-parts-of-a-file)
    - sops `sops.go`, `Tree.shouldBeEncrypted` and `Tree.Decrypt`; `aes/cipher.go`
    """

    meta = RuleMeta(
        id="partly-encrypted-sops-file",
        summary="a file under SOPS holds values in clear",
        category=Category.SECRETS,
        severity=Severity.ERROR,
        incident=10,
        since="0.1.0",
    )

    @classmethod
    def sees(cls) -> frozenset[str]:
        """Files in which SOPS may have written of itself."""
        return frozenset({f"{TEXT}sops", "credentials"})

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per document, at the first value in clear."""
        for file, documents in project.files.items():
            sealed = {document.index: found for document in documents if (found := sops_metadata(document)) is not None}
            for document in documents if sealed and not documents[0].rendering else ():
                yield from self._in_document(file, document, sealed)
        for text in [*project.texts, *(file.source for file in project.credential_files)]:
            read = sops_text(text) if "sops" in text.text else None
            if read is not None and read.is_encrypted:
                yield from self._in_text(read)

    def _in_document(self, file: str, document: Document, sealed: dict[int, SopsMetadata]) -> Iterator[Finding]:
        metadata = sealed.get(document.index)
        if metadata is None:
            credential = first_credential(document, next(iter(sealed.values())).encrypts)
            if credential is not None:
                what = "is not encrypted, unlike another document of the file; whoever reads the repository can use it"
                yield self._finding(file, what, credential)
            return
        paths = in_clear(document.root, metadata.encrypts)
        if paths:
            finding = self._finding(file, _in_clear(len(paths)), document.field(paths[0]))
            yield finding.label(*_witness(metadata))
        elif metadata.mac.absent or metadata.mac.value == "":
            yield self._without_mac(file, metadata.mac)

    def _in_text(self, text: SopsText) -> Iterator[Finding]:
        values = [entry for entry in text.entries if entry.value.strip("\"'")]
        clear = [
            entry
            for entry in values
            if not entry.value.lstrip("\"'").startswith(_CIPHERTEXT) and text.encrypts(entry.path)
        ]
        if clear:
            finding = self._finding(text.file, _in_clear(len(clear)), clear[0].at)
            yield finding.label(text.where, "sops encrypted this file")
        elif not text.mac:
            yield self._without_mac(text.file, text.where)

    def _finding(self, file: str, what: str, at: Field | TextSlice) -> Finding:
        name = f"`{at.display}`" if isinstance(at, Field) else f"a value of `{basename(file)}`"
        severity = Severity.WARNING if is_sample(file) else None
        return self.finding(f"{name} {what}", at=at, severity=severity).help(
            "revoke and rotate it if it was pushed; then restore the file as sops wrote it, and make the change with "
            f"`sops {shlex.quote(file)}`, which encrypts it"
        )

    def _without_mac(self, file: str, at: Field | TextSlice) -> Finding:
        return (
            self.finding(f"`{basename(file)}` has lost the `mac` that sops wrote; sops refuses to decrypt it", at=at)
            .help(f"restore the file as sops wrote it, and make the change with `sops {shlex.quote(file)}`")
            .public()
        )


def _in_clear(count: int) -> str:
    more = f", and {count - 1} more" if count > 1 else ""
    return f"stands in clear in a file that is encrypted{more}; sops refuses to decrypt it"


def _witness(metadata: SopsMetadata) -> tuple[Field, str]:
    """What sops wrote of its choice, and in words; else where it speaks of itself."""
    for field in (metadata.encrypted_regex, metadata.encrypted_suffix):
        if field.value:
            return field, "what sops encrypts"
    if metadata.unencrypted_regex.value:
        return metadata.unencrypted_regex, "all that sops leaves in clear"
    return metadata.version if metadata.version.exists else metadata.field, "sops encrypted this file"
