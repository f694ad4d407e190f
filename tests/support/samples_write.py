"""The six digests as mails, HTML and text, with the DNS that their signatures ask for."""

import base64
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from digestd.rendering import Signer, ed25519_key, rsa_key
from tests.support.samples import DOMAIN, KINDS, sample

Private = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
ONE, TWO = rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()


def write(folder: Path, now: datetime) -> None:
    """Write all six into *folder*, dated *now*."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dns.json").write_text(json.dumps(zone(), indent=1))
    for kind in KINDS:
        page = sample(kind).page()
        (folder / f"{kind}.eml").write_bytes(sample(kind).message(signer(), now).content)
        (folder / f"{kind}.html").write_text(page.html)
        (folder / f"{kind}.txt").write_text(page.text)


def signer() -> Signer:
    """Return who signs with keys made for this run."""
    return Signer(DOMAIN, [rsa_key("one", _pem(ONE)), ed25519_key("two", _pem(TWO))])


def zone() -> Mapping[str, object]:
    """Return what the sender's DNS says: texts by name, and under `_a`, `_mx` and `_ptr` the host that sends."""
    host, address = f"mail.{DOMAIN}", "192.0.2.25"
    return {
        DOMAIN: [f"v=spf1 ip4:127.0.0.0/8 ip4:{address} -all"],
        f"_dmarc.{DOMAIN}": [f"v=DMARC1; p=reject; rua=mailto:dmarc@{DOMAIN}; adkim=s; aspf=r"],
        f"one._domainkey.{DOMAIN}": [f"v=DKIM1; k=rsa; p={_public(ONE, Encoding.DER, PublicFormat.SubjectPublicKeyInfo)}"],
        f"two._domainkey.{DOMAIN}": [f"v=DKIM1; k=ed25519; p={_public(TWO, Encoding.Raw, PublicFormat.Raw)}"],
        "_mx": {DOMAIN: [[10, host]]},
        "_a": {host: [address], DOMAIN: [address]},
        "_ptr": {"25.2.0.192.in-addr.arpa": [host]},
    }


def _pem(private: Private) -> str:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _public(private: Private, encoding: Encoding, form: PublicFormat) -> str:
    return base64.b64encode(private.public_key().public_bytes(encoding, form)).decode()


if __name__ == "__main__":
    write(Path(sys.argv[1]), datetime.now(UTC))
