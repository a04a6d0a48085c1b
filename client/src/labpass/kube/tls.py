"""TLS towards an API server: its CA, our certificate."""

import ssl
import tempfile
from pathlib import Path

from labpass import problems
from labpass.kube.entry import ClientCertificate


def context(ca_pem: str | None, certificate: ClientCertificate | None) -> ssl.SSLContext:
    """Build a verifying context; with ``ca_pem`` nothing else is trusted."""
    try:
        made = ssl.create_default_context(cadata=ca_pem)
    except ssl.SSLError as e:
        raise problems.Problem("the cluster's certificate authority is no PEM certificate") from e
    # Python 3.13 made this the default, and CAs of older Kubernetes lack the key identifiers.
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if certificate is not None:
        _load(made, certificate)
    return made


def _load(made: ssl.SSLContext, certificate: ClientCertificate) -> None:
    """Hand certificate and key over; OpenSSL takes them from files only, so for an instant."""
    with tempfile.TemporaryDirectory(prefix="labpass-") as name:  # 0700
        both = Path(name) / "pair.pem"
        both.touch(mode=0o600)
        both.write_text(f"{certificate.certificate_pem}\n{certificate.key_pem.reveal()}\n")
        try:
            made.load_cert_chain(both)
        except ssl.SSLError as e:
            raise problems.Problem("client certificate and key are broken or no pair") from e
