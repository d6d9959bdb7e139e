"""What the card is given; how it shows it: js/tests/card.test.ts."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
import segno

from auth0_widget.base.redaction import PrivateMapping, Secret
from auth0_widget.errors import RateLimitError, SessionEndedError
from auth0_widget.flows.device_in_card import ShownCode
from auth0_widget.pages.card import (
    card_of,
    delayed_renewal_of,
    device_of,
    expired_card,
    problem_of,
)
from auth0_widget.session.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.config import Settings


def test_the_card_has_who_it_is_the_whole_profile_and_both_ends(kernel: Kernel) -> None:
    session = kernel.log_in()
    managed = session._managed
    card = card_of(managed, kernel.settings)
    assert (card["name"], card["email"]) == ("Ada Lovelace", "ada@example.com")
    assert card["profile"] == dict(session.profile)
    assert card["id_token_expires_at"] == session.claims["exp"]
    assert card["access_token_expires_at"] == session.expires_at
    assert (card["scope"], card["audience"]) == (session.scope, kernel.settings.audience)
    assert card["no_renewal"] is None
    managed.end()
    with pytest.raises(SessionEndedError):
        card_of(managed, kernel.settings)


def test_of_a_session_that_has_expired_the_card_has_the_name_and_no_profile(
    settings: Settings,
) -> None:
    profile = {"sub": "auth0|ada", "name": "Ada Lovelace", "phone_number": "+44 1"}
    end = time.time() - 1
    record = Record(
        session_id="one",
        logged_in_at=1,
        saved_at=1,
        id_token=Secret("a.b.c"),
        access_token=Secret("at"),
        access_token_expires_at=end,
        scope="openid",
        profile=PrivateMapping(profile),
    )
    card = expired_card(record, settings)
    assert (card["name"], card["profile"], card["access_token_expires_at"]) == (
        "Ada Lovelace",
        {},
        end,
    )
    assert card["no_renewal"] == "restored"
    assert "+44" not in repr(card)


def test_an_error_keeps_its_code_and_its_words() -> None:
    error = RateLimitError(retry_after=7)
    assert problem_of(error) == {
        "code": "rate_limited",
        "message": error.message,
        "next_step": "Wait 7 seconds, then try again.",
    }
    delayed = delayed_renewal_of(error)
    assert delayed["code"] == "rate_limited"
    assert error.message in delayed["message"]
    assert "Wait 7 seconds" not in delayed["next_step"], "nobody has to do anything"


def test_a_code_is_shown_with_its_end_and_why_there_is_one() -> None:
    assert device_of(None) is None
    code = ShownCode("ABCD-EFGH", "https://acme.eu.auth0.com/activate", 1_800_000_000, "Blocked.")
    assert device_of(code) == {
        "user_code": "ABCD-EFGH",
        "verification_uri": "https://acme.eu.auth0.com/activate",
        "expires_at": 1_800_000_000,
        "reason": "Blocked.",
        "verification_uri_complete": None,
        "qr": None,
    }


def test_the_complete_address_of_a_code_is_a_qr_code_as_well() -> None:
    complete = "https://acme.eu.auth0.com/activate?user_code=ABCD-EFGH"
    device = device_of(
        ShownCode("ABCD-EFGH", "https://acme.eu.auth0.com/activate", 1, None, complete)
    )
    assert device is not None
    assert device["verification_uri_complete"] == complete
    assert device["qr"] is not None
    size, path = device["qr"]["size"], device["qr"]["path"]
    assert re.fullmatch(r"(M\d+ \d+h\d+v1h-\d+z)+", path)
    drawn = [[False] * size for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)", path):
        drawn[int(y)][int(x) : int(x) + int(width)] = [True] * int(width)
    expected = segno.make(complete, micro=False, error="m").matrix
    assert drawn == [[bool(module) for module in row] for row in expected]


def _server_of(kernel: Kernel) -> str | None:
    kernel.log_in()
    owner: str | None = kernel.last("state")["card"]["server_of"]
    return owner


@pytest.mark.parametrize("owner", ["ada", "Ada", "ada@example.com", "Ada Lovelace"])
def test_on_her_own_server_of_a_hub_the_card_names_nobody_else(
    new_kernel: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch, owner: str
) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", owner)
    assert _server_of(new_kernel()) is None


@pytest.mark.parametrize("owner", ["grace", "ad", "example.com", "auth0"])
def test_on_somebody_elses_server_of_a_hub_the_card_says_whose_it_is(
    new_kernel: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch, owner: str
) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", owner)
    assert _server_of(new_kernel()) == owner


def test_without_a_hub_it_names_nobody(
    new_kernel: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    assert _server_of(new_kernel()) is None
