"""What files hold that are called as those with credentials are, each credential with its place."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from kubelint.manifests import Field
from kubelint.manifests.repository import CredentialFile, CredentialForm
from kubelint.manifests.texts import TextSlice

from .cluster_credentials import cluster_credentials
from .config_lines import Assignment, assignments
from .credentials import Credential, Family, credentials_in
from .encodings import is_encrypted
from .plausibility import is_plausible, names_secret

MOST = 25
"""How many credentials of one file are told apart; nobody reads on."""

_MAX_TEXT = 4_000_000
_BREAK = re.compile("\n")
_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?[\"']?[\w./:@-]{1,200}[\"']?[ \t]*=[ \t]*[\"']?(?=\S)")
_SOPS = re.compile(r"^(?:sops_(?:mac|version|lastmodified)=|\[sops\])|ENC\[AES256_GCM,", re.MULTILINE)
_OPENVPN = re.compile(r"-----BEGIN OpenVPN Static key V1-----\s+[0-9a-f]{32}")
_PGPASS = re.compile(r"^(?!#)(?:(?:\\.|[^\\:\r\n])*:){4}(?P<password>[^\r\n]+?)\r?$", re.MULTILINE)
_NETRC = re.compile(r"(?<!\S)password\s{1,8}(?P<password>\S+)")
_NPM_LOGIN = re.compile(r"^[^\s#;=]*:_auth[ \t]*=[ \t]*[\"']?(?P<login>[A-Za-z0-9+/=]{12,})", re.MULTILINE)
_TRUST_STORE = re.compile(r"trust|cacerts|(?:^|[-_.])ca(?:[-_.]|$)", re.IGNORECASE)
_JAVA_STORE = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")


class Held(NamedTuple):
    """A credential in a file: what it is in words, the place to point at; `locked` if a passphrase protects it.

    `more` are those of the file that are not told apart.
    """

    kind: str
    at: Field | TextSlice
    locked: bool = False
    more: int = 0


def credentials_of(file: CredentialFile) -> Iterator[Held]:
    """The credentials in a file; none in what is encrypted, public or a template."""
    if file.form is CredentialForm.KEY_STORE:
        yield from _in_store(file)
        return
    text = file.text[:_MAX_TEXT]
    if is_encrypted(text) or _SOPS.search(text):
        return
    if not text and file.form is CredentialForm.KEY:
        yield from _in_binary(file)
        return
    found = list(_in_text(file, text))
    yield from found[: MOST - 1]
    if len(found) >= MOST:
        yield found[MOST - 1]._replace(more=len(found) - MOST)


def _in_text(file: CredentialFile, text: str) -> Iterator[Held]:
    if file.form is CredentialForm.DOCUMENT and file.documents:
        for document in file.documents:
            for told in cluster_credentials(document.root):
                yield Held(told.kind, told.field)
        return
    starts = [0, *(match.end() for match in _BREAK.finditer(text))]
    proven = credentials_in(text)
    yield from _proven(file, text, starts, proven)
    lines = {credential.line for credential in proven}
    for start, end, kind in _spans(file, text):
        if bisect_right(starts, start) not in lines:
            yield Held(f"{kind}, {end - start} characters", file.at(start, end))


def _proven(file: CredentialFile, text: str, starts: list[int], proven: tuple[Credential, ...]) -> Iterator[Held]:
    for credential in proven:
        start = starts[credential.line - 1]
        line = text[start : text.find("\n", start) % (len(text) + 1)].rstrip()
        name = _NAME.match(line)
        inner = name.end() if name else len(line) - len(line.lstrip())
        kind = f"private key, {credential.kind}" if credential.family is Family.PRIVATE_KEY else credential.kind
        at = file.at(start + inner, start + len(line))
        yield Held(f"{kind}, {credential.length} characters", at, credential.weak)


def _spans(file: CredentialFile, text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and kind of what is a credential by where it stands."""
    if file.form is CredentialForm.VARIABLES:
        for one in assignments(text):
            if _is_credential(one):
                yield one.start, one.end, f"`{one.key}`"
        for match in _NPM_LOGIN.finditer(text) if file.name == ".npmrc" else ():
            yield *match.span("login"), "login for a registry"
    elif file.form is CredentialForm.LOGINS:
        pattern = _PGPASS if file.name == ".pgpass" else _NETRC
        for match in pattern.finditer(text):
            if is_plausible(match["password"], certain_place=True):
                yield *match.span("password"), "password"
    elif file.form is CredentialForm.PASSWORD:
        yield from _whole(text)
    else:
        for match in _OPENVPN.finditer(text):
            yield *match.span(), "OpenVPN static key"


def _is_credential(one: Assignment) -> bool:
    value = one.value.strip()
    if value.startswith("encrypted:") or is_encrypted(value):  # dotenvx
        return False
    return (one.certain or names_secret(one.key)) and is_plausible(value, certain_place=True)


def _whole(text: str) -> Iterator[tuple[int, int, str]]:
    """The one line of a file that holds nothing else; a script that asks for the password is none."""
    line = text.strip()
    if "\n" not in line and not line.startswith("#!") and is_plausible(line, certain_place=True):
        start = text.index(line)
        yield start, start + len(line), "password"


def _in_store(file: CredentialFile) -> Iterator[Held]:
    """A key store by its first bytes: PKCS #12 (RFC 7292: a sequence, then version 3), or one of Java's."""
    if _TRUST_STORE.search(file.name):
        return
    head = file.head
    if _der_number(head) == 3 or head.startswith(_JAVA_STORE):
        yield Held("key store", file.at(0, 0), locked=True)


def _in_binary(file: CredentialFile) -> Iterator[Held]:
    """A private key in DER: a sequence that starts with the version, 0 in PKCS #1 and #8, 1 in SEC 1."""
    if _der_number(file.head) in (0, 1):
        yield Held("private key in DER", file.at(0, 0))


def _der_number(head: bytes) -> int | None:
    """The number of one byte that a DER sequence starts with (ITU-T X.690); None where there is none."""
    if len(head) < 8 or head[0] != 0x30 or head[1] in (0x80, 0xFF):
        return None
    start = 2 + (head[1] & 0x7F if head[1] & 0x80 else 0)
    return head[start + 2] if head[start : start + 2] == b"\x02\x01" else None
