"""Whether a login can work, and in which ways. What each check finds is tested beside it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import certifi
import pytest
from kernel import ORIGIN

from auth0_widget import LoginWidget
from auth0_widget.config import Settings
from auth0_widget.doctor import examination, machine
from auth0_widget.doctor.examination import examine
from auth0_widget.doctor.servers import Server
from auth0_widget.errors import InvalidSettingError, NoPageError
from auth0_widget.notebook import front_ends
from auth0_widget.oauth.client import DEVICE_GRANT
from auth0_widget.oauth.environment import CERTIFICATE_VARIABLES
from auth0_widget.oauth.loopback_address import redirect_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel import Kernel

    from auth0_widget.doctor.report import Report
    from auth0_widget.local_tenant import LocalTenant

ELSEWHERE = "http://localhost:9999"
WINDOW = ("authorization_code", "refresh_token")


@pytest.fixture
def port() -> int:
    """A port for the response of a link, which nothing uses."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def look(tenant: LocalTenant, port: int) -> Callable[..., Report]:
    """Examine a login at these pages."""
    given: dict[str, Any] = {"domain": tenant.url, "client_id": tenant.client_id}

    def run(*origins: str, **changed: Any) -> Report:
        settings = Settings.resolve(**given | {"loopback_port": port} | changed)
        return examine(settings, "message", dict.fromkeys(origins))

    return run


def ending(report: Report) -> str:
    return str(report).splitlines()[-1]


def test_the_ways_that_can_work_are_named(
    look: Callable[..., Report], tenant: LocalTenant, port: int
) -> None:
    report = look(ORIGIN)
    assert report.ok
    assert report.ways == {"window": "yes", "link": "no", "code": "yes"}
    assert ending(report) == "A login can work: in a window, with a code."
    tenant.application.callbacks.append(redirect_uri(port))
    assert ending(look(ORIGIN)) == "A login can work: in a window, by a link, with a code."
    assert ending(look(flow="device")) == "A login can work: with a code."


def test_a_code_works_where_the_page_is_not_registered(look: Callable[..., Report]) -> None:
    report = look(ELSEWHERE)
    assert report.ok
    assert (
        ending(report) == "A login can work: with a code. Another way cannot: see the line with ✗."
    )


def test_of_several_pages_one_is_enough(look: Callable[..., Report], tenant: LocalTenant) -> None:
    tenant.application.grant_types = WINDOW
    assert look(ELSEWHERE, ORIGIN).ways["window"] == "yes"
    assert not look(ELSEWHERE).ok


def test_without_a_page_a_link_and_a_code_it_is_unclear(
    look: Callable[..., Report], tenant: LocalTenant
) -> None:
    tenant.application.grant_types = WINDOW
    report = look()
    assert not report.ok
    assert report.ways == {"window": "unclear", "link": "no", "code": "no"}
    assert ending(report).startswith("It is unclear whether a login can work: see the 3 lines")


def test_a_grant_type_that_the_tenant_does_not_tell_is_none_that_works(
    look: Callable[..., Report], tenant: LocalTenant
) -> None:
    tenant.fail_next("/oauth/token", 503, times=3)
    report = look(ORIGIN)
    assert not report.ok
    assert set(report.ways.values()) <= {"unclear", "no"}


@pytest.mark.parametrize(
    ("flow", "code"), [("loopback", False), ("loopback", True), ("auto", True)]
)
def test_no_link_works_while_its_port_is_taken(
    look: Callable[..., Report], tenant: LocalTenant, port: int, *, flow: str, code: bool
) -> None:
    tenant.application.callbacks.append(redirect_uri(port))
    tenant.application.grant_types = (*WINDOW, *([DEVICE_GRANT] if code else []))
    with socket.create_server(("127.0.0.1", port)):
        report = look(ORIGIN, flow=flow)
    assert report.ways["link"] == "no"
    assert report.ok == code
    said = {one.said: one.verdict for one in report.findings}
    verdict = said[f"The port {port} for the response of a login by a link cannot be used now"]
    assert verdict == ("bad" if flow == "loopback" else "note")
    assert look(ORIGIN, flow=flow).ways["link"] == "yes"


def test_an_api_that_the_tenant_does_not_know(look: Callable[..., Report]) -> None:
    report = look(ORIGIN, audience="https://nowhere.example.com/")
    assert not report.ok
    assert "✗ The tenant has no API with the audience https://nowhere.example.com/" in str(report)
    assert "AUTH0_AUDIENCE" in str(report)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"flow": "hub"}, "This kernel belongs to no server of JupyterHub"),
        ({"flow": "client_credentials"}, "needs an API"),
        ({"flow": "device", "organization": "org_1"}, "cannot be for an organization"),
    ],
)
def test_what_the_widget_would_refuse_cannot_work(
    look: Callable[..., Report], tenant: LocalTenant, changed: dict[str, str], said: str
) -> None:
    report = look(ORIGIN, **changed)
    assert not report.ok
    assert said in str(report)
    assert tenant.requests["/oauth/token"] == 0


def test_no_code_is_for_an_organization(look: Callable[..., Report]) -> None:
    report = look(ORIGIN, organization="org_1")
    assert "code" not in report.ways
    assert "• A login with a code cannot be for an organization" in str(report)


def test_a_page_without_an_address_is_said_and_no_server_is_asked_about_in_its_place(
    new_kernel: Callable[..., Kernel],
    tenant: LocalTenant,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kernel = new_kernel(loopback_port=port)
    kernel.receive("hello", origin=None, window=False)
    monkeypatch.setattr(
        examination, "running_servers", lambda: [Server("http://localhost:8888", "/")]
    )
    tenant.application.callbacks.append(redirect_uri(port))
    settings = Settings.resolve(domain=tenant.url, client_id=tenant.client_id, loopback_port=port)
    bridge = kernel.bridge
    report = examine(settings, bridge.callback, bridge.page_addresses, bridge.page_ways)
    assert report.ok
    assert "A page shows this widget; it logs in by a link\n  This page cannot open" in str(report)
    assert "http://localhost:8888" not in str(report)
    assert report.ways == {"link": "yes", "code": "yes"}


@pytest.mark.parametrize("proxy", ["socks9://127.0.0.1:1080", "http://[::1"])
def test_a_proxy_that_cannot_be_used_is_told_in_the_report(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    server = Server("http://jupyter.example.com:8888", "/")
    monkeypatch.setattr(examination, "running_servers", lambda: [server])
    report = examine(Settings.resolve(domain="acme.eu.auth0.com", client_id="abc"), "message")
    assert not report.ok
    (bad,) = [one for one in report.findings if one.verdict == "bad"]
    assert "ALL_PROXY" in bad.said


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (["SSL_CERT_FILE"], "that SSL_CERT_FILE names"),
        (["SSL_CERT_FILE", "SSL_CERT_DIR"], "that SSL_CERT_FILE and SSL_CERT_DIR name"),
        (
            ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"],
            "that SSL_CERT_FILE, SSL_CERT_DIR and REQUESTS_CA_BUNDLE name",
        ),
    ],
)
def test_the_variables_that_name_certificates_are_listed(
    monkeypatch: pytest.MonkeyPatch, variables: list[str], said: str
) -> None:
    for variable in CERTIFICATE_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    for variable in variables:
        monkeypatch.setenv(variable, certifi.where())
    finding = machine.connection("https://acme.eu.auth0.com")
    assert finding.said.endswith(f"certificates, and the certificates {said}")


def test_a_callback_page_that_may_be_missing_makes_a_window_unclear(
    tenant: LocalTenant, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(f"http://127.0.0.1:{port}", "/")  # nothing listens there
    monkeypatch.setattr(examination, "running_servers", lambda: [server])
    settings = Settings.resolve(domain=tenant.url, client_id=tenant.client_id, loopback_port=port)
    tenant.application.callbacks.append(f"{ORIGIN}/auth0-widget/callback")
    report = examine(settings, "page", {ORIGIN: None})
    assert report.ways["window"] == "unclear"


@pytest.fixture
def in_a_script(
    tenant: LocalTenant, port: int, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., LoginWidget]]:
    """Make a widget in a script, which no page shows."""
    monkeypatch.setattr(front_ends, "running_shell", lambda: None)
    made: list[LoginWidget] = []

    def make(**changed: Any) -> LoginWidget:
        given: dict[str, Any] = {
            "domain": tenant.url,
            "client_id": tenant.client_id,
            "loopback_port": port,
        }
        made.append(LoginWidget(**given | changed))
        return made[-1]

    yield make
    for widget in made:
        widget.close()


def test_in_a_script_a_code_is_printed(
    in_a_script: Callable[..., LoginWidget], tenant: LocalTenant, port: int
) -> None:
    report = in_a_script().doctor()
    assert report.ways == {"code": "yes"}
    assert "✓ This is no notebook, where a Log in button could be shown, so that a code" in str(
        report
    )
    tenant.application.callbacks.append(redirect_uri(port))
    tenant.application.grant_types = WINDOW
    assert in_a_script().doctor().ways == {"code": "no"}


def test_in_a_script_no_window_opens(in_a_script: Callable[..., LoginWidget]) -> None:
    login = in_a_script(flow="popup")
    report = login.doctor()
    assert not report.ok
    with pytest.raises(NoPageError) as raised:
        login.wait(timeout=5)
    assert f"✗ {raised.value.message}\n  {raised.value.next_step}" in str(report)


def test_in_a_script_a_link_needs_its_callback(
    in_a_script: Callable[..., LoginWidget], tenant: LocalTenant, port: int
) -> None:
    report = in_a_script(flow="loopback").doctor()
    assert not report.ok
    assert report.ways == {"link": "no"}
    tenant.application.callbacks.append(redirect_uri(port))
    assert in_a_script(flow="loopback").doctor().ways == {"link": "yes"}


def test_in_a_script_no_code_passes_the_widget_s_arguments_on(
    in_a_script: Callable[..., LoginWidget],
) -> None:
    login = in_a_script(prompt="login")
    report = login.doctor()
    assert not report.ok
    with pytest.raises(InvalidSettingError) as raised:
        login.wait(timeout=20)
    assert f"✗ {raised.value.message}" in str(report)


def test_an_application_that_logs_in_as_itself(
    look: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = {
        "flow": "client_credentials",
        "client_id": "local-tenant-job",
        "audience": "https://notes.example.com/",
    }
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", "local-tenant-job-secret")
    assert ending(look(**job)) == "A login can work: without a click."
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", "another-secret")
    report = look(**job)
    assert not report.ok
    assert ending(report) == "No login can work: see the line with ✗."
