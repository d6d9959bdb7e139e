"""A TLS server with a certificate that no authority has signed."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path


class Impostor:
    """A server in the place of the tenant, with a self-signed certificate.

    Args:
        signer: Its key.
        folder: Where the certificate is written, as ``certificate``.
        host: The address that the certificate is for.
        issuer: The issuer's name in it.
        days: The number of days from now for which it is valid.

    Attributes:
        asked: The paths of the requests that it has received.
        connections: The number of connections.
    """

    def __init__(
        self,
        signer: Any,
        folder: Path,
        *,
        host: str = "127.0.0.1",
        issuer: str = "127.0.0.1",
        days: int = 1,
    ) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: Any) -> None:
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.certificate = _certificate(signer, folder, host, issuer, days)
        context.load_cert_chain(self.certificate)
        self.connections = 0
        impostor = self

        class Server(ThreadingHTTPServer):
            def verify_request(self, *_: Any) -> bool:
                impostor.connections += 1
                return True

            def handle_error(self, *_: Any) -> None:
                """Ignore a failed handshake, which the tests are about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        # The handshake is done in the thread of the connection.
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _certificate(signer: Any, folder: Path, host: str, issuer: str, days: int) -> Path:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)])
    now = dt.datetime.now(dt.timezone.utc)
    address = x509.IPAddress(ipaddress.ip_address(host))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signer.private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=2))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(signer.private, hashes.SHA256())
    )
    key = signer.private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "impostor.pem"
    path.write_bytes(key + certificate.public_bytes(serialization.Encoding.PEM))
    return path
