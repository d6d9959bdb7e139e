"""A server without a persistent home, restarted: it has neither a seal key nor a key cache.

What the browser has stored is then confirmed by the tenant, at the cost of one request for the
signing keys and one for the profile. Trouble on the way removes nothing (threat 37).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auth0_widget.oauth import transport as transport_module

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

COST = {"/.well-known/jwks.json": 1, "/userinfo": 1}
TROUBLE = [
    "server_error", "rate_limited", "redirect", "captive_portal", "proxy_page", "cut_json",
    "no_answer", "cut", "cut_body", "answer_lost",
]  # fmt: skip


@pytest.fixture
def restarted(
    new_kernel: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[], Kernel]:
    """A kernel of a server that has just started, with an empty home."""

    def restart() -> Kernel:
        homes = len(list(tmp_path.glob("home-*")))
        for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME"):
            monkeypatch.setenv(name, str(tmp_path / f"home-{homes}" / name))
        (tmp_path / f"home-{homes}").mkdir()
        return new_kernel()

    return restart


def test_a_restore_costs_one_request_of_each_kind(
    restarted: Callable[[], Kernel], tenant: LocalTenant
) -> None:
    before = restarted()
    before.log_in()
    after = restarted()
    tenant.requests.clear()
    for _ in range(3):  # a page that is refreshed
        after.find(before.stored())
        assert after.login.session is not None
    assert {path: tenant.requests[path] for path in COST} == COST
    assert tenant.requests.total == 2


def test_the_next_kernel_with_that_home_needs_no_request_for_the_keys(
    restarted: Callable[[], Kernel], new_kernel: Callable[..., Kernel], tenant: LocalTenant
) -> None:
    before = restarted()
    before.log_in()
    restarted().find(before.stored())
    after = new_kernel()
    tenant.requests.clear()
    after.find(before.stored())
    assert after.login.session is not None
    assert (tenant.requests["/userinfo"], tenant.requests.total) == (1, 1)


@pytest.mark.parametrize(
    ("status", "body", "kept"),
    [
        (400, b'{"error": "temporarily_unavailable"}', True),
        (403, b'{"message": "Forbidden"}', True),
        (403, b'{"error": "Forbidden"}', True),
        (403, b'{"error": "insufficient_scope"}', True),
        (404, b'{"error": "not found"}', True),
        (429, b'{"error": "slow_down"}', True),
        (500, b'{"error": "access_denied"}', True),
        (401, b'{"error": "unauthorized"}', False),
        (400, b'{"error": "invalid_token"}', False),
        (401, b"Unauthorized", False),
    ],
)
def test_threat_37_only_a_refused_access_token_removes_the_record(
    restarted: Callable[[], Kernel], tenant: LocalTenant, status: int, body: bytes, *, kept: bool
) -> None:
    before = restarted()
    before.log_in()
    after = restarted()
    tenant.fail_next("/userinfo", status, body=body)
    after.find(before.stored())
    assert after.login.session is None
    assert (after.last("store") is None) == kept
    after.find(before.stored())
    assert after.login.session is not None


@pytest.mark.parametrize("endpoint", ["jwks", "userinfo"])
@pytest.mark.parametrize("kind", TROUBLE)
def test_threat_37_with_an_empty_home(
    restarted: Callable[[], Kernel], tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch,
    kind: str, endpoint: str,
) -> None:  # fmt: skip
    if kind == "no_answer":
        monkeypatch.setattr(transport_module, "DEADLINE", 0.5)
    before = restarted()
    before.log_in()
    stored, after = before.stored(), restarted()
    failure = tenant.fail(endpoint, kind, times=None)  # type: ignore[arg-type]
    after.find(stored)
    assert after.login.session is None
    assert after.problem is not None
    assert after.last("store") is None, "the record stays"
    assert failure.requests <= 2, "a GET whose connection was cut is sent once more"
    failure.clear()
    monkeypatch.setattr(transport_module, "DEADLINE", 30)
    tenant.requests.clear()
    after.find(stored)
    assert after.login.session is not None
    assert tenant.requests.total <= sum(COST.values())
