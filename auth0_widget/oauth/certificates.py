"""The trusted certificate authorities, and the error for a certificate that is not trusted.

The trusted authorities are those of the operating system (by truststore, as in pip), those of
certifi, and those that ``SSL_CERT_FILE``, ``SSL_CERT_DIR`` and ``REQUESTS_CA_BUNDLE`` name.
"""

from __future__ import annotations

import functools
import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import truststore
from cryptography import x509
from cryptography.x509.oid import NameOID

from auth0_widget.base.redaction import safe_text
from auth0_widget.errors import CertificateError, InvalidSettingError
from auth0_widget.oauth.environment import CERTIFICATE_VARIABLES

# OpenSSL's numbers, X509_V_ERR_… in x509_vfy.h.
_EXPIRED, _OTHER_HOST = 10, (62, 64)
_TIMEOUT = 5.0  # seconds


def trusted_authorities() -> ssl.SSLContext:
    """A context that checks certificates with the trusted authorities.

    The environment variables are read at each call; the same values give the same context.

    Raises:
        InvalidSettingError: A variable names a file or a folder that cannot be used.
    """
    return _context(tuple((name, os.environ.get(name)) for name in CERTIFICATE_VARIABLES))


@functools.lru_cache(maxsize=4)  # reading the authorities takes 0.1 s
def _context(named: tuple[tuple[str, str | None], ...]) -> ssl.SSLContext:
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certifi.where())
    for variable, path in named:
        if not path:
            continue
        try:
            if Path(path).is_dir():
                context.load_verify_locations(capath=path)
            else:
                context.load_verify_locations(cafile=path)
        except OSError:  # ssl.SSLError is a subclass
            folder = variable == "SSL_CERT_DIR"
            raise InvalidSettingError(
                f"{variable} names a {'folder' if folder else 'file'} of certificates that cannot "
                "be read.",
                next_step=f"Correct {variable}, or unset it; it is the path of a "
                f"{'folder with PEM files' if folder else 'PEM file'}.",
            ) from None
    return context


def certificate_error(
    error: BaseException, origin: str, *, proxied: bool
) -> CertificateError | None:
    """The error to raise if a certificate caused the failure of a request, else None.

    Args:
        error: The error that httpx raised.
        origin: The origin that the request was for.
        proxied: Whether a proxy was used. The certificate's issuer is then not looked up, because
            that needs a direct connection.
    """
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, ssl.SSLCertVerificationError):
        seen = seen.__cause__ or seen.__context__
    if seen is None:
        return None
    host = urlsplit(origin).hostname or ""
    if seen.verify_code == _EXPIRED:
        return CertificateError(
            f"The certificate of {host} has expired.",
            next_step="Check the date of this machine's clock; if it is right, tell whoever runs "
            "the tenant or the network.",
        )
    if seen.verify_code in _OTHER_HOST:
        return CertificateError(
            f"The server at {host} has the certificate of another host.",
            next_step="Check the domain; if it is right, the network redirects the connection.",
        )
    issuer = None if proxied else _issuer(origin)
    who = f", which {issuer} issued," if issuer else ""
    return CertificateError(f"The certificate of {host}{who} is not trusted by this machine.")


def _issuer(origin: str) -> str | None:
    """The issuer's name in the host's certificate, unverified. It is used in a message only."""
    parts = urlsplit(origin)
    try:
        pem = ssl.get_server_certificate(
            (parts.hostname or "", parts.port or 443), timeout=_TIMEOUT
        )
        issuer = x509.load_pem_x509_certificate(pem.encode()).issuer
    except (OSError, ValueError):
        return None
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in issuer.get_attributes_for_oid(oid):
            return f"'{safe_text(str(attribute.value))}'"
    return None
