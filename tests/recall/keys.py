"""Private keys, real where the standard library suffices to make them, of the right structure otherwise."""

import base64
import random
import struct

_PRIVATE = "PRIVATE" + " KEY"


def rsa(seed: str) -> str:
    """An RSA key of 1024 bits in PKCS #1; too short to be used and long enough to be one."""
    return _armour("RSA " + _PRIVATE, _rsa_der(random.Random(f"rsa/{seed}")))


def rsa_pkcs8(seed: str) -> str:
    """The same in PKCS #8."""
    algorithm = _sequence(bytes.fromhex("06092a864886f70d010101"), b"\x05\x00")
    key = _sequence(_integer(0), algorithm, _tagged(4, _rsa_der(random.Random(f"pkcs8/{seed}"))))
    return _armour(_PRIVATE, key)


def ec(seed: str) -> str:
    """A key on P-256 (RFC 5915), its public half left out as the format allows."""
    scalar = random.Random(f"ec/{seed}").randbytes(32)
    curve = _tagged(0xA0, bytes.fromhex("06082a8648ce3d030107"))
    return _armour(
        "EC " + _PRIVATE, _sequence(_integer(1), _tagged(4, scalar), curve, _tagged(0xA1, b"\x03\x02\x00\x04"))
    )


def ed25519(seed: str) -> str:
    """An Ed25519 key in PKCS #8 (RFC 8410): any 32 bytes are one."""
    scalar = random.Random(f"ed25519/{seed}").randbytes(32)
    return _armour(_PRIVATE, bytes.fromhex("302e020100300506032b657004220420") + scalar)


def openssh(seed: str) -> str:
    """An Ed25519 key as `ssh-keygen` writes it (OpenSSH's PROTOCOL.key), of the right structure."""
    source = random.Random(f"openssh/{seed}")
    public, check = source.randbytes(32), source.randbytes(4)
    name = _field(b"ssh-ed25519")
    private = check + check + name + _field(public) + _field(source.randbytes(32) + public) + _field(b"wiki@internal")
    private += bytes(range(1, 9 - len(private) % 8)) if len(private) % 8 else b""
    blob = b"openssh-key-v1\0" + _field(b"none") * 2 + _field(b"") + struct.pack(">I", 1)
    return _armour("OPENSSH " + _PRIVATE, blob + _field(name + _field(public)) + _field(private), 70)


def pgp(seed: str) -> str:
    """A secret key packet in ASCII armour with its checksum (RFC 4880), of the right structure."""
    packet = b"\x95\x01\xd8\x04" + random.Random(f"pgp/{seed}").randbytes(472)
    checksum = base64.b64encode(_crc24(packet).to_bytes(3, "big")).decode()
    begin, rest = _armour("PGP " + _PRIVATE + " BLOCK", packet).split("\n", 1)
    body, end = rest.rsplit("-----END", 1)
    return f"{begin}\n\n{body}={checksum}\n-----END{end}"


def _armour(label: str, body: bytes, width: int = 64) -> str:
    encoded = base64.b64encode(body).decode()
    lines = "\n".join(encoded[start : start + width] for start in range(0, len(encoded), width))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def _rsa_der(source: random.Random) -> bytes:
    exponent = 65537
    p, q = _prime(source, exponent), _prime(source, exponent)
    private = pow(exponent, -1, (p - 1) * (q - 1))
    numbers = (0, p * q, exponent, private, p, q, private % (p - 1), private % (q - 1), pow(q, -1, p))
    return _sequence(*map(_integer, numbers))


def _prime(source: random.Random, exponent: int) -> int:
    while True:
        candidate = source.getrandbits(512) | (3 << 510) | 1
        if candidate % exponent != 1 and all(pow(base, candidate - 1, candidate) == 1 for base in (2, 3, 5)):
            return candidate


def _sequence(*parts: bytes) -> bytes:
    return _tagged(0x30, b"".join(parts))


def _integer(number: int) -> bytes:
    return _tagged(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 128 | len(length))) + length + content


def _field(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def _crc24(data: bytes) -> int:
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1864CFB
    return crc
