"""Threat 43: what other processes get of a session, and who may ask its kernel for more."""

from __future__ import annotations

import json
import os
import pickle
import pickletools
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloudpickle
import pytest

from auth0_widget.base.redaction import Secret
from auth0_widget.errors import KernelGoneError, SecretExposureError, UntrustedUrlError
from auth0_widget.workers import kernel_socket, token_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.session import Session

ADA = ("ada@example.com", "Ada", "Lovelace", "auth0|")


@pytest.fixture
def session(kernel: Kernel) -> Session:
    return kernel.log_in()


@pytest.fixture
def path(session: Session) -> str:
    """Where this kernel listens."""
    path = session.token_source()._address.socket
    assert path is not None
    return path


@pytest.fixture
def no_renewals(tenant: LocalTenant, session: Session) -> Iterator[None]:
    """Whatever is asked of the kernel, it asks nothing of the tenant."""
    before = session.access_token
    tenant.requests.clear()
    yield
    assert tenant.requests["/oauth/token"] == 0
    assert session.access_token == before


@pytest.mark.parametrize("dumps", [pickle.dumps, cloudpickle.dumps])
@pytest.mark.parametrize("what", ["source", "auth"])
def test_threat_43_a_pickle_holds_one_access_token_and_no_other_secret(
    session: Session, tenant: LocalTenant, dumps: Callable[[Any], bytes], what: str, shown: Any
) -> None:
    session.renew()
    source = session.token_source()
    pickled = dumps(source if what == "source" else source.auth_for("https://api.example.com"))
    assert session.access_token.encode() in pickled
    secrets = [*tenant._context.ledger.refresh_tokens, session.id_token, *ADA]
    assert [secret for secret in secrets if secret.encode() in pickled] == []
    # And nothing else in it is as long as a token.
    texts = [arg for _, arg, _ in pickletools.genops(pickled) if isinstance(arg, (str, bytes))]
    long = [text for text in texts if len(text) > 40 and text != source._address.socket]
    assert long == [session.access_token]
    shown("one access token")


def test_threat_43_a_source_tells_its_token_only_when_asked(session: Session, shown: Any) -> None:
    source = session.token_source()
    for text in (repr(source), str(source), repr(source.auth), f"{source._tokens}"):
        assert session.access_token not in text
    assert session.access_token not in str(source.__dask_tokenize__())
    shown("the time that is left")


def test_threat_43_a_session_itself_is_not_pickled(session: Session, refused: Any) -> None:
    with refused(SecretExposureError):
        pickle.dumps(session)
    with refused(SecretExposureError):
        pickle.dumps(session.auth)


def test_threat_43_a_worker_sends_its_token_to_the_same_hosts_only(
    session: Session, refused: Any
) -> None:
    auth = pickle.loads(pickle.dumps(session.token_source())).auth
    for url in ("https://evil.example.com", "http://notes.example.com", session.access_token):
        with refused(UntrustedUrlError):
            auth._check(url)


def test_threat_43_nobody_else_may_enter_the_folder_of_the_socket(path: str, shown: Any) -> None:
    folder = Path(path).parent
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_uid == os.getuid()
    shown("mode 0700")


@pytest.mark.usefixtures("no_renewals")
def test_threat_43_another_user_s_process_gets_no_reply(
    path: str, session: Session, monkeypatch: pytest.MonkeyPatch, refused: Any
) -> None:
    name = session.token_source()._address.name
    monkeypatch.setattr(kernel_socket, "_is_private", lambda _: True)
    program = (
        "import sys; from auth0_widget.workers import kernel_socket as k;"
        "from auth0_widget.errors import KernelGoneError\n"
        "try: k.ask(*sys.argv[1:], None)\n"
        "except KernelGoneError: print('refused')\n"
        "else: print('answered')"
    )
    ours = os.getuid()

    def asked() -> str:
        command = [sys.executable, "-c", program, path, name]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert asked() == "answered"
    # To this kernel the worker is somebody else's.
    monkeypatch.setattr(os, "getuid", lambda: ours + 1)
    assert asked() == "refused"
    with refused(KernelGoneError):
        kernel_socket.ask(path, name, None)


@pytest.mark.usefixtures("no_renewals")
@pytest.mark.parametrize(
    "request_line",
    [
        b"",
        b"\n",
        b"GET / HTTP/1.1\r\n",
        b"{}\n",
        b'{"source": null}\n',
        b'{"source": "unknown", "rejected": null}\n',
        b'{"source": ["x"]}\n',
        b"x" * 1_000_000 + b"\n",
        b'{"source": "\xff"}\n',
    ],
)
def test_threat_43_whoever_knows_no_source_gets_nothing(
    path: str, session: Session, request_line: bytes, shown: Any
) -> None:
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.settimeout(30)
        stranger.connect(path)
        try:
            stranger.sendall(request_line)
            stranger.shutdown(socket.SHUT_WR)
            got = stranger.recv(1 << 16)
        except OSError:
            got = b""
    assert session.access_token.encode() not in got
    code = json.loads(got)["error"] if got else "hangs up"
    assert code in {"hangs up", "kernel_gone"}
    shown(f"`{code}`" if got else code)


def test_threat_43_somebody_who_says_nothing_holds_nobody_up(path: str, session: Session) -> None:
    name = session.token_source()._address.name
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(path)
        offer = kernel_socket.ask(path, name, None)
    assert offer is not None
    assert offer.access_token.reveal() == session.access_token


@pytest.mark.usefixtures("no_renewals")
@pytest.mark.parametrize("rejected", ["the-token-before", "", "x" * 500])
def test_threat_43_only_the_token_of_now_can_be_said_to_be_rejected(
    path: str, session: Session, rejected: str
) -> None:
    name = session.token_source()._address.name
    offer = kernel_socket.ask(path, name, Secret(rejected))
    assert offer is not None
    assert offer.access_token.reveal() == session.access_token


@pytest.mark.parametrize("planted", ["open folder", "link", "file", "nothing", "mute server"])
def test_threat_43_what_stands_in_the_socket_s_place_is_not_believed(
    tmp_path: Path, planted: str, refused: Any
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    path = folder / "kernel"
    server = socket.socket(socket.AF_UNIX)
    with server:
        if planted not in {"nothing", "file"}:
            server.bind(str(path))
        if planted == "open folder":
            server.listen()
            folder.chmod(0o755)
        elif planted == "link":
            server.listen()
            link = tmp_path / "link"
            link.symlink_to(folder)
            path = link / "kernel"
        elif planted == "file":
            path.write_text("")
        began = time.monotonic()
        with refused(KernelGoneError):
            kernel_socket.ask(str(path), "name", None)
        assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "response",
    [
        {},
        {"access_token": 7, "saved_at": 1.0, "expires_at": 2.0},
        {"access_token": "x", "saved_at": "1", "expires_at": 2.0},
        {"error": "SystemExit", "message": "x", "next_step": "y"},
        {"error": "unexpected", "message": "x", "next_step": "y"},
    ],
)
def test_threat_43_a_response_that_is_none_is_an_error(
    response: dict[str, Any], refused: Any
) -> None:
    with refused(KernelGoneError):
        token_requests.token_from_response(response)


def test_threat_43_a_source_is_worthless_once_its_session_is_over(
    kernel: Kernel, session: Session, shown: Any
) -> None:
    name = session.token_source()._address.name
    kernel.login.logout()
    response = token_requests.response_to({"source": name})
    assert response["error"] == "session_ended"
    assert "access_token" not in response
    shown("`session_ended`")


def test_threat_43_no_more_is_read_than_a_request_may_have(shown: Any) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)
        theirs.sendall(b"x" * 2000)
        assert 1024 < len(kernel_socket._receive_line(ours, 1024)) <= 2000
    shown("hangs up")
