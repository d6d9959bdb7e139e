"""More than one API, and more than a password: requested in the same card, when a cell needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jwt
import pytest
from bench.asked import asked
from playwright.sync_api import expect

from auth0_widget.local_tenant import Api, NotesApi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.notebook import Notebook
    from bench.person import Person

    from auth0_widget.local_tenant import LocalTenant

NOTES = "https://notes.example.com/"
ARCHIVE = "https://archive.example.com/"

SHOW = f"""from auth0_widget import LoginWidget
login = LoginWidget(audience="{NOTES}", scope="openid profile email offline_access read:notes")
login"""
AWAIT = """import httpx
from auth0_widget import SessionError
session = await login"""
ASK = f"""archive = await login.request(audience="{ARCHIVE}", scope="read:notes")
print("archive", archive.scope, archive.user.name)"""
CALL = f"""for one, url in ((session, notes_url), (archive, archive_url)):
    print(httpx.get(url, auth=one.auth_for(url)).status_code)
# And never the other way round.
for one, url in ((session, "{ARCHIVE}"), (archive, "{NOTES}")):
    try:
        httpx.get(url, auth=one.auth)
    except SessionError as error:
        print(error.code)"""
WRITE = """try:
    httpx.post(notes_url, json={"text": "Buy milk"}, auth=session.auth_for(notes_url))
except SessionError as error:
    print(error.code, error.scope)
    await login.request(scope=error.scope)
print(httpx.post(notes_url, json={"text": "Buy milk"}, auth=session.auth_for(notes_url)).json())"""
DELETE = """try:
    httpx.delete(notes_url, auth=session.auth_for(notes_url))
except SessionError as error:
    print(error.code, error.max_age)
    await login.request(acr_values=error.acr_values, max_age=error.max_age)
print(httpx.delete(notes_url, auth=session.auth_for(notes_url)).json())"""


class ListeningApi(NotesApi):
    """An API that records the tokens that it receives."""

    def __init__(self, tenant: LocalTenant, audience: str) -> None:
        super().__init__(tenant.url, audience=audience)
        self.tokens: list[str] = []

    def claims(self, authorization: str, permission: str) -> dict[str, Any]:
        self.tokens.append(authorization.partition(" ")[2])
        return super().claims(authorization, permission)

    @property
    def audiences(self) -> set[str]:
        """The audiences of the tokens that it has received."""
        claims = (jwt.decode(one, options={"verify_signature": False}) for one in self.tokens)
        found = {one["aud"] if isinstance(one["aud"], str) else one["aud"][0] for one in claims}
        return set(found)


@pytest.fixture
def notes(tenant: LocalTenant) -> Iterator[ListeningApi]:
    with ListeningApi(tenant, NOTES) as api:
        yield api


@pytest.fixture
def archive(tenant: LocalTenant) -> Iterator[ListeningApi]:
    scopes = {"read:notes": "Read your old notes"}
    tenant.apis.append(Api(ARCHIVE, "Archive", scopes))
    with ListeningApi(tenant, ARCHIVE) as api:
        yield api


def urls(notes: NotesApi, archive: NotesApi) -> str:
    return f"notes_url = '{notes.url}/notes'\narchive_url = '{archive.url}/notes'"


def test_two_apis_and_a_second_factor_by_a_click_each(
    open_notebook: Callable[..., Notebook],
    ada: Person,
    notes: ListeningApi,
    archive: ListeningApi,
) -> None:
    notebook = open_notebook(SHOW, f"{AWAIT}\n{urls(notes, archive)}", ASK, CALL, WRITE, DELETE)
    notebook.run(0)
    ada.log_in(notebook)
    notebook.run(1)

    notebook.run(2, wait=False)
    expect(notebook.card).to_contain_text("A cell asks for more than that")
    notebook.expect_output(
        2, f"click Log in in the card: this cell asks for read:notes at {ARCHIVE}"
    )
    ada.finish(ada.open_popup(notebook))
    notebook.expect_finished(2)
    assert "Ada Lovelace" in notebook.output_text(2)
    expect(notebook.card).to_contain_text("You are logged in.")
    notebook.run(3)
    assert notebook.output_text(3).split() == ["200", "200", "untrusted_url", "untrusted_url"]

    notebook.run(4, wait=False)
    notebook.expect_output(4, "insufficient_scope write:notes")
    ada.finish(ada.open_popup(notebook))
    notebook.expect_finished(4)
    assert "Buy milk" in notebook.output_text(4)

    notebook.run(5, wait=False)
    notebook.expect_output(5, "insufficient_user_authentication 300")
    ada.show_second_factor(ada.open_popup(notebook))
    notebook.expect_finished(5)
    assert "{'notes': []}" in notebook.output_text(5)

    assert notes.audiences == {NOTES}
    assert archive.audiences == {ARCHIVE}
    stored = str(notebook.local_storage())
    assert notes.tokens[-1] in stored
    assert not [one for one in archive.tokens if one in stored]


def test_two_apis_without_a_click_where_the_tenant_allows_it(
    open_notebook: Callable[..., Notebook],
    ada: Person,
    tenant: LocalTenant,
    notes: ListeningApi,
    archive: ListeningApi,
) -> None:
    tenant.application.refresh_token_policies = {ARCHIVE: ["read:notes"]}
    notebook = open_notebook(SHOW, f"{AWAIT}\n{urls(notes, archive)}", ASK, CALL)
    notebook.run(0)
    ada.log_in(notebook)
    notebook.run(1)
    tenant.requests.clear()
    notebook.run(2)
    assert notebook.output_text(2) == "archive read:notes Ada Lovelace"
    assert asked(tenant) == {"/oauth/token": 1}
    notebook.run(3)
    assert notebook.output_text(3).split() == ["200", "200", "untrusted_url", "untrusted_url"]
    assert notes.audiences == {NOTES}
    assert archive.audiences == {ARCHIVE}
