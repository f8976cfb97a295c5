"""Which files are called as those are that hold credentials. Names only: nothing is opened."""

import re
from posixpath import basename

from kubelint.regexes import regex

_NAMES = frozenset(
    {
        ".env", ".envrc", ".netrc", "_netrc", ".pgpass", ".npmrc", ".pypirc", ".my.cnf", ".s3cfg", ".boto",
        "rclone.conf",
        ".git-credentials", ".vault-token", ".terraformrc", ".dockerconfigjson", ".dockercfg",
        "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "keys.txt", "kubeconfig", "admin.conf", "super-admin.conf",
        "talosconfig",
    }
)  # fmt: skip
_SUFFIXES = frozenset(
    {
        ".env", ".pem", ".key", ".agekey", ".ppk", ".p8", ".p12", ".pfx", ".pkcs12", ".jks", ".keystore", ".ovpn",
        ".tfvars", ".tfstate", ".kubeconfig",
    }
)  # fmt: skip
_PATTERN = regex(
    r"\.env(?:rc)?\.[\w.-]+|wg[\w.-]*\.conf|[\w.-]+\.tfstate\.backup|[\w.-]*vault[-_]?pass(?:word|wd|phrase)?(?:\.txt)?"
    r"|[\w.-]+\.(?:sops|enc|encrypted)\.(?:toml|txt|conf|cfg|properties)"
)
_PATH = regex(r"(?:^|/)(?:\.aws/credentials|\.kube/config)$")
_TEMPLATE = regex(
    r"(?:^|[._-])(?:examples?|sample|templates?|tmpl|tpl|dist|defaults?|schema|j2|jinja2?|gotmpl|erb|ts|md)(?:$|[._-])"
    r"|\.(?:gpg|age|asc)$",
    re.IGNORECASE,
)
_STRUCTURED = regex(
    r"(?:^|/)(?:(?:super-)?admin\.conf|[\w.-]*kubeconfig|\.kube/config|talosconfig|\.dockerconfigjson|\.dockercfg)$"
)


def may_hold_credentials(path: str) -> bool:
    """Whether the name of the file `path` is one of a key, of variables with passwords, of a login and the like.

    Names of templates (`.env.example`) and of what is encrypted as a whole (`.env.gpg`) are none.
    """
    name = basename(path)
    if name in _NAMES:
        return True
    dot = name.rfind(".")
    if name[dot:].lower() in _SUFFIXES or _PATTERN.fullmatch(name):
        return _TEMPLATE.search(name) is None
    return _PATH.search(path) is not None


def is_structured(path: str) -> bool:
    """Whether a file of such a name is YAML or JSON."""
    return _STRUCTURED.search(path) is not None
