"""Threats 2, 12, 13 and 14: records from the browser, and what is sent to it."""
# ruff: noqa: PLR0917 - a test asks for the fixtures it needs

from __future__ import annotations

import dataclasses
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from kernel import ORIGIN, PAGE

from auth0_widget.base.redaction import Secret
from auth0_widget.config import Settings
from auth0_widget.errors import (
    InvalidRecordError,
    SessionEndedError,
)
from auth0_widget.session.identity import RecordIdentity
from auth0_widget.session.record import RecordFormat, Tombstone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.record import Record

OTHER_PAGE = "page-1111-1111-1111"
KEY = b"k" * 32
IDENTITY = RecordIdentity.of(Settings(origin="https://acme.eu.auth0.com", client_id="our-client"))
FORMAT = RecordFormat(IDENTITY, KEY)
GOOD = {
    "version": 1,
    "issuer": "https://acme.eu.auth0.com/",
    "client_id": "our-client",
    "audience": None,
    "organization": None,
    "session_id": "s",
    "logged_in_at": 1,
    "saved_at": 1,
    "id_token": "a.b.c",
    "access_token": "at",
    "access_token_expires_at": 1,
    "scope": "openid",
    "profile": {},
}
TIMES = ("logged_in_at", "saved_at", "access_token_expires_at")
TEXTS = ("session_id", "id_token", "access_token", "scope")


@pytest.fixture
def record(new_kernel: Callable[..., Kernel]) -> str:
    """The record in Ada's browser, from a kernel that has ended."""
    earlier = new_kernel()
    earlier.log_in()
    earlier.tenant.requests.clear()
    return earlier.stored()


@pytest.fixture
def alan(new_kernel: Callable[..., Kernel]) -> str:
    """Another person's record, valid and sealed."""
    other = new_kernel()
    other.log_in("alan@example.com")
    return other.stored()


def test_threat_12_a_good_record_is_taken_without_a_request(
    kernel: Kernel, tenant: LocalTenant, record: str, shown: Any
) -> None:
    kernel.find(record)
    assert kernel.login.session is not None
    assert kernel.login.session.user.email == "ada@example.com"
    assert tenant.requests.total == 0
    shown("restored, no request")


@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "null", "7", "[]", "{}", '"x"', "{" * 9, "\x00", "\ud800",
     '{"version": 1, "version": 1}'],
    ids=ascii,
)  # fmt: skip
def test_threat_12_what_is_no_record(refused: Any, text: str) -> None:
    with refused(InvalidRecordError):
        FORMAT.parse(text)


def _each(names: Iterable[str], values: Iterable[object]) -> list[tuple[str, object]]:
    return [(name, value) for name in names for value in values]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *_each(["version"], [0, 2, 99, "1", None, True, [1]]),
        *_each(["issuer"], ["https://evil.example/", None, "", []]),
        *_each(["client_id"], ["another", None, ""]),
        *_each(["audience"], ["https://other.example/", "", 0, False]),
        *_each(["organization"], ["org_1", "", 0, False]),
        *_each(TIMES, [None, "1", True, -1, 1 << 40, [], 10**18]),
        *_each(TEXTS, [None, "", 7, "é", "a\nb", [], {}]),
        *_each(["profile"], [None, [], "x", 7]),
        *_each(["ended_at"], [None, "1", True, -1, 1 << 40, {}]),
    ],
    ids=str,
)
def test_threat_12_a_field_that_is_wrong(refused: Any, name: str, value: object) -> None:
    assert FORMAT.parse(json.dumps(GOOD))
    with refused(InvalidRecordError):
        FORMAT.parse(json.dumps(GOOD | {name: value}))


@pytest.mark.parametrize("name", ["version", "issuer", "client_id", *TIMES, *TEXTS, "profile"])
def test_threat_12_a_field_that_is_missing(refused: Any, name: str) -> None:
    with refused(InvalidRecordError):
        FORMAT.parse(json.dumps({k: v for k, v in GOOD.items() if k != name}))


@pytest.mark.parametrize(
    ("changed", "requests"),
    [
        ({"id_token": "x"}, 0),
        ({"id_token": "x.y.z"}, 0),
        ({"version": 2}, 0),
        ({"issuer": "https://evil.example/"}, 0),
        ({"profile": {"sub": "auth0|eve"}, "access_token": "x"}, 1),
        ({"access_token": "x"}, 1),
        ({"seal": "\ud800"}, 0),
    ],
    ids=str,
)
def test_threat_12_a_record_that_was_tampered_with_is_removed(
    kernel: Kernel, tenant: LocalTenant, record: str, shown: Any, changed: Any, requests: int
) -> None:
    kernel.find(kernel.tamper(record, **changed))
    assert kernel.login.session is None
    assert kernel.problem == InvalidRecordError.code
    assert kernel.last("store")["record"] == "", "which means: remove it"
    assert tenant.requests.total == requests
    shown(f"`{InvalidRecordError.code}`, record removed")


@pytest.mark.parametrize(
    "changed",
    [
        {"profile": {"sub": "auth0|eve", "name": "Eve"}},
        {"profile": {"name": "Eve"}},
        {"profile": {}},
        {"seal": "x"},
        {"seal": "\u00e9"},
        {"seal": None},
        {"scope": "openid admin"},
        {"saved_at": (1 << 40) - 1},
        {"logged_in_at": (1 << 40) - 1},
    ],
    ids=str,
)
def test_threat_12_without_a_seal_only_the_tenant_is_believed(
    kernel: Kernel, tenant: LocalTenant, record: str, shown: Any, changed: Any
) -> None:
    kernel.find(json.dumps(json.loads(record) | changed))
    session = kernel.login.session
    assert session is not None
    assert session.profile["name"] == "Ada Lovelace"
    assert session._managed.logged_in_at <= time.time()
    assert session._managed.to_record().saved_at <= time.time()
    assert tenant.requests["/userinfo"] == 1
    shown("profile from the tenant, times from the ID token")


@pytest.mark.parametrize("field", ["id_token", "access_token"])
def test_threat_12_another_person_s_token(
    kernel: Kernel, record: str, alan: str, shown: Any, field: str
) -> None:
    kernel.find(kernel.tamper(record, **{field: json.loads(alan)[field]}))
    assert kernel.login.session is None
    assert kernel.problem == InvalidRecordError.code
    shown(f"`{InvalidRecordError.code}`, record removed")


def test_threat_12_a_seal_over_another_person_s_profile(
    new_kernel: Callable[..., Kernel], kernel: Kernel, shown: Any
) -> None:
    session = new_kernel().log_in()
    kernel.find(kernel.seal(session, profile={"sub": "auth0|eve"}))
    assert kernel.login.session is None
    shown(f"`{InvalidRecordError.code}`, record removed")


@pytest.mark.parametrize(
    "changed",
    [{"client_id": "another-client"}, {"audience": "https://notes.example.com/"},
     {"organization": "org_1"}],
    ids=str,
)  # fmt: skip
def test_threat_12_another_application_s_record(
    new_kernel: Callable[..., Kernel], record: str, shown: Any, changed: Any
) -> None:
    kernel = new_kernel(**changed)
    kernel.find(record)
    assert kernel.login.session is None
    assert kernel.problem == InvalidRecordError.code
    kernel.find(kernel.tamper(record, **changed))
    # An access token does not say what it is for; the API that it is sent to knows.
    taken = kernel.login.session is not None
    assert taken == ("audience" in changed), "nor when it claims to be ours"
    shown(f"`{InvalidRecordError.code}`, record removed")


@pytest.mark.parametrize("expired", ["id_token, unsealed", "access_token"])
def test_threat_12_an_expired_record(
    new_kernel: Callable[..., Kernel], kernel: Kernel, tenant: LocalTenant, shown: Any,
    expired: str,
) -> None:  # fmt: skip
    session = new_kernel().log_in()
    past = time.time() - 100
    changed: dict[str, Any] = {"access_token_expires_at": past}
    if expired == "id_token, unsealed":
        changed = {"id_token": Secret(tenant.sign({**session.claims, "exp": past}))}
    record = kernel.seal(session, **changed)
    if expired == "id_token, unsealed":
        record = kernel.tamper(record, scope="of somebody else")
    kernel.find(record)
    assert kernel.login.session is None
    assert kernel.login.status == "expired"
    assert kernel.last("store")["record"] == ""
    shown("status `expired`, record removed")


def test_threat_12_garbage_leaves_a_live_session_alone(kernel: Kernel, shown: Any) -> None:
    session = kernel.log_in()
    for text in ("", "{}", kernel.tamper(kernel.stored(), id_token="x")):
        kernel.receive("stored_record", record=text)
        assert kernel.login.session is session
        assert session.active
    shown("the session lives on")


def test_threat_12_a_tenant_that_is_away_costs_no_record(
    kernel: Kernel, tenant: LocalTenant, record: str, shown: Any
) -> None:
    unsealed = kernel.tamper(record, seal=None)
    tenant.fail_next("/userinfo", 503)
    kernel.find(unsealed)
    assert kernel.problem == "tenant_down"
    assert kernel.last("store") is None
    kernel.find(unsealed)
    assert kernel.login.session is not None
    shown("`tenant_down`, record kept")


@pytest.mark.parametrize("storage", ["memory", "session"])
def test_threat_13_storage_is_what_was_chosen(
    new_kernel: Callable[..., Kernel], shown: Any, storage: str
) -> None:
    kernel = new_kernel(storage=storage)
    kernel.log_in()
    assert kernel.last("ready")["storage"] == storage
    shown("the page is told")


def test_threat_13_the_record_holds_no_refresh_token(kernel: Kernel, shown: Any) -> None:
    session = kernel.log_in()
    assert session._managed._refresh_tokens.current is not None
    assert session._managed._refresh_tokens.current.reveal() not in repr(kernel.sent)
    shown("never in a message")


def test_threat_14_a_forged_login_does_not_displace_ours(
    kernel: Kernel, tenant: LocalTenant, alan: str, shown: Any
) -> None:
    session = kernel.log_in()
    tenant.requests.clear()
    forged = kernel.tamper(alan, seal=None, logged_in_at=time.time() + 1e6, saved_at=2e9)
    kernel.receive("stored_record", record=forged)
    own_id = json.loads(kernel.stored())["session_id"]
    kernel.sent.clear()
    kernel.receive("stored_record", record=kernel.tamper(forged, session_id=own_id))
    assert kernel.login.session is session
    assert session.user.email == "ada@example.com"
    assert tenant.requests.total == 0
    assert json.loads(kernel.stored())["session_id"] == own_id
    assert json.loads(kernel.stored())["seal"], "our record is stored again"
    shown("ignored")


@pytest.mark.parametrize(
    "ended_at",
    [0, 1, time.time() + 1e6, (1 << 40) - 1],
    ids=["the epoch", "a second later", "in eleven days", "the largest"],
)
def test_threat_14_a_logout_that_cannot_be_meant_for_this_login(
    kernel: Kernel, shown: Any, ended_at: float
) -> None:
    session = kernel.log_in()
    kernel.receive("stored_record", record=kernel.login.record_format.dump(Tombstone(ended_at)))
    assert kernel.login.session is session
    shown("ignored")


def test_threat_21_a_logout_by_a_kernel_whose_clock_is_ahead(kernel: Kernel, shown: Any) -> None:
    kernel.log_in()
    ahead = Tombstone(time.time() + kernel.settings.leeway - 5)
    kernel.receive("stored_record", record=kernel.login.record_format.dump(ahead))
    assert kernel.login.status == "logged_out"
    # It is over for this login, and not for the next.
    kernel.log_in()
    kernel.receive("stored_record", record=kernel.stored())
    assert "ended_at" not in kernel.stored()
    shown("logged out")


def test_threat_21_a_logout_while_a_record_is_looked_at(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch, shown: Any
) -> None:
    session = kernel.log_in()
    to_record = session._managed.to_record

    def log_out_meanwhile() -> Record:
        kernel.login.logout()
        return to_record()

    stored = kernel.stored()
    monkeypatch.setattr(session._managed, "to_record", log_out_meanwhile)
    kernel.receive("stored_record", record=stored)
    assert "ended_at" in kernel.stored(), "the tombstone stays"
    assert kernel.last("state")["status"] == "logged_out"
    assert kernel.problem is None
    shown("tombstone sent")


def test_threat_14_a_forged_logout_at_worst_logs_out(kernel: Kernel, refused: Any) -> None:
    session = kernel.log_in()
    kernel.receive("stored_record", record=kernel.login.record_format.dump(Tombstone(time.time())))
    assert kernel.login.status == "logged_out"
    with refused(SessionEndedError):
        _ = session.access_token


def test_threat_02_a_record_goes_to_the_page_that_logged_in(kernel: Kernel, shown: Any) -> None:
    kernel.receive("hello", OTHER_PAGE, origin=ORIGIN)
    kernel.receive("stored_record", OTHER_PAGE, record=None)
    kernel.log_in()
    personal = [
        m for m in kernel.sent if m["to"] == OTHER_PAGE and (m["type"] == "store" or m.get("card"))
    ]
    assert personal == []
    assert kernel.last("state", OTHER_PAGE)["card"] is None
    assert kernel.last("store", PAGE)["record"]
    assert kernel.last("state", PAGE)["card"]["email"] == "ada@example.com"
    assert all(message["to"] for message in kernel.sent)
    shown("nothing personal to another page")


def test_threat_02_a_page_that_shares_the_storage_is_told(kernel: Kernel, shown: Any) -> None:
    kernel.log_in()
    kernel.find(kernel.stored(), OTHER_PAGE)
    assert kernel.last("state", OTHER_PAGE)["card"]["email"] == "ada@example.com"
    shown("who has the record sees the card")


def test_threat_02_another_login_s_record_gives_nothing_away(
    kernel: Kernel, alan: str, shown: Any
) -> None:
    kernel.log_in()
    kernel.find(kernel.tamper(alan, logged_in_at=1), OTHER_PAGE)
    assert kernel.last("state", OTHER_PAGE)["card"] is None
    assert kernel.last("store", OTHER_PAGE) is None
    shown("nothing personal to another page")


def test_threat_02_messages_from_unknown_pages_do_nothing(kernel: Kernel, shown: Any) -> None:
    before = len(kernel.sent)
    messages: dict[str, dict[str, object]] = {
        "start": {},
        "logout": {},
        "record": {"record": None},
        "answer": {"response": {"code": "c", "state": "s"}},
        "failed": {"reason": "cancelled"},
        "stored": {"ok": True, "reason": None},
    }
    for kind, fields in messages.items():
        kernel.receive(kind, "page-unknown-0000", **fields)
    assert len(kernel.sent) == before
    assert kernel.login.status == "logged_out"
    shown("dropped")


def test_threat_12_the_binding_is_compared_as_it_is(settings: Settings, refused: Any) -> None:
    identity = RecordIdentity.of(settings)
    with_audience = dataclasses.replace(identity, audience="https://api.example.com/")
    record_format = RecordFormat(identity, KEY)
    text = record_format.dump(Tombstone(1))
    assert record_format.parse(text) == Tombstone(1)
    with refused(InvalidRecordError):
        RecordFormat(with_audience, KEY).parse(text)


def test_threat_39_another_hub_users_server_in_the_same_browser(
    new_kernel: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch, shown: Any
) -> None:
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    adas = new_kernel(seal_key=b"a" * 32)
    adas.log_in()
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/grace/")
    graces = new_kernel(seal_key=b"g" * 32)
    graces.receive("hello", origin=ORIGIN)
    assert graces.last("ready")["key"] != adas.last("ready")["key"]
    graces.find(adas.stored())  # whoever copies it all the same
    assert graces.login.session is None
    assert graces.problem == InvalidRecordError.code
    shown("not found; copied there, it is refused")
