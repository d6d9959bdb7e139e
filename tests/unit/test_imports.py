"""Which modules are loaded, and when. They are counted, because times depend on the machine."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from auth0_widget.oauth.environment import CERTIFICATE_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

# What the first login needs. Together they take as long to load as anywidget.
LIBRARIES = ("anyio", "asyncio", "certifi", "cryptography", "httpx", "jwt", "ssl", "truststore")


@pytest.fixture(autouse=True)
def nothing_named_by_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset the variables for proxies and certificates, which are checked when a widget is made."""
    for name in CERTIFICATE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def loaded(program: str, before: str = "") -> set[str]:
    """The modules that a program loads, without those that another program loads."""
    script = (
        f"import sys, json\n{before}\nhere = set(sys.modules)\n{program}\n"
        "print(json.dumps(sorted(set(sys.modules) - here)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60
    )
    return set(json.loads(done.stdout))


def of_others(modules: set[str]) -> set[str]:
    """The modules of other packages."""
    standard = sys.stdlib_module_names
    return {one for one in modules if one.partition(".")[0] not in {*standard, "auth0_widget"}}


def top(modules: set[str], names: Sequence[str]) -> set[str]:
    return {one.partition(".")[0] for one in modules}.intersection(names)


def test_the_package_loads_nothing_before_a_name_is_asked_for() -> None:
    assert of_others(loaded("import auth0_widget")) == set()
    assert "auth0_widget.errors" not in loaded("import auth0_widget")


def test_a_widget_is_made_without_the_libraries_of_a_login() -> None:
    program = (
        "import auth0_widget\n"
        "auth0_widget.LoginWidget(domain='acme.eu.auth0.com', client_id='client')"
    )
    assert not top(loaded(program, before="import anywidget"), LIBRARIES)


def test_the_libraries_of_a_login_are_loaded_when_the_widget_is_shown() -> None:
    program = (
        "import threading, auth0_widget\n"
        "login = auth0_widget.LoginWidget(domain='acme.eu.auth0.com', client_id='client')\n"
        "login._repr_mimebundle_()\n"
        "others = [one for one in threading.enumerate() if one.name == 'auth0-widget']\n"
        "for one in others: one.join()"
    )
    missing = set(LIBRARIES) - {"anyio", "asyncio"} - top(loaded(program), LIBRARIES)
    assert missing == set()


def test_the_libraries_of_a_login_are_loaded_when_a_page_speaks() -> None:
    """Inside a box the widget is not asked to show itself."""
    program = (
        "import threading, auth0_widget\n"
        "login = auth0_widget.LoginWidget(domain='acme.eu.auth0.com', client_id='client')\n"
        "login._bridge.receive({'type': 'load', 'page': 'p-1234567890abcdef'})\n"
        "others = [one for one in threading.enumerate() if one.name == 'auth0-widget']\n"
        "for one in others: one.join()"
    )
    assert "httpx" in loaded(program)


def test_the_server_extension_loads_little_beyond_jupyter_server() -> None:
    modules = loaded(
        "import auth0_widget.server\nauth0_widget.server._jupyter_server_extension_points()\n"
        "import auth0_widget.server.callback_page",
        before="import jupyter_server.serverapp",
    )
    assert len(of_others(modules)) <= 30
    assert not top(modules, (*LIBRARIES, "anywidget", "ipywidgets", "IPython"))


def test_the_pytest_plugin_loads_nothing_until_a_fixture_is_used() -> None:
    modules = loaded("import auth0_widget.testing", before="import pytest, _pytest.config")
    assert of_others(modules) == set()


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE"])
def test_a_proxy_or_certificates_that_cannot_be_used_are_told_when_the_widget_is_made(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "ftp://no-such-file")
    program = (
        "import auth0_widget\n"
        "try: auth0_widget.LoginWidget(domain='acme.eu.auth0.com', client_id='client')\n"
        "except auth0_widget.ConfigurationError: sys.modules['told'] = None"
    )
    assert "told" in loaded(program)
