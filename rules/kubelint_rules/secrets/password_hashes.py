"""Password hashes that can be guessed quickly, by their form.

Forms: crypt(5), Apache's `htpasswd` (password_encryptions), RFC 2307 section 5.3 for `{SHA}` and kin, bcrypt's
`$2b$`. A doubled `$` is one that a template or docker-compose takes for its own.
"""

import re
from collections.abc import Iterator
from functools import cache

STRONG_COST = 12
"""The cost from which a bcrypt hash takes long enough to guess that only weak passwords fall."""

MARKS = ("$2", "$apr1$", "$1$", "{SHA}", "{SSHA}", "{MD5}", "{SMD5}")
"""Every hash holds one of them, before any `$` is doubled."""

_KINDS = {
    "apr1": "MD5 (apr1)",
    "1": "MD5",
    "SHA": "SHA-1 without salt",
    "SSHA": "SHA-1",
    "MD5": "MD5 without salt",
    "SMD5": "MD5",
}


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(
        r"\${1,2}2[abxy]?\${1,2}(?P<cost>\d\d)\${1,2}[./A-Za-z0-9]{53}(?![./A-Za-z0-9])"
        r"|\${1,2}(?P<crypt>apr1|1)\${1,2}[./A-Za-z0-9]{1,8}\${1,2}[./A-Za-z0-9]{22}(?![./A-Za-z0-9])"
        r"|\{(?P<scheme>SHA|SSHA|MD5|SMD5)\}[A-Za-z0-9+/]{20,64}={0,2}"
    )


def weak_hashes(text: str) -> Iterator[str]:
    """What each weak hash in `text` is: `bcrypt, cost 5`, `MD5 (apr1)`."""
    if not any(mark in text for mark in MARKS):
        return
    for match in _pattern().finditer(text):
        if len(set(match.group())) < 12:  # documentation: `$2y$05$xxxxxxxx`
            continue
        if match["cost"] is None:
            yield _KINDS[match["crypt"] or match["scheme"]]
        elif int(match["cost"]) < STRONG_COST:
            yield f"bcrypt, cost {int(match['cost'])}"
