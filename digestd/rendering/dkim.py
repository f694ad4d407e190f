"""DKIM signatures (RFC 6376, RFC 8463): relaxed/relaxed, over a whole mail and the fields that say whose it is."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from digestd.rendering.mime import Mail

_FEWEST_BITS = 2048  # RFC 8301 3.2
_LINE = 76
_TIME, _CODE, _HASH = "\x01", "\x02", 44  # stand for a digit and a letter of a hash, of which there are so many in base64
# Named once more than they occur, so that nobody adds another (RFC 6376 8.15).
_OVERSIGNED = ("from", "to", "subject", "date", "reply-to", "content-type", "list-unsubscribe", "list-unsubscribe-post")
_ONCE = ("message-id", "mime-version", "list-id", "feedback-id", "auto-submitted", "content-language")
SIGNED = (*_OVERSIGNED, *_ONCE)
_SIGNED = frozenset(SIGNED)


class BadKey(ValueError):
    """A key cannot sign: why, without a word of the key."""


@dataclass(frozen=True, slots=True)
class Key:
    """A private key, and the *selector* under which the public one is published."""

    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey

    @property
    def algorithm(self) -> str:
        return "rsa-sha256" if isinstance(self.private, RSAPrivateKey) else "ed25519-sha256"

    @property
    def record(self) -> str:
        """Return what DNS must say of the public key (RFC 6376 3.6.1, RFC 8463 4.2)."""
        public = self.private.public_key()
        if isinstance(public, RSAPublicKey):
            octets, kind = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), "rsa"
        else:
            octets, kind = public.public_bytes_raw(), "ed25519"
        return f"v=DKIM1; k={kind}; p={base64.b64encode(octets).decode()}"

    def sign(self, text: bytes) -> bytes:
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(text, PKCS1v15(), SHA256())
        return self.private.sign(hashlib.sha256(text).digest())


def rsa_key(selector: str, pem: str) -> Key:
    """Return the RSA key in *pem*. Raises BadKey."""
    private = _private(pem)
    if not isinstance(private, RSAPrivateKey):
        raise BadKey("is no RSA key: make one with `openssl genrsa -out dkim.key 2048`")
    if private.key_size < _FEWEST_BITS:
        raise BadKey(f"has {private.key_size} bits, too few to be trusted: make one of {_FEWEST_BITS}")
    return Key(selector, private)


def ed25519_key(selector: str, pem: str) -> Key:
    """Return the Ed25519 key in *pem*. Raises BadKey."""
    private = _private(pem)
    if not isinstance(private, Ed25519PrivateKey):
        raise BadKey("is no Ed25519 key: make one with `openssl genpkey -algorithm ed25519 -out dkim-ed25519.key`")
    return Key(selector, private)


@lru_cache(4)  # to check an RSA key takes longer than to sign a hundred mails
def _private(pem: str) -> object:
    try:
        return load_pem_private_key(pem.encode(), None)
    except TypeError:
        raise BadKey("is encrypted: store it without a passphrase, readable by digestd alone") from None
    except (ValueError, UnsupportedAlgorithm):  # what these say may quote the key
        raise BadKey("is no private key in PEM: it begins with -----BEGIN PRIVATE KEY-----") from None


class _Shape(NamedTuple):
    """A field without its signature, as it is written and relaxed; the time and the body's hash are blank."""

    folded: str
    relaxed: str


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs mails in the name of *domain*, with each of *keys*."""

    domain: str
    keys: Sequence[Key]

    def records(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the text of each TXT record to be published."""
        yield from ((f"{key.selector}._domainkey.{self.domain}", key.record) for key in self.keys)

    def signed(self, mail: Mail, at: datetime) -> Mail:
        """Return *mail*, whose body is relaxed already, under one signature of each key, made *at* that time."""
        # From the last to the first, as h= has them (RFC 6376 5.4.2).
        fields = [field for field in map(_relaxed_field, reversed(mail.fields)) if field[0] in _SIGNED]
        names = (*[name for name, _ in fields], *_OVERSIGNED)
        time, code = str(int(at.timestamp())), base64.b64encode(hashlib.sha256(mail.body).digest()).decode()
        text = "".join([relaxed for _, relaxed in fields])
        shapes = (_shape(key.algorithm, key.selector, self.domain, names, len(time)) for key in self.keys)
        signatures = (_signature(key, shape, (time, code), text) for key, shape in zip(self.keys, shapes, strict=True))
        return Mail([*signatures, *mail.fields], mail.body)


@lru_cache(256)  # most are those of every mail
def _relaxed_field(lines: bytes) -> tuple[str, str]:
    """Return the name of a field, and the field relaxed (RFC 6376 3.4.2)."""
    name, _, value = lines.decode("ascii").partition(":")
    name = name.strip().lower()
    return name, f"{name}:{_relaxed(value)}\r\n"


def _relaxed(value: str) -> str:
    return " ".join(value.split())


def _listed(names: Sequence[str]) -> Iterator[str]:
    """Yield the tag h= in words between which it may be folded."""
    yield f"h={names[0]}"
    yield from (f":{name}" for name in names[1:-1])
    yield f":{names[-1]};"


def _signature(key: Key, shape: _Shape, told: tuple[str, str], text: str) -> bytes:
    """Return the field that signs the relaxed fields in *text* (RFC 6376 3.5, 3.7); *told* are the time and the body's hash."""
    code = base64.b64encode(key.sign(f"{text}{_filled(shape.relaxed, *told)}".encode())).decode()
    lines = "".join(f"\r\n {code[at : at + _LINE - 1]}" for at in range(0, len(code), _LINE - 1))
    return f"{_filled(shape.folded, *told)}{lines}\r\n".encode()


def _filled(field: str, time: str, code: str) -> str:
    return field.replace(_TIME * len(time), time).replace(_CODE * len(code), code)


@lru_cache(64)  # most mails have the same fields
def _shape(algorithm: str, selector: str, domain: str, names: tuple[str, ...], digits: int) -> _Shape:
    """Return the shape of a signature of the fields of those *names*; its time has so many *digits*."""
    own = ["v=1;", f"a={algorithm};", "c=relaxed/relaxed;", f"s={selector};", f"d={domain};"]
    blank = [f"t={_TIME * digits};", f"bh={_CODE * _HASH};"]
    folded = _folded("DKIM-Signature:", [*own, *blank, *_listed(names), "b="])
    name, _, value = folded.partition(":")
    return _Shape(folded, f"{name.lower()}:{_relaxed(value)}")


def _folded(line: str, words: Sequence[str]) -> str:
    lines = []
    for word in words:
        blank = "" if word.startswith(":") else " "
        if len(line) + len(blank) + len(word) > _LINE:
            lines.append(line)
            line, blank = "", " "
        line += blank + word
    return "\r\n".join([*lines, line])
