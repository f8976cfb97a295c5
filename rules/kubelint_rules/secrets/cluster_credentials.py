"""Credentials in the configuration of clusters and their clients, by the fields that hold them.

Shapes: kubernetes `client-go/tools/clientcmd/api/v1/types.go` and kubeadm `v1beta4/types.go`; Talos
`pkg/machinery/config/types/v1alpha1`, `config/generate/secrets/bundle.go` and `client/config/config.go`; k3s
`docs/installation/private-registry.md`; docker `cli/config/types/authconfig.go`.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from kubelint.manifests import Field

from .credentials import credentials_in
from .encodings import decode_text, is_encrypted
from .plausibility import is_plausible, names_secret
from .secret_objects import is_sealed

_TELLING = frozenset({"kind", "contexts", "machine", "certs", "auths", "configs", "TunnelSecret"})
_DOCUMENTED = frozenset({"abcdef.0123456789abcdef"})  # the token of kubeadm's documentation
_USER = (("token",), ("password",), ("client-key-data",))
_PROVIDER = ("id-token", "refresh-token", "access-token", "client-secret")
_MACHINE = (
    ("machine", "token"),
    ("machine", "ca", "key"),
    ("cluster", "secret"),
    ("cluster", "token"),
    ("cluster", "aescbcEncryptionSecret"),
    ("cluster", "secretboxEncryptionSecret"),
    ("cluster", "ca", "key"),
    ("cluster", "aggregatorCA", "key"),
    ("cluster", "serviceAccount", "key"),
    ("cluster", "etcd", "ca", "key"),
)
_BUNDLE = (
    ("cluster", "secret"),
    ("secrets", "bootstraptoken"),
    ("secrets", "secretboxencryptionsecret"),
    ("secrets", "aescbcencryptionsecret"),
    ("trustdinfo", "token"),
)
_AUTHORITIES = ("etcd", "k8s", "k8saggregator", "k8sserviceaccount", "os")
_LOGIN = ("password", "token", "identitytoken", "identityToken", "registrytoken")


class ClusterCredential(NamedTuple):
    """A credential in clear: its kind in words, the field that holds it."""

    kind: str
    field: Field


def cluster_credentials(root: Field) -> Iterator[ClusterCredential]:
    """The credentials that the fields of `root` hold by what they are for. Placeholders and templates are none."""
    value = root.value
    if not isinstance(value, dict) or _TELLING.isdisjoint(value) or is_sealed(root):
        return
    for kind, field in _candidates(root, value):
        if _is_credential(field):
            yield ClusterCredential(f"{kind}, {len(str(field.value).strip())} characters", field)


def is_proven(field: Field) -> bool:
    """Whether the value shows by itself what it is, so that another rule speaks of it."""
    return bool(credentials_in(str(field.value)))


def _is_credential(field: Field) -> bool:
    value = field.value
    if not isinstance(value, str) or field.unknown or value in _DOCUMENTED or is_encrypted(value):
        return False
    return bool(credentials_in(value)) or is_plausible(value, certain_place=True)


def _candidates(root: Field, value: dict[str, Any]) -> Iterator[tuple[str, Field]]:
    if value.get("kind") == "Config" and isinstance(value.get("users"), list):
        yield from _of_kubeconfig(root)
    elif value.get("kind") == "EncryptionConfiguration":
        yield from _of_encryption(root)
    elif "kind" in value:
        yield from _of_kubeadm(root)
    elif isinstance(value.get("contexts"), dict):
        for name, context in root.get("contexts").items():
            yield f"client key of context `{name}`", context.get("key")
    elif isinstance(value.get("machine"), dict):
        yield from _at(root, _MACHINE, "Talos")
    elif isinstance(value.get("certs"), dict) and {"trustdinfo", "secrets"} & value.keys():
        yield from _at(root, _BUNDLE, "Talos")
        yield from _at(root, [("certs", name, "key") for name in _AUTHORITIES], "Talos")
    elif isinstance(value.get("auths"), dict) or isinstance(value.get("configs"), dict):
        yield from _of_registries(root)
    elif {"TunnelSecret", "TunnelID"} <= value.keys():
        yield "secret of a Cloudflare tunnel", root.get("TunnelSecret")


def _at(root: Field, paths: Any, of: str) -> Iterator[tuple[str, Field]]:
    for path in paths:
        yield f"`{'.'.join(path)}` of {of}", root.get(*path)


def _of_kubeconfig(root: Field) -> Iterator[tuple[str, Field]]:
    for entry in root.get("users").elements():
        name, user = entry.get("name").text or "?", entry.get("user")
        for path in _USER:
            yield f"`{path[0]}` of user `{name}`", user.get(*path)
        for key in _PROVIDER:
            yield f"`{key}` of user `{name}`", user.get("auth-provider", "config", key)
        for variable in user.get("exec", "env").elements():
            if names_secret(variable.get("name").text or ""):
                yield f"variable `{variable.get('name').text}` of user `{name}`", variable.get("value")


def _of_encryption(root: Field) -> Iterator[tuple[str, Field]]:
    """The keys that an API server encrypts Secrets with: `apiserver/pkg/apis/apiserver/v1/types_encryption.go`."""
    for resource in root.get("resources").elements():
        for provider in resource.get("providers").elements():
            for name in ("aescbc", "aesgcm", "secretbox"):
                for key in provider.get(name, "keys").elements():
                    yield f"`{name}` key of the API server", key.get("secret")


def _of_kubeadm(root: Field) -> Iterator[tuple[str, Field]]:
    if not str(root.get("apiVersion").value).startswith("kubeadm.k8s.io/"):
        return
    for token in root.get("bootstrapTokens").elements():
        yield "bootstrap token", token.get("token")
    for path in (("bootstrapToken", "token"), ("tlsBootstrapToken",)):
        yield "bootstrap token", root.get("discovery", *path)
    yield "certificate key", root.get("certificateKey")
    yield "certificate key", root.get("controlPlane", "certificateKey")


def _of_registries(root: Field) -> Iterator[tuple[str, Field]]:
    """Logins of k3s' `registries.yaml` and of docker's configuration, whose `auth` is base64 of `user:password`."""
    for name, entry in root.get("configs").items():
        yield from _logins(name, entry.get("auth"))
    for name, entry in root.get("auths").items():
        yield from _logins(name, entry)


def _logins(registry: str, login: Field) -> Iterator[tuple[str, Field]]:
    for key in _LOGIN:
        yield f"`{key}` for registry `{registry}`", login.get(key)
    pair = decode_text(str(login.get("auth").value or ""))
    if pair is not None and is_plausible(pair.partition(":")[2].strip("\0\n"), certain_place=True):
        yield f"login for registry `{registry}`", login.get("auth")
