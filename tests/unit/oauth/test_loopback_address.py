from __future__ import annotations

from urllib.parse import urlsplit

from auth0_widget.base.origins import is_loopback
from auth0_widget.config import is_callback_page
from auth0_widget.oauth.loopback_address import ADDRESSES, redirect_uri


def test_the_redirect_uri_is_an_address_of_this_machine_and_no_name() -> None:
    parts = urlsplit(redirect_uri(18484))
    assert (parts.scheme, parts.hostname, parts.port) == ("http", "127.0.0.1", 18484)
    assert is_callback_page(redirect_uri(18484), "http://127.0.0.1:18484")


def test_it_listens_where_the_browser_is_sent_first_and_on_this_machine_only() -> None:
    assert ADDRESSES[0][0] == urlsplit(redirect_uri(1)).hostname
    assert all(is_loopback(address) for address, _ in ADDRESSES)
