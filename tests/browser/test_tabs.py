"""One login, several tabs and browsers: which of them show what one does."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.notebook import Notebook
    from bench.person import Person
    from playwright.sync_api import BrowserContext

SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"
AWAIT = "session = await login\nprint('hello', session.user.name)"
WHO = "print(login.session.user.email)"

LOGGED_IN, LOGGED_OUT = "Ada Lovelace", "You are not logged in."
# Notes the moment in which the card began to say so: a test that polls would come later. All tabs
# of a machine have the same clock.
STAMP = """sayings => {
    const card = document.querySelector('.auth0-widget');
    const stamps = (window.benchStamps = {});
    let last;
    new MutationObserver(() => {
        const said = sayings.find(words => card.innerText.includes(words)) ?? last;
        if (said !== last) stamps[(last = said)] = Date.now() / 1000;
    }).observe(card, { subtree: true, childList: true, characterData: true, attributes: true });
}"""


def test_a_kernel_and_a_browser_for_each_of_two_people_never_mix(
    open_notebook: Callable[..., Notebook],
    ada: Person,
    grace: Person,
    new_context: Callable[[], BrowserContext],
) -> None:
    hers = open_notebook(SHOW, AWAIT, WHO)
    hers.run(0)
    ada.log_in(hers)
    graces = open_notebook(SHOW, AWAIT, WHO, context=new_context())
    graces.run(0)
    expect(graces.card).to_contain_text(LOGGED_OUT)
    grace.log_in(graces)
    for notebook, mine, other in ((hers, ada, grace), (graces, grace, ada)):
        notebook.run(1)
        notebook.run(2)
        assert notebook.output_text(2) == mine.email
        _expect_to_know(notebook, mine, other)
    ada.log_out(hers)
    graces.run(2)
    assert graces.output_text(2) == grace.email
    _expect_to_know(graces, grace, ada)


def test_two_people_in_two_browsers_on_one_kernel_never_mix(
    open_notebook: Callable[..., Notebook],
    ada: Person,
    grace: Person,
    new_context: Callable[[], BrowserContext],
) -> None:
    hers = open_notebook(SHOW, AWAIT, WHO, "session.access_token")
    hers.run(0)
    hers.save()
    graces = open_notebook(again=hers, context=new_context())
    expect(graces.card).to_contain_text(LOGGED_OUT)
    ada.log_in(hers)
    expect(graces.card).to_contain_text("not opened in this page")
    expect(graces.card).not_to_contain_text("Ada")
    assert not _stored(graces)
    hers.run(1)
    assert hers.output_text(1) == "hello Ada Lovelace"
    _expect_to_know(hers, ada, grace)
    grace.log_in(graces)
    expect(hers.card).to_contain_text("not opened in this page")
    expect(hers.card).not_to_contain_text("Grace")
    graces.run(2)
    assert graces.output_text(2) == grace.email
    _expect_to_know(graces, grace, ada)
    assert grace.email not in _stored(hers)
    # What Ada's cells hold is not silently used as somebody else.
    hers.run(3)
    hers.expect_output(3, "SessionEndedError")


def _stored(notebook: Notebook) -> str:
    """What the notebook's browser stores of auth0-widget."""
    items = notebook.local_storage().items()
    return "".join(text for key, text in items if key.startswith("auth0-widget:"))


def _expect_to_know(notebook: Notebook, person: Person, stranger: Person) -> None:
    """The card and the browser know this person and nothing of the other one."""
    expect(notebook.card).to_contain_text(person.email)
    expect(notebook.card).not_to_contain_text(stranger.email)
    stored = _stored(notebook)
    assert person.email in stored
    assert stranger.email not in stored


def test_two_tabs_of_one_browser_share_the_login_and_the_logout_within_a_second(
    open_notebook: Callable[..., Notebook], ada: Person, measured: Callable[..., None]
) -> None:
    first = open_notebook(SHOW, AWAIT)
    first.run(0)
    second = open_notebook(SHOW, AWAIT)
    second.run(0)
    for tab in (first, second):
        expect(tab.card).to_contain_text(LOGGED_OUT)
        tab.page.evaluate(STAMP, [LOGGED_IN, LOGGED_OUT])
    logins, logouts = [], []
    for _ in range(3):
        ada.log_in(first)
        expect(second.card).to_contain_text(LOGGED_IN)
        logins.append(_stamp(second, LOGGED_IN) - _stamp(first, LOGGED_IN))
        second.run(1)
        assert second.output_text(1) == "hello Ada Lovelace"
        ada.log_out(second)
        expect(first.card).to_contain_text(LOGGED_OUT)
        logouts.append(_stamp(first, LOGGED_OUT) - _stamp(second, LOGGED_OUT))
    measured("until a login shows in the other tab, median of 3", median(logins))
    measured("until a logout shows in the other tab, median of 3", median(logouts))
    assert median(logins) < 1
    assert median(logouts) < 1


def _stamp(notebook: Notebook, words: str) -> float:
    stamp: float = notebook.page.evaluate("words => window.benchStamps[words]", words)
    return stamp


def test_a_duplicated_tab_shares_the_login_and_the_logout(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    first = open_notebook(SHOW, "print(login.status, len(login._bridge._pages))")
    first.run(0)
    first.save()
    second = first.duplicate()
    left_open = ada.open_popup(first)
    # The same login, begun in both tabs and finished in the second.
    ada.log_in(second)
    expect(first.card).to_contain_text("Ada Lovelace")
    expect(second.card).to_contain_text("Ada Lovelace")
    assert left_open.is_closed()
    first.run(1)
    assert first.output_text(1) == "authenticated 2"
    ada.log_out(second)
    expect(first.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()
