"""What it saves that a connection to the tenant is open when the person has logged in."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import socket
import ssl
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from kernel import Kernel
from measure import Row, Table, in_turn, seconds

from auth0_widget.config import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUND_TRIP = 0.040
"""Seconds to the tenant and back: a tenant of the same continent."""

PATIENCE = 60.0
"""Seconds after which a step of a login counts as failed."""

_PERSON = {"sub": "auth0|0123456789abcdef01234567", "name": "Ada Lovelace"}


class _Tenant:
    """What the tenant responds.

    Attributes:
        nonce: The nonce of the next ID token.
        origin: The origin that its ID tokens name.
        keys_sent: Set when it has sent its keys.
    """

    def __init__(self) -> None:
        self.nonce, self.origin = "", ""
        self.keys_sent = threading.Event()
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def respond(self, path: str) -> dict[str, Any]:
        """The content of the response to a request for this path."""
        if path == "/userinfo":
            return _PERSON
        if path == "/oauth/token":
            now = int(time.time())
            claims = {"iss": f"{self.origin}/", "aud": "client", "iat": now, "exp": now + 36_000}
            claims |= {"nonce": self.nonce, **_PERSON}
            id_token = jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "key"})
            tokens = {"id_token": id_token, "access_token": "a" * 43, "expires_in": 86_400}
            return tokens | {"token_type": "Bearer"}
        public = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**public, "kid": "key", "use": "sig", "alg": "RS256"}]}

    def response(self, url: str) -> dict[str, str]:
        """The response to the authorization request with this URL."""
        query = parse_qs(urlsplit(url).query)
        self.nonce = query["nonce"][0]
        return {"code": "c" * 43, "state": query["state"][0]}


def _handler(tenant: _Tenant) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Responds at once, and keeps the connection, as Auth0 does, unlike the local tenant."""

        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            content = json.dumps(tenant.respond(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            if self.path.endswith("/jwks.json"):
                tenant.keys_sent.set()

        do_POST = do_GET  # noqa: N815 - http.server's name

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def _served(tenant: _Tenant, certificate: Path) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(tenant)) as server:
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
        with suppress(asyncio.CancelledError):  # which asyncio would report
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


def _click(tenant: _Tenant, settings: Settings) -> tuple[Kernel, dict[str, str]]:
    """A new kernel in which somebody has clicked Log in, and the tenant's response to that."""
    kernel = Kernel(tenant, settings, "local")  # type: ignore[arg-type] # it asks this one nothing
    tenant.keys_sent.clear()
    response = tenant.response(kernel.open())
    if not tenant.keys_sent.wait(PATIENCE):
        raise TimeoutError
    time.sleep(3 * ROUND_TRIP)  # the person types: the keys arrive
    return kernel, response


def _until_session(kernel: Kernel, response: dict[str, str]) -> None:
    """Let the kernel receive the response, and wait for its session."""
    over = threading.Event()

    def look() -> None:
        if kernel.login.session is not None:
            over.set()

    stop = kernel.login.listen(look)
    kernel.receive("authorization_response", response=response)
    if not over.wait(PATIENCE):
        raise TimeoutError(kernel.problem)
    stop()


def measure(runs: int) -> Table:
    """Logins whose click has opened a connection, some of which have lost it, in turn."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        certificate = _certificate(folder)
        os.environ["SSL_CERT_FILE"] = str(certificate)
        stack.callback(os.environ.pop, "SSL_CERT_FILE")
        tenant = _Tenant()
        port = stack.enter_context(_far_away(stack.enter_context(_served(tenant, certificate))))
        tenant.origin = f"https://localhost:{port}"
        settings = Settings.resolve(domain=tenant.origin, client_id="client")

        def login(before: Callable[[Kernel], object]) -> float:
            kernel, response = _click(tenant, settings)
            before(kernel)
            try:
                return 1000 * seconds(lambda: _until_session(kernel, response))
            finally:
                kernel.close()

        taken = in_turn(
            {
                "open": lambda: login(lambda _: None),
                "new": lambda: login(lambda kernel: kernel.login.tenant.close()),
            },
            runs,
        )
    saved = [new - old for new, old in zip(taken["new"], taken["open"], strict=True)]
    return Table(
        "A tenant at a distance",
        f"From the tenant's response to the session, over TLS with a server that responds at once, "
        f"through a relay that takes {1000 * ROUND_TRIP:.0f} ms there and back: the exchange of "
        "the code, and the profile. The tables above are of a tenant on this machine, without TLS, "
        "which closes each connection after its response, for auth0-spa-js as for ours: they do "
        "not show this.",
        [
            Row("over the connection that the click has opened", taken["open"], "ms"),
            Row(
                "over a new one: the click opened none, or it was idle for 50 seconds",
                taken["new"],
                "ms",
            ),
            Row("what the open one saves", saved, "ms"),
        ],
    )
