"""Where the pages are, and what of it may be published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auth0_widget.commands import cli
from auth0_widget.doctor.addresses import PageAddress, addresses, link_callback, urls_to_enter
from auth0_widget.doctor.servers import Server
from auth0_widget.errors import InvalidSettingError

if TYPE_CHECKING:
    from auth0_widget.config import Flow

LOCAL = Server("http://localhost:8888", "/")
HUB = "https://hub.example.com"


@pytest.fixture
def on_a_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_URL", "http://127.0.0.1:8081/hub/api")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada%40example.com/")


def test_addresses_that_were_named_count_before_the_servers() -> None:
    assert addresses({HUB: None}, [LOCAL]) == [
        PageAddress(HUB, f"{HUB}/auth0-widget/callback", named=True)
    ]
    assert addresses({}, [LOCAL]) == [
        PageAddress(
            "http://localhost:8888", "http://localhost:8888/auth0-widget/callback", named=False
        )
    ]


@pytest.mark.parametrize(
    "origin", ["localhost:8888", f"{HUB}/user/ada", "ftp://hub", f"{HUB}:99999", f"{HUB}:0", ""]
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(InvalidSettingError):
        addresses({origin: None}, [])


@pytest.mark.usefixtures("on_a_hub")
def test_on_a_hub_the_server_s_own_address_is_nobody_s() -> None:
    assert addresses({}, [LOCAL]) == []


@pytest.mark.usefixtures("on_a_hub")
def test_a_hub_s_path_is_published_without_the_name() -> None:
    (known,) = addresses({HUB: None}, [])
    assert known.callback_page == f"{HUB}/user/ada%40example.com/auth0-widget/callback"
    assert urls_to_enter([known], "page", None)["Allowed Callback URLs"] == [
        f"{HUB}/user/YOUR-NAME/auth0-widget/callback"
    ]
    assert urls_to_enter([known], "message", None)["Allowed Callback URLs"] == [HUB]


@pytest.mark.usefixtures("on_a_hub")
def test_a_path_without_the_name_says_that_it_belongs_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTH0_WIDGET_CALLBACK", "page")
    for arguments in (["setup"], ["doctor", "--domain", "localhost:9", "--client-id", "abc"]):
        cli.main([*arguments, "--origin", HUB])
        printed = capsys.readouterr().out
        assert f"{HUB}/user/YOUR-NAME/auth0-widget/callback" in printed
        assert "Replace YOUR-NAME with your name on the hub" in printed
        monkeypatch.setenv("AUTH0_WIDGET_CALLBACK_PAGE", "/services/auth0-widget/callback")
        cli.main([*arguments, "--origin", HUB])
        monkeypatch.delenv("AUTH0_WIDGET_CALLBACK_PAGE")
        assert "Replace" not in capsys.readouterr().out.rpartition("/services/")[2]


@pytest.mark.usefixtures("on_a_hub")
def test_a_hub_s_own_page_is_named_by_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH0_WIDGET_CALLBACK_PAGE", f"{HUB}/services/auth0-widget/callback")
    with pytest.raises(InvalidSettingError, match="AUTH0_WIDGET_CALLBACK_PAGE is not a path"):
        addresses({HUB: None}, [])


@pytest.mark.usefixtures("on_a_hub")
def test_a_hub_s_own_page_is_everybody_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH0_WIDGET_CALLBACK_PAGE", "/services/auth0-widget/callback")
    (known,) = addresses({HUB: None}, [])
    assert known.published_callback_page == f"{HUB}/services/auth0-widget/callback"


@pytest.mark.usefixtures("on_a_hub")
def test_a_subdomain_for_each_user_is_published_as_auth0_s_wildcard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JUPYTERHUB_HOST", HUB)
    known = addresses(
        {"https://ada.hub.example.com": None, "https://grace.hub.example.com": None}, []
    )
    assert urls_to_enter(known, "message", None)["Allowed Web Origins"] == [
        "https://*.hub.example.com"
    ]


@pytest.mark.usefixtures("on_a_hub")
def test_a_host_of_the_hub_that_is_none_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_HOST", "http://[::1")
    (known,) = addresses({HUB: None}, [])
    assert known.published_origin == HUB


def test_without_an_address_there_is_nothing_to_enter() -> None:
    assert urls_to_enter([], "message", None) == {}


LINK = "http://127.0.0.1:18484/auth0-widget/callback"


@pytest.mark.parametrize(
    ("flow", "origins", "expected"),
    [
        ("auto", ["http://localhost:8888"], LINK),
        ("auto", [], LINK),  # VS Code
        ("auto", [HUB], None),
        ("auto", ["http://localhost:8888", HUB], None),
        ("loopback", [HUB], LINK),
        ("popup", ["http://localhost:8888"], None),
        ("device", [], None),
    ],
)
def test_a_link_s_callback_where_a_page_offers_one(
    flow: Flow, origins: list[str], expected: str | None
) -> None:
    known = [PageAddress(origin, None, named=True) for origin in origins]
    assert link_callback(flow, 18484, known) == expected


@pytest.mark.usefixtures("on_a_hub")
def test_no_link_comes_back_to_a_hub() -> None:
    assert link_callback("auto", 18484, []) is None


def test_no_link_comes_back_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 5 10.0.0.2 22")
    assert link_callback("auto", 18484, []) is None
    assert link_callback("loopback", 18484, []) == LINK  # the author has chosen it


def test_auth0_compares_whole_urls_so_that_a_link_s_stands_beside_the_others() -> None:
    origin = "http://localhost:8888"
    known = [PageAddress(origin, f"{origin}/auth0-widget/callback", named=True)]
    assert urls_to_enter(known, "message", LINK) == {
        "Allowed Callback URLs": [origin, LINK],
        "Allowed Web Origins": [origin],
        "Allowed Logout URLs": [origin],
    }
    assert urls_to_enter([], "message", LINK) == {"Allowed Callback URLs": [LINK]}
