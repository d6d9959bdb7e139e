"""What it costs that no connection to the tenant is open when the person has logged in."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import socket
import ssl
import tempfile
import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from measure import Row, Table, in_turn, seconds

from auth0_widget.oauth.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUND_TRIP = 0.040
"""Seconds to the tenant and back: a tenant of the same continent."""

_BODY = {"grant_type": "authorization_code", "code": "c" * 43}


class _Tenant(BaseHTTPRequestHandler):
    """Responds at once, and keeps the connection, as Auth0 does and the local tenant does not."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET  # noqa: N815 - http.server's name

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _tenant(certificate: Path) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Tenant) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def _far_away(port: int) -> Iterator[int]:
    """The port of a relay: what comes through it is late by half a round trip, each way."""
    loop = asyncio.new_event_loop()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            loop.call_later(ROUND_TRIP / 2, writer.write, data)
        loop.call_later(ROUND_TRIP / 2, writer.close)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(ROUND_TRIP)  # TCP's own handshake
        there, back = await asyncio.open_connection("127.0.0.1", port)
        for one in (writer, back):
            one.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.gather(pump(reader, back), pump(there, writer))

    server = loop.run_until_complete(asyncio.start_server(relay, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield server.sockets[0].getsockname()[1]
    asyncio.run_coroutine_threadsafe(_end_relays(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _end_relays() -> None:
    relays = asyncio.all_tasks() - {asyncio.current_task()}
    for relay in relays:
        relay.cancel()
    await asyncio.gather(*relays, return_exceptions=True)


def _certificate(folder: Path) -> Path:
    """A file with a key, and a certificate for localhost that it has signed itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def measure(runs: int) -> Table:
    """The exchange of a code over a connection that is open, and over a new one, in turn."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        certificate = _certificate(folder)
        os.environ["SSL_CERT_FILE"] = str(certificate)
        stack.callback(os.environ.pop, "SSL_CERT_FILE")
        port = stack.enter_context(_far_away(stack.enter_context(_tenant(certificate))))
        transport = Transport(f"https://localhost:{port}", may_use_proxy=False)
        stack.callback(transport.close)

        def exchange() -> float:
            return 1000 * seconds(lambda: transport.request("POST", "/oauth/token", data=_BODY))

        def with_open_connection() -> float:
            transport.request("GET", "/.well-known/jwks.json")
            return exchange()

        def with_new_connection() -> float:
            transport.close()
            return exchange()

        taken = in_turn({"open": with_open_connection, "new": with_new_connection}, runs)
    more = [new - old for new, old in zip(taken["new"], taken["open"], strict=True)]
    return Table(
        "A tenant at a distance",
        f"The exchange of a code over TLS with a server that responds at once, through a relay "
        f"that takes {1000 * ROUND_TRIP:.0f} ms there and back. The tables above are of a tenant "
        "on this machine, without TLS, which closes each connection after its response, for "
        "auth0-spa-js as for ours: they do not show this.",
        [
            Row("exchange over a connection that is open", taken["open"], "ms"),
            Row(
                "exchange over a new one, as more than 5 seconds after a request",
                taken["new"],
                "ms",
            ),
            Row("what opening it adds", more, "ms"),
        ],
    )
