"""The card: what it looks like, and that everybody can use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.held import held_token_responses
from playwright.sync_api import expect

from auth0_widget.local_tenant.model import User

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.notebook import Notebook
    from bench.person import Person
    from bench.pictures import Pictures
    from playwright.sync_api import BrowserContext, Request

    from auth0_widget.local_tenant import LocalTenant

SHOW = "from auth0_widget import LoginWidget\n\nlogin = LoginWidget({})\nlogin"
STATUS = "print(login.status)"

CONFIRM = "It may ask you to confirm that it is you who logs in here."


def test_the_picture_in_the_readme_is_of_a_real_cell(
    open_notebook: Callable[..., Notebook], ada: Person, pictures: Pictures
) -> None:
    notebook = open_notebook(
        SHOW.format(""), "session = await login\nprint('Hello,', session.user.name)"
    )
    notebook.run(0)
    ada.log_in(notebook)
    expect(notebook.card.locator("img")).to_be_visible()
    # Where the pointer and the caret happen to be is not part of the picture.
    notebook.run(1)
    notebook.page.mouse.move(0, 0)
    pictures.take(notebook.cell(0), "card", margin=0, scale=2)


def test_the_whole_story_by_keyboard(
    open_notebook: Callable[..., Notebook], ada: Person, tenant: LocalTenant
) -> None:
    notebook = open_notebook(SHOW.format(""))
    notebook.run(0)
    log_in = notebook.card.get_by_role("button", name="Log in", exact=True)
    expect(log_in).to_be_enabled()
    keyboard = notebook.page.keyboard
    notebook.card.focus()
    keyboard.press("Tab")
    expect(log_in).to_be_focused()
    with notebook.page.expect_popup() as opened:
        keyboard.press("Enter")
    popup = opened.value
    popup.get_by_role("radio", name=ada.email).focus()
    popup.keyboard.press("Space")
    popup.get_by_label("Password").focus()
    popup.keyboard.type(tenant.password)
    popup.keyboard.press("Enter")
    popup.get_by_role("button", name="Accept").focus()
    ada.close_by(popup, lambda: popup.keyboard.press("Enter"))
    log_out = notebook.card.get_by_role("button", name="Log out", exact=True)
    # The button that was pressed is gone: the focus is on what comes next, and not lost.
    expect(log_out).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Space")
    expect(notebook.card.get_by_role("group", name="Full profile")).to_be_visible()
    for _ in range(2):
        keyboard.press("Shift+Tab")
    keyboard.press("Space")
    expect(log_in).to_be_focused()
    expect(log_in).to_be_enabled()


def test_each_change_is_announced_once_and_the_countdown_never(
    open_notebook: Callable[..., Notebook],
    ada: Person,
    tenant: LocalTenant,
    new_context: Callable[[], BrowserContext],
) -> None:
    # A clock that is moved is the whole browser's.
    notebook = open_notebook(SHOW.format(""), context=new_context())
    notebook.run(0)
    expect(notebook.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()
    notebook.card.evaluate(
        """card => {
            window.announced = [];
            for (const region of card.querySelectorAll('[role=status], [role=alert]'))
                new MutationObserver(() => region.textContent
                    && window.announced.push(region.textContent)
                ).observe(region, { childList: true, characterData: true, subtree: true });
        }"""
    )
    popup = ada.open_popup(notebook)
    # The card says what the kernel does only if that takes a while.
    with held_token_responses(tenant):
        ada.finish(popup)
        expect(notebook.card).to_contain_text("Asking the tenant about this login")
    expect(notebook.card).to_contain_text("You are logged in.")
    ends = notebook.card.get_by_text("API access until")
    before = ends.inner_text()
    notebook.page.clock.install()
    notebook.page.clock.run_for(120_000)
    expect(ends).not_to_have_text(before)
    assert notebook.page.evaluate("window.announced") == [
        f"Finish the login in the window that has opened. {CONFIRM}",
        "Asking the tenant about this login…",
        "You are logged in.",
    ]


def test_hostile_profiles_are_inert(
    open_notebook: Callable[..., Notebook],
    tenant: LocalTenant,
    new_person: Callable[[User], Person],
) -> None:
    evil = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>"
    user = User(
        email="mallory@example.com",
        name=f"{evil}Mallory",
        nickname=f"</span>{evil}",
        picture="javascript:window.pwned=1",
        claims={"https://example.com/x": evil, "__proto__": {"polluted": True}},
    )
    tenant.users.append(user)
    notebook = open_notebook(SHOW.format(""))
    notebook.run(0)
    new_person(user).log_in(notebook)
    expect(notebook.card).to_contain_text(user.name)
    assert notebook.card.locator("img, script").count() == 0
    assert notebook.page.evaluate("[window.pwned, ({}).polluted]") == [None, None]


def test_the_picture_is_asked_for_without_cookies_and_without_saying_from_where(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW.format(""))
    asked: list[Request] = []

    def note_pictures(request: Request) -> None:
        if "/pictures/" in request.url:
            asked.append(request)

    notebook.page.on("request", note_pictures)
    notebook.run(0)
    ada.log_in(notebook)
    expect(notebook.card.locator("img")).to_be_visible()
    (request,) = asked
    # The tenant has a session cookie in this browser, and its host is the page's own.
    headers = request.all_headers()
    assert not any(headers.get(name) for name in ("cookie", "referer"))


def test_a_page_refreshed_while_logging_in_can_cancel_or_begin_again(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW.format(""), STATUS)
    notebook.run(0)
    ada.open_popup(notebook)
    notebook.save()
    notebook.reload()
    expect(notebook.card).to_contain_text("no longer counts")
    notebook.card.get_by_role("button", name="Cancel").click()
    expect(notebook.card.get_by_role("alert")).to_contain_text("login_cancelled")
    ada.log_in(notebook)
    notebook.run(1)
    assert notebook.output_text(1) == "authenticated"


def test_a_kernel_restart_leaves_no_dead_button(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW.format(""))
    notebook.run(0)
    ada.log_in(notebook)
    notebook.restart_kernel()
    expect(notebook.card).to_contain_text("run this cell again")
    expect(notebook.card.get_by_role("button")).to_have_count(0)
    notebook.run(0)
    expect(notebook.card.get_by_role("button", name="Log out", exact=True)).to_be_enabled()


def test_logging_out_of_auth0_too_makes_the_next_login_ask_again(
    open_notebook: Callable[..., Notebook], ada: Person, tenant: LocalTenant
) -> None:
    notebook = open_notebook(SHOW.format("end_auth0_session=True"))
    notebook.run(0)
    ada.log_in(notebook)
    with notebook.page.expect_popup() as opened:
        ada.log_out(notebook)
    if not opened.value.is_closed():
        opened.value.wait_for_event("close")
    assert tenant.requests["/v2/logout"] == 1
    popup = ada.open_popup(notebook)
    expect(popup.get_by_label("Password")).to_be_visible()
    popup.close()


def test_a_login_hint_names_the_person_on_the_login_page(
    open_notebook: Callable[..., Notebook], ada: Person, grace: Person
) -> None:
    notebook = open_notebook(SHOW.format(f"login_hint={grace.email!r}"))
    notebook.run(0)
    popup = ada.open_popup(notebook)
    expect(popup.get_by_role("radio", name=grace.email)).to_be_checked()


def test_what_is_printed_has_no_buttons(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW.format(""))
    notebook.run(0)
    ada.log_in(notebook)
    notebook.page.emulate_media(media="print")
    expect(notebook.card.get_by_text("Ada Lovelace", exact=True)).to_be_visible()
    expect(notebook.card.get_by_role("button")).to_have_count(0)
