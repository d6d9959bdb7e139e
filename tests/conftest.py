"""Fixtures for all tests: settings, a signer, a fake key set.

No test reads or writes the developer's own cache, or uses the developer's tenant.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import jwt
import pytest
from bench.matrix import Matrix
from bench.stories import Stories
from cryptography.hazmat.primitives.asymmetric import rsa
from impostor import Impostor
from jwt.algorithms import RSAAlgorithm
from kernel import ORIGIN, Kernel
from lifetimes import Clock
from silent_logins import LAB
from threats import Table
from workers import Shares

from auth0_widget.base import background
from auth0_widget.base.redaction import Secret
from auth0_widget.config import Settings
from auth0_widget.flows import remote_kernel
from auth0_widget.local_tenant import LocalTenant
from auth0_widget.local_tenant.keys import SigningKey
from auth0_widget.local_tenant.person import Person
from auth0_widget.login import registry as logins
from auth0_widget.notebook import front_ends
from auth0_widget.oauth.id_token import verify_id_token
from auth0_widget.oauth.jwks import JwksCache
from auth0_widget.session import renewal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.base.redaction import PrivateMapping
    from auth0_widget.errors import KeySetError, UnreachableError

# These tests start programs that have their own home directories and settings.
_OWN_ENVIRONMENT = tuple(Path(__file__).parent / name for name in ("browser", "packaging"))


@pytest.fixture(autouse=True)
def private_home(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Path:
    """Give each test its own keys and caches, and no settings from the developer's shell.

    The machine counts as the person's own, also where the tests run in a container or over SSH.
    """
    monkeypatch.setattr(remote_kernel, "CONTAINERS", ())
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    if not any(request.path.is_relative_to(folder) for folder in _OWN_ENVIRONMENT):
        for variable in [name for name in os.environ if name.startswith("AUTH0_")]:
            monkeypatch.delenv(variable)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    # A tenant may have the same port as an earlier test's, whose login would be shared.
    logins._logins.clear()
    # A test stands for one kernel.
    monkeypatch.setattr(front_ends, "_shares_logins", True)
    return tmp_path


# No property is about speed, and the machine may be busy. In CI, Hypothesis uses the same examples
# each time.
hypothesis.settings.register_profile(
    "unhurried",
    parent=hypothesis.settings(),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("unhurried")
# For `make mutation`: each change gets the same examples, and a failing one is not simplified.
hypothesis.settings.register_profile(
    "mutation",
    parent=hypothesis.settings.get_profile("unhurried"),
    database=None,
    derandomize=True,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--security-table", help="write the table of threats to this file")
    parser.addoption(
        "--failure-table", action="store_true", help="write docs/failure-table.md anew"
    )


def pytest_configure(config: pytest.Config) -> None:
    # The plugins that write tables. They are here because the controller of the workers, which
    # gets all results, reads no other conftest.py.
    is_worker = hasattr(config, "workerinput")
    path = None if is_worker else config.getoption("--security-table")
    for table in (Table(path), Matrix(), Stories()):
        config.pluginmanager.register(table)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares:
    """How the tests are distributed if there are several workers."""
    return Shares(config, log)


class Signer:
    """An RSA key, and JWTs signed with it, valid and invalid ones.

    Args:
        kid: The key's ID; None for a key without one.
        bits: The size of the key.
    """

    def __init__(self, kid: str | None = "key-1", bits: int = 2048) -> None:
        self.kid = kid
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=bits)

    @property
    def jwk(self) -> dict[str, Any]:
        """The public half, as a tenant publishes it."""
        numbers = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        named = {} if self.kid is None else {"kid": self.kid}
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "n": numbers["n"], "e": "AQAB"} | named

    @property
    def private_jwk(self) -> dict[str, Any]:
        """The private half, which a tenant must never publish."""
        return self.jwk | RSAAlgorithm.to_jwk(self.private, as_dict=True)

    def sign(self, claims: dict[str, Any] | str | bytes, **header: Any) -> str:
        """A JWT. Header members with the value None are left out; text is signed as it is."""
        named = {"alg": "RS256", "typ": "JWT", "kid": self.kid} | header
        head = {name: value for name, value in named.items() if value is not None}
        return self.sign_parts(json.dumps(head), claims)

    def sign_parts(self, header: str, claims: dict[str, Any] | str | bytes) -> str:
        """A JWT of exactly these parts, whatever the header says."""
        body = json.dumps(claims) if isinstance(claims, dict) else claims
        message = f"{segment(header)}.{segment(body)}"
        signature = jwt.get_algorithm_by_name("RS256").sign(message.encode(), self.private)
        return f"{message}.{segment(signature)}"


def segment(part: str | bytes) -> str:
    """One part of a compact JWT (RFC 7515, 7.1)."""
    content = part.encode() if isinstance(part, str) else part
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class FakeTenant:
    """A tenant with a key set that a test chooses. It counts requests, and can be down.

    Attributes:
        keys: The entries of the key set.
        fetches: The number of requests for the key set.
        failure: The error that such a request raises, or None.
    """

    def __init__(self, settings: Settings, *keys: object) -> None:
        self.settings = settings
        self.keys: list[Any] = list(keys)
        self.fetches = 0
        self.failure: KeySetError | UnreachableError | None = None

    def signing_keys(self) -> dict[str, Any]:
        """The key set."""
        self.fetches += 1
        if self.failure is not None:
            raise self.failure
        return {"keys": self.keys}

    def cache(self) -> JwksCache:
        """A new key cache, as each kernel has one."""
        return JwksCache(self)  # type: ignore[arg-type]  # it asks for the keys, nothing else


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer()


@pytest.fixture(scope="session")
def other_signer() -> Signer:
    return Signer("key-2")


@pytest.fixture(scope="session")
def new_signer() -> Callable[..., Signer]:
    return Signer


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings(origin="https://acme.eu.auth0.com", client_id="our-client")


@pytest.fixture
def publisher(settings: Settings, signer: Signer) -> FakeTenant:
    return FakeTenant(settings, signer.jwk)


@pytest.fixture
def impostor(signer: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Impostor]:
    server = Impostor(signer, tmp_path, **getattr(request, "param", {}))
    yield server
    server.close()


@pytest.fixture
def ada(tenant: LocalTenant) -> Iterator[Person]:
    """Ada's browser, which the tenant knows once she has logged in."""
    tenant.allow_origin(LAB)
    with Person(tenant.url, "ada@example.com", tenant.password) as person:
        yield person


@pytest.fixture
def claims(settings: Settings) -> dict[str, Any]:
    """The claims of a valid ID token, which tests change."""
    now = int(time.time())
    return {
        "iss": settings.issuer,
        "sub": "auth0|ada",
        "aud": settings.client_id,
        "iat": now,
        "exp": now + 36_000,
        "nonce": "the-nonce",
    }


@pytest.fixture
def verify(publisher: FakeTenant) -> Callable[..., PrivateMapping]:
    """The verifier with a new key cache: ``verify(token, nonce=…, settings=…)``."""
    jwks = publisher.cache()

    def run(token: str, **options: Any) -> PrivateMapping:
        arguments: dict[str, Any] = {
            "settings": publisher.settings,
            "jwks": jwks,
            "nonce": "the-nonce",
        } | options
        return verify_id_token(Secret(token), **arguments)

    return run


@pytest.fixture
def stoppable() -> Iterator[None]:
    """Let SIGINT raise KeyboardInterrupt, also if the tests were started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    return SigningKey()


@pytest.fixture
def tenant(signing_key: SigningKey) -> Iterator[LocalTenant]:
    with LocalTenant(origins=[ORIGIN]) as tenant:
        # Shared, because making a key takes long.
        tenant._context.keys._keys.append(signing_key)
        yield tenant


@pytest.fixture
def clock() -> Clock:
    """The clock that renewals use in place of the module ``time``."""
    return Clock()


@pytest.fixture
def new_kernel(
    tenant: LocalTenant, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Kernel]]:
    """A kernel with a widget in it: ``new_kernel(storage=…, audience=…, display={"show": …})``.

    By default all kernels have the same ``seal_key``, as those of one user.
    Work in the background is done at once, and no time passes before a repeated request.
    """
    monkeypatch.setattr(background, "_start", lambda work, **_: work())
    monkeypatch.setattr(renewal, "time", clock)
    kernels: list[Kernel] = []

    def make(
        *,
        storage: Any = "local",
        seal_key: bytes | None = None,
        display: dict[str, Any] | None = None,
        **changed: Any,
    ) -> Kernel:
        settings = Settings.resolve(
            **{"domain": tenant.url, "client_id": tenant.client_id} | changed
        )
        kernels.append(Kernel(tenant, settings, storage, seal_key, **display or {}))
        return kernels[-1]

    yield make
    for kernel in kernels:
        kernel.close()


@pytest.fixture
def kernel(new_kernel: Callable[..., Kernel]) -> Kernel:
    return new_kernel()
