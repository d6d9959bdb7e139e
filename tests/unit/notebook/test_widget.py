from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest

from auth0_widget import LoginWidget
from auth0_widget.errors import (
    InvalidClientIdError,
    InvalidDomainError,
    InvalidSettingError,
    MissingBundleError,
    NoPageError,
    PopupClosedError,
)
from auth0_widget.login.login import Login
from auth0_widget.pages import bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DOMAIN, CLIENT_ID = "acme.eu.auth0.com", "client"


@pytest.fixture
def new_widget() -> Iterator[Callable[..., LoginWidget]]:
    made: list[LoginWidget] = []

    def make(**arguments: Any) -> LoginWidget:
        made.append(LoginWidget(**({"domain": DOMAIN, "client_id": CLIENT_ID} | arguments)))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize(
    ("arguments", "error", "named"),
    [
        ({"client_id": CLIENT_ID}, InvalidDomainError, "AUTH0_DOMAIN"),
        ({"domain": "no host", "client_id": CLIENT_ID}, InvalidDomainError, "domain"),
        ({"domain": DOMAIN}, InvalidClientIdError, "AUTH0_CLIENT_ID"),
        ({"domain": DOMAIN, "client_id": "a b"}, InvalidClientIdError, "client_id"),
        ({"domain": DOMAIN, "client_id": CLIENT_ID, "storage": "cloud"},
         InvalidSettingError, "storage"),
        ({"domain": DOMAIN, "client_id": CLIENT_ID, "show": "poster"},
         InvalidSettingError, "show"),
        ({"domain": DOMAIN, "client_id": CLIENT_ID, "callback": "pigeon"},
         InvalidSettingError, "callback"),
        ({"domain": DOMAIN, "client_id": CLIENT_ID, "max_age": "soon"},
         InvalidSettingError, "max_age"),
        ({"domain": DOMAIN, "client_id": CLIENT_ID, "authorize_params": {"state": "x"}},
         InvalidSettingError, "state"),
    ],
)  # fmt: skip
def test_bad_settings_are_refused_when_the_widget_is_made(
    arguments: dict[str, Any], error: type[Exception], named: str
) -> None:
    with pytest.raises(error, match=named):
        LoginWidget(**arguments)
    gc.collect()  # ipywidgets closes what was half made: that must not fail either


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH0_DOMAIN", DOMAIN)
    monkeypatch.setenv("AUTH0_CLIENT_ID", CLIENT_ID)
    login = LoginWidget()
    assert login._login.settings.origin == f"https://{DOMAIN}"
    login.close()


def test_a_checkout_without_a_front_end_says_how_to_build_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, new_widget: Callable[..., LoginWidget]
) -> None:
    monkeypatch.setattr(bundle, "_STATIC", tmp_path)
    bundle.bundle.cache_clear()
    with pytest.raises(MissingBundleError, match="make build"):
        new_widget()


def test_what_is_sent_with_each_widget_is_the_loader_and_not_the_card(
    new_widget: Callable[..., LoginWidget],
) -> None:
    state = new_widget().get_state()
    assert (state["_esm"], state["_css"]) == bundle.bundle()[:2]
    assert bundle.bundle().page not in repr(state)


def test_widgets_with_the_same_settings_share_one_login(
    new_widget: Callable[..., LoginWidget],
) -> None:
    assert new_widget()._login is new_widget()._login
    assert new_widget()._login is not new_widget(audience="https://api.example.com")._login
    assert new_widget()._login is not new_widget(max_age=60)._login


def test_nothing_but_the_front_end_is_synced(new_widget: Callable[..., LoginWidget]) -> None:
    own = {name for name in new_widget().keys if not name.startswith("_")}
    assert own == {"layout", "tabbable", "tooltip"}  # those of every ipywidget


def test_its_text_form_says_what_to_do_and_is_always_the_same(
    new_widget: Callable[..., LoginWidget],
) -> None:
    assert repr(new_widget()) == repr(new_widget())
    assert "`await login`" in repr(new_widget())


def test_where_it_cannot_be_drawn_there_is_text_and_nothing_personal(
    new_widget: Callable[..., LoginWidget],
) -> None:
    login = new_widget(login_hint="ada@example.com")
    bundle = login._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert set(data) == {"text/plain", "application/vnd.jupyter.widget-view+json"}
    assert "run this cell" in data["text/plain"]


@pytest.mark.parametrize("mistaken", [asyncio.run, asyncio.create_task])
def test_where_asyncio_wants_a_coroutine_it_says_what_to_write(
    new_widget: Callable[..., LoginWidget], mistaken: Callable[[Any], object]
) -> None:
    login = new_widget()

    async def main() -> None:
        mistaken(login)

    with pytest.raises((TypeError, ValueError, RuntimeError), match="ensure_future"):
        asyncio.run(main() if mistaken is asyncio.create_task else login)


def test_a_task_of_its_own_can_wait_for_it(new_widget: Callable[..., LoginWidget]) -> None:
    login = new_widget(client_id="a-task")

    async def main() -> None:
        task = asyncio.ensure_future(login)
        await asyncio.sleep(0)
        login._login.fail(login._login.start(), PopupClosedError())
        await task

    with pytest.raises(PopupClosedError):
        asyncio.run(main())


def test_status_follows_the_login_and_can_be_observed(
    new_widget: Callable[..., LoginWidget],
) -> None:
    login = new_widget(client_id="observed")
    seen: list[str] = []
    login.observe(lambda change: seen.append(change.new), "status")
    login._login.fail(login._login.start(), PopupClosedError())
    login.logout()
    assert seen == ["logging_in", "error", "logged_out"]
    assert login.status == "logged_out"
    assert login.session is None


def test_an_older_status_that_another_thread_has_read_does_not_stay(
    new_widget: Callable[..., LoginWidget], monkeypatch: pytest.MonkeyPatch
) -> None:
    login = new_widget(client_id="raced")
    older = iter(["logging_in"])
    monkeypatch.setattr(Login, "status", property(lambda now: next(older, now._status)))
    login._follow_status()
    assert login.status == "logged_out"


def test_status_is_read_only(new_widget: Callable[..., LoginWidget]) -> None:
    with pytest.raises(Exception, match="read-only"):
        new_widget().status = "authenticated"


def test_wait_raises_what_the_login_came_to(new_widget: Callable[..., LoginWidget]) -> None:
    with pytest.raises(NoPageError):
        new_widget(flow="popup").wait(timeout=0)


def test_a_closed_widget_follows_no_longer(new_widget: Callable[..., LoginWidget]) -> None:
    login = new_widget(client_id="closed")
    login.close()
    login._login.start()
    assert login.status == "logged_out"
    login._login.logout()
