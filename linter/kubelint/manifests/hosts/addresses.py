"""Where a member of a control plane is reached: addresses, interfaces, VLANs, and what it shares with others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_interface, ip_network
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from kubelint.manifests.field import Field
from kubelint.manifests.hosts.places import At, Value

Kind = Literal["address", "login", "VLAN", "interface", "subnet", "virtual", "endpoint"]
"""`login` is an address that people use: it may be another than that of the cluster. `subnet` is that of etcd or of the
node's own address; `virtual` an address that members hand around, `endpoint` that under which all of them are asked.
"""

UNTAGGED = "untagged"
ADDRESS_FLAGS = ("node-ip", "node-external-ip", "advertise-address", "bind-address")
INTERFACE_FLAGS = ("flannel-iface",)

_NODE = r"(?:(?:k3s|rke2|k8s|kube|node|cluster|host|network|primary|main|lan|mgmt|management|private|internal)_)"
_ADDRESS = re.compile(
    rf"ip|ipv4|ipv6|{_NODE}?{_NODE}?(?:static_)?(?:ip|ipv4|ipv6|address|ip_address|ipv4_address|ipv6_address)"
    r"|(?:access|etcd|static)_(?:ip|address)|ip_address|(?:k3s_|rke2_|node_)?(?:advertise|bind)_address|node_external_ip"
)
_LOGIN = re.compile(r"ansible_(?:ssh_)?host")
_VLAN = re.compile(rf"{_NODE}?vlan(?:_?(?:id|tag))?")
_INTERFACE = re.compile(rf"(?:{_NODE}|(?:flannel|cilium|calico|kube_vip)_)?(?:iface|interface|nic)")
_SHARED_ADDRESS = re.compile(r"(?:cluster|network|k8s|kube)_(?:ip|ipv4|ipv6|address)")
_CARRIER_GRADE = ip_network("100.64.0.0/10")


class Trait(NamedTuple):
    """One thing about how a member is reached, and where it is written. The value of what is not known is None."""

    kind: Kind
    value: str | None
    at: At


def address(text: object) -> str | None:
    """An IP address in the one spelling of its kind, without the length of its network; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        return str(ip_interface(text.strip().strip("[]").partition("%")[0]).ip)
    except ValueError:
        return None


def says_nothing(text: str) -> bool:
    """Whether an address is none of a network that machines stand in: any, this machine itself, or an overlay's."""
    found = ip_address(text)
    return found.is_unspecified or found.is_loopback or found in _CARRIER_GRADE


def address_traits(kind: Kind, values: Iterable[Value]) -> Iterator[Trait]:
    """The addresses in values that hold one, or several with commas between them."""
    for value in values:
        if isinstance(value.value, str) and value.value.strip():
            for part in value.value.split(","):
                found = None if value.unknown else address(part)
                if found is None or not says_nothing(found):
                    yield Trait(kind, found, value.at)


def field_addresses(kind: Kind, fields: Iterable[Field]) -> Iterator[Trait]:
    """The addresses in fields."""
    return address_traits(kind, (Value(field.value, field) for field in fields if field.exists))


def word_traits(kind: Kind, values: Iterable[Value]) -> Iterator[Trait]:
    """The names of interfaces, or the numbers of VLANs."""
    for value in values:
        if isinstance(value.value, str | int) and not isinstance(value.value, bool) and value.value != "":
            yield Trait(kind, None if value.unknown else str(value.value), value.at)


def url_traits(kind: Kind, fields: Iterable[Field]) -> Iterator[Trait]:
    """The addresses of hosts in URLs, or in `host:port`."""
    for field in fields:
        if field.exists and isinstance(field.value, str):
            yield Trait(kind, None if field.unknown else address(_host(field.value)), field)


def _host(text: str) -> str | None:
    try:
        return urlsplit(text if "//" in text else f"//{text}").hostname
    except ValueError:
        return None


def subnet_traits(fields: Iterable[Field]) -> Iterator[Trait]:
    """The subnets that a member's address is taken from."""
    for field in fields:
        for at in (field, *field.elements()):
            if isinstance(at.value, str):
                yield Trait("subnet", None if at.unknown else _subnet(at.value), at)


def _subnet(text: str) -> str | None:
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        return None


def variable_traits(variables: dict[str, Value]) -> Iterator[Trait]:
    """What an Ansible host's variables say by their names; one that stands for another is followed."""
    for name, value in variables.items():
        lower = name.lower()
        if _ADDRESS.fullmatch(lower) and not _SHARED_ADDRESS.fullmatch(lower):
            yield from address_traits("address", [followed(value, variables)])
        elif _LOGIN.fullmatch(lower):
            yield from address_traits("login", [followed(value, variables)])
        elif _VLAN.fullmatch(lower):
            yield from word_traits("VLAN", [followed(value, variables)])
        elif _INTERFACE.fullmatch(lower):
            yield from word_traits("interface", [followed(value, variables)])


_REFERENCE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_LONGEST_CHAIN = 8


def followed(value: Value, variables: dict[str, Value]) -> Value:
    """What a value stands for that is nothing but the name of a variable: `{{ ansible_host }}`."""
    for _ in range(_LONGEST_CHAIN):
        match = _REFERENCE.fullmatch(value.value.strip()) if isinstance(value.value, str) else None
        if match is None or match[1] not in variables:
            break
        value = variables[match[1]]
    return value


def link_traits(interfaces: Iterable[Field], own: frozenset[str] = frozenset()) -> Iterator[Trait]:
    """What Talos' `interfaces` say: which addresses a machine has, on which interface and VLAN.

    An interface counts where it is given an address, by hand or by DHCP. Where one of the `own` addresses of the
    machine is on some of them, only these do: others lead to other networks.
    """
    links = [link for interface in interfaces for link in _links(interface)]
    ours = [link for link in links if own & {trait.value for trait in link if trait.kind == "address"}]
    for link in ours or links:
        yield from link


def _links(interface: Field) -> Iterator[list[Trait]]:
    """The interface itself and each VLAN on it."""
    name = interface.get("interface")
    at = name if name.exists else interface
    here = [Trait("interface", name.text, at)]
    if interface.get("ignore").boolean is not True:
        yield [*_carried(interface, [*here, Trait("VLAN", UNTAGGED, at)])]
        for vlan in interface.get("vlans").elements():
            number = vlan.get("vlanId")
            tag = None if number.integer is None else str(number.integer)
            yield [*_carried(vlan, [*here, Trait("VLAN", tag, number)])]


def _carried(link: Field, placed: list[Trait]) -> Iterator[Trait]:
    """The addresses of a link, and where they are if it has any."""
    found = [
        *field_addresses("address", link.get("addresses").elements()),
        *field_addresses("address", [link.get("cidr")]),
    ]
    if found or link.get("dhcp").boolean is True:
        yield from placed
    yield from found
    yield from field_addresses("virtual", [link.get("vip", "ip")])


_PLAIN_LINKS = frozenset({"LinkConfig", "BondConfig", "BridgeConfig"})


def document_traits(documents: Iterable[Field]) -> Iterator[Trait]:
    """What the documents say that Talos has for each link since 1.12: LinkConfig, VLANConfig, Layer2VIPConfig."""
    for document in documents:
        kind, name = document.get("kind").text, document.get("name")
        if kind == "Layer2VIPConfig":
            yield from field_addresses("virtual", [name])
        elif kind in _PLAIN_LINKS or kind == "VLANConfig":
            found = [
                *field_addresses("address", (item.get("address") for item in document.get("addresses").elements()))
            ]
            if found:
                link = document.get("parent") if kind == "VLANConfig" else name
                number = document.get("vlanID")
                tag = None if number.integer is None else str(number.integer)
                yield Trait("interface", link.text, link)
                yield Trait("VLAN", tag, number) if kind == "VLANConfig" else Trait("VLAN", UNTAGGED, name)
            yield from found
