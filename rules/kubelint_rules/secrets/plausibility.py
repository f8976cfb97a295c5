"""Would a value, at this key, be a credential that somebody has to rotate?

Pure functions over strings. A wrong "yes" teaches people to ignore the linter, so everything that reads as a
name, a reference, a placeholder or a template is "no".
"""

import math
import re
from collections import Counter

MIN_LENGTH = 6
MAX_LENGTH = 4096
_RANDOM_ENTROPY = 3.6  # bits per character; names of objects lie below, generated strings above
_GENERATED_ENTROPY = 3.2  # sixteen hexadecimal digits have more

_CAMEL_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SECRET_KEY = re.compile(
    r"(?:password|passwd|passphrase|secret|token|apikey|authkey)$|(?<!by)(?<!com)(?:pass|pwd)$|(?:^|_)pw$"
    r"|(?:^|_)(?:api|access|secret|private|encryption|signing|master|auth|shared|account|app|hmac|storage)_?key$"
)
_REFERENCE_KEY = re.compile(
    r"^(?:existing|remote|enable|disable|use|has|require|allow|skip|show|is|public|checksum|digest)_|public|csrf"
)
_REFERENCE_TAIL = re.compile(
    r"_(?:names?|refs?|references?|files?|paths?|hash|digest|checksum|length|polic(?:y|ies)|headers?|claims?|property|template"
    r"|prefix|suffix|regex|pattern|class|store|engine|selector|rotation|complexity|expir\w+|label|field|arn|annotations?|ids?|types?)$"
)
_IDENTITY_KEY = re.compile(
    r"(?:^|_)(?:user|username|user_name|login|name|namespace|host|hostname|port|region|zone|endpoint|endpoints|bucket|domain"
    r"|domains|email|mail|from|sender|database|db|dbname|project|tenant|account|org|organization|type|version|url|uri|server"
    r"|servers|address|addresses|scheme|protocol|repository|repo|path|file|enabled|ttl|issuer|id|ids|mode|level|timezone|tz"
    r"|description|cipher|hash|algorithm|provider|pbkdf|size|format|usage_bootstrap_\w+|insecure|proxy|scopes?|group|groups|role|roles|subnet|cidr|ip)$"
)
_PUBLIC_KEY = re.compile(
    r"(?:^|[._-])(?:crt|cert|certificate|pem_cert|ca|pub|cabundle|known_hosts|fingerprint|thumbprint)$"
)

_TEMPLATE = re.compile(
    r"\$\{|\$\(|\{\{|\{%|#\{|%\(|<%|\[\[|<path:|\bop://|\bvault:|^ref\+|^awssm|^ssm:|^arn:|^secretref:|projects/[^/]+/secrets/"
    r"|^env:|^file:|\$__file\{|\$__env\{|^!secret|__[A-Za-z][A-Za-z0-9_]*__|^\$[A-Za-z_][\w-]*(?:[.:][\w-]+)*$|^%\w+%$"
    r"|^@{1,2}[\w.-]+@{1,2}$|^\(\([\w./-]+\)\)$|^@microsoft\.keyvault\(",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"change[-_ ]?(?:me|it|this)|replace[-_ ]?(?:me|this|with)?\b|^replace|^insert"
    r"|\bx{3,}\b|x{4,}|\*{3,}|\.{3,}|…|0{6,}|-{6,}"
    r"|(?:^|[^a-z])(?:todo|tbd|fixme|dummy|placeholder|redacted|omitted|removed|sample|invented|fake|foobar|generate[d]?|notused"
    r"|unused|not[-_ ]?(?:a[-_ ]?)?(?:real|secret|used|set))(?:[^a-z]|$)"
    r"|example"
    r"|^(?:your|my|some|the|an?)(?:[-_ ][a-z]+)+[-_ .\d]{0,4}$"
    r"|your[-_ ]?(?:own|password|token|secret|key|api)|[-_ ]here$"
    r"|^base64(?:[-_ ]|$)|deadbeef|^managed[-_ ]by\b|\boverwritten\b"
    r"|abcdefgh|12345678|^(?:none|null|nil|true|false|yes|no|default|generate|changeit|empty|undefined|secret[-_]?value)$"
    r"|^(?:password|passwd|passw0rd|secret|token|admin|test|testing|pass|user|root|key)[-_]?\d{0,4}$",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"^<.*>$|^<<.*>>$|\{[A-Z][A-Z0-9_]*\}|^\[[\w -]+\]$", re.DOTALL)
_NAME_LIKE = re.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?")
_NAME_PART = re.compile(r"(?=[a-z]{0,20}[aeiouy])[a-z]{2,20}\d{0,2}|[a-z0-9]{1,3}|v?\d{1,4}")
_HEX = re.compile(r"[0-9a-f]{24,}")  # of so few letters that the entropy of many is that of a name
_WORDS = re.compile(r"[A-Za-z]+(?:[-_.:/ ][A-Za-z]+)*")
_CONST_CASE = re.compile(r"[A-Z][A-Z0-9]*+(?:_[A-Z0-9]++)+")
_FILE_PATH = re.compile(r"(?:~|\.{1,2})?(?:/[\w.@:-]+)+/?")
_URL = re.compile(r"[a-z][a-z0-9+.-]{1,20}:(?://|\w+:)", re.IGNORECASE)
_NUMERIC = re.compile(
    r"[\d.,:/+\-_eTZ% ]+|v?\d+(?:\.\d+){1,3}[-+.\w]{0,20}|\d+(?:\.\d+)?[a-zA-Z]{1,3}(?:\d+[a-z]{1,2})*"
)
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,10}\.[a-z]{2,24}\.?(?::\d{1,5})?|[\w-]{1,63}:\d{1,5}")
_EMAIL = re.compile(r"[^\s@:/]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_IMAGE = re.compile(r"[a-z0-9.:-]{1,80}(?:/[a-z0-9._-]{1,80}){1,6}(?::[\w.-]{1,128})?(?:@sha256:[0-9a-f]{64})?")
_DIGEST = re.compile(r"(?:sha(?:1|256|384|512)|md5)[:-][\w+/=]{20,}", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HASH = re.compile(
    r"(?:[^\s:]{1,64}:)?(?:\$(?:2[abxy]|apr1|1|5|6|7|y|argon2\w{0,2}|scrypt|pbkdf2\S{0,10})\$|\{S?SHA\d{0,3}\}|pbkdf2[:_])"
)
_PUBLIC = re.compile(
    r"(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-ssh-\S+) AAAA|age1[0-9a-z]{20,}|[ps]k_test_|pk_live_"
    r"|-----BEGIN (?:[A-Z ]{0,30}CERTIFICATE|[A-Z0-9 ]{0,30}PUBLIC KEY|CERTIFICATE REQUEST|X509 CRL|DH PARAMETERS)"
)


def normalized(key: str) -> str:
    """`dbPassword`, `DB-PASSWORD` and `db.password2` read as `db_password`."""
    words = _CAMEL_HUMP.sub("_", key.strip())
    return re.sub(r"[-._\s/]+", "_", words).strip("_").lower().rstrip("0123456789").rstrip("_")


def names_secret(key: str) -> bool:
    """Whether a value under `key` is usually a credential (and not the name, file or lifetime of one)."""
    if key == "secretKey" or len(key) > 128:  # External Secrets' name of a key
        return False
    plain = normalized(key)
    return bool(_SECRET_KEY.search(plain)) and not _REFERENCE_KEY.search(plain)


def names_reference(key: str) -> bool:
    """Whether `key` holds what leads to a credential, or describes one, and no credential itself."""
    plain = normalized(key)
    return key == "secretKey" or bool(_REFERENCE_KEY.search(plain) or _REFERENCE_TAIL.search(plain))


def names_identity(key: str) -> bool:
    """Whether `key` holds what says who, where or how, or what is public by design, even inside a Secret."""
    plain = normalized(key)
    return not names_secret(key) and bool(_IDENTITY_KEY.search(plain) or _PUBLIC_KEY.search(plain))


def entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values()) if total else 0.0


def is_reference(value: str) -> bool:
    """Whether the value is filled in, or looked up, by something else: a template, a variable, a vault path."""
    return bool(_TEMPLATE.search(value))


def is_placeholder(value: str) -> bool:
    """Whether the value only marks the place where a credential goes."""
    return bool(_PLACEHOLDER.search(value) or _BRACKETED.search(value)) or len(set(value)) < 4


def is_public(value: str) -> bool:
    """Whether the value is meant to be seen: public keys, certificates, digests; and hashes, which no login accepts."""
    return bool(_PUBLIC.search(value) or _DIGEST.fullmatch(value) or _HASH.match(value))


def is_plausible(value: str, *, certain_place: bool = False) -> bool:
    """Whether a one-line value can be a credential.

    `certain_place`: the place says that this is a password (the userinfo of a URL, `password` of a Secret),
    so that an ordinary word with a digit in it counts too; elsewhere it is more likely the name of something.
    """
    value = value.strip()
    if not MIN_LENGTH <= len(value) <= MAX_LENGTH or "\n" in value:
        return False
    if is_reference(value) or is_placeholder(value) or is_public(value) or _is_plain_fact(value):
        return False
    return not _is_ordinary_word(value) if certain_place else not _is_name(value)


def is_random(value: str) -> bool:
    """Whether the value looks generated: long, of letters and digits, with nothing in it that repeats."""
    mixed = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return len(value) >= 16 and mixed and not value.count(" ") and entropy(value) >= _GENERATED_ENTROPY


def _is_plain_fact(value: str) -> bool:
    """Numbers, times, addresses, paths, URLs, images: they say where and how much, not who may."""
    if _NUMERIC.fullmatch(value) or _EMAIL.fullmatch(value) or _URL.match(value) or _IMAGE.fullmatch(value):
        return True
    if _HOST.fullmatch(value) or _CONST_CASE.fullmatch(value):
        return True
    return bool(_FILE_PATH.fullmatch(value)) and entropy(value) < 4.3


def _is_prose(value: str) -> bool:
    return " " in value and (not any(map(str.isdigit, value)) or value.count(" ") >= 3)


def _is_joined_name(value: str) -> bool:
    """`wiki-backup-v2`: short words and numbers; together they may look random, one by one they do not."""
    parts = value.replace(".", "-").split("-")
    return len(parts) > 1 and all(map(_NAME_PART.fullmatch, parts))


def _is_name(value: str) -> bool:
    if _UUID.fullmatch(value) or _is_joined_name(value) or _is_prose(value):
        return True
    if _HEX.fullmatch(value) and is_random(value):
        return False
    return bool(_NAME_LIKE.fullmatch(value) or _WORDS.fullmatch(value)) and entropy(value) < _RANDOM_ENTROPY


def _is_ordinary_word(value: str) -> bool:
    return _is_prose(value) or (value.isalpha() and value.islower() and entropy(value) < _RANDOM_ENTROPY)
