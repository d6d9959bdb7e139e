"""The gRPC credentials of docs/howto/workers.md, with a real gRPC server."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from lifetimes import end_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget import Session

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "workers.md"
RECIPE = re.compile(r"^```python\n(import grpc\n.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def plugin() -> Any:
    """The class that the page defines."""
    (recipe,) = RECIPE.findall(PAGE.read_text(encoding="utf-8"))
    definition, _, use = recipe.partition("\n\n\ntoken = ")
    assert "metadata_call_credentials(AccessToken(source))" in use
    names: dict[str, Any] = {}
    exec(definition, names)
    return names["AccessToken"]


@pytest.fixture
def received() -> list[str]:
    """The authorization of each call that the server has had."""
    return []


@pytest.fixture
def address(tmp_path: Path, received: list[str]) -> Iterator[str]:
    """A server that takes any call. It is at a Unix socket, which gRPC takes for private."""

    def handle(_request: bytes, context: Any) -> bytes:
        received.append(dict(context.invocation_metadata())["authorization"])
        return b""

    class Handler(grpc.GenericRpcHandler):  # type: ignore[misc] # grpc has no types
        def service(self, _call: Any) -> Any:
            return grpc.unary_unary_rpc_method_handler(handle)

    with ThreadPoolExecutor(1) as threads:
        server = grpc.server(threads)
        server.add_generic_rpc_handlers([Handler()])
        path = f"unix:{tmp_path / 'grpc'}"
        server.add_secure_port(path, grpc.local_server_credentials(grpc.LocalConnectionType.UDS))
        server.start()
        yield path
        server.stop(None).wait()


def test_each_call_has_a_token_that_is_valid_then(
    login_as: Callable[..., Session], plugin: Any, address: str, received: list[str]
) -> None:
    session = login_as()
    source = session.token_source()
    credentials = grpc.composite_channel_credentials(
        grpc.local_channel_credentials(grpc.LocalConnectionType.UDS),
        grpc.metadata_call_credentials(plugin(source)),
    )
    with grpc.secure_channel(address, credentials) as channel:
        call = channel.unary_unary("/Notes/Read")
        before = session.access_token
        call(b"", timeout=60)
        end_in(session, -1)
        call(b"", timeout=60)
        assert received == [f"Bearer {before}", f"Bearer {session.access_token}"]
        assert before != session.access_token
        session._managed.end()
        with pytest.raises(grpc.RpcError) as failed:
            call(b"", timeout=60)
        assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
        assert "This session has ended" in failed.value.details()
        assert len(received) == 2
