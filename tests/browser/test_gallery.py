"""Every state of the card, reached as by a person; ``make gallery`` writes the pictures.

Each story shows several states, because starting a kernel takes long.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bench.gallery import Gallery
from bench.held import held_token_responses
from bench.pictures import DOCS
from playwright.sync_api import expect

from auth0_widget.local_tenant.model import User

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.notebook import Notebook
    from bench.person import Person
    from bench.pictures import Pictures
    from playwright.sync_api import BrowserContext

    from auth0_widget.local_tenant import LocalTenant

SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget({})\nlogin"
AWAIT = "session = await login"

# Taking the pictures of an answer that is awaited may take longer than kernel and page would wait.
PATIENT_KERNEL = """import httpx
from auth0_widget.oauth import transport
transport.TIMEOUT, transport.DEADLINE = httpx.Timeout(300), 300
"""
PATIENT_PAGE = """{
    const setTimeout = window.setTimeout;
    window.setTimeout = (work, wait, ...rest) =>
        setTimeout(work, wait === 5000 ? 300_000 : wait, ...rest);
}"""


@pytest.fixture
def gallery(pictures: Pictures) -> Gallery:
    return Gallery(pictures)


def _button(notebook: Notebook, name: str) -> Any:
    return notebook.card.get_by_role("button", name=name, exact=True)


@pytest.mark.long
def test_from_logged_out_to_logged_in(
    open_notebook: Callable[..., Notebook], ada: Person, tenant: LocalTenant, gallery: Gallery
) -> None:
    notebook = open_notebook(SHOW.format(""), AWAIT, PATIENT_KERNEL)
    notebook.run(2)
    notebook.run(0)
    expect(_button(notebook, "Log in")).to_be_enabled()
    gallery.show(notebook, "logged-out")

    notebook.run(1, wait=False)
    expect(notebook.card).to_contain_text("A cell is waiting")
    gallery.show(notebook, "cell-waiting")

    popup = ada.open_popup(notebook)
    expect(notebook.card).to_contain_text("Finish the login")
    gallery.show(notebook, "window-open")

    notebook.alter(PATIENT_PAGE)
    with held_token_responses(tenant):
        ada.finish(popup)
        expect(notebook.card).to_contain_text("Asking the tenant about this login")
        gallery.show(notebook, "checking")

    expect(notebook.card.locator("img")).to_be_visible()
    notebook.expect_finished(1)
    gallery.show(notebook, "logged-in")

    for summary in notebook.card.locator("summary:visible").all():
        summary.click()
    gallery.show(notebook, "logged-in-unfolded")


def test_a_window_lost_a_window_blocked_and_a_kernel_restarted(
    open_notebook: Callable[..., Notebook], ada: Person, gallery: Gallery
) -> None:
    notebook = open_notebook(SHOW.format(""))
    notebook.run(0)
    ada.open_popup(notebook)
    notebook.save()
    notebook.reload()
    expect(notebook.card).to_contain_text("no longer counts")
    gallery.show(notebook, "window-of-before")
    _button(notebook, "Cancel").click()

    ada.open_popup(notebook).close()
    expect(notebook.card.get_by_role("alert")).to_contain_text("popup_closed")
    gallery.show(notebook, "window-closed")

    notebook.alter("window.open = () => null")
    _button(notebook, "Log in").click()
    expect(notebook.card.get_by_role("alert")).to_contain_text("popup_blocked")
    gallery.show(notebook, "error")
    _button(notebook, "Use a code instead").click()
    expect(notebook.card.get_by_role("link").first).to_be_visible()
    gallery.show(notebook, "code")

    notebook.restart_kernel()
    expect(notebook.card).to_contain_text("Waiting for the kernel")
    gallery.show(notebook, "kernel-silent")


def test_people_whose_names_do_not_fit(
    open_notebook: Callable[..., Notebook],
    tenant: LocalTenant,
    new_person: Callable[[User], Person],
    gallery: Gallery,
) -> None:
    tenant.users.clear()
    long = "Adolph Blaine Charles David Earl Frederick Gerald Hubert Irvin John Kenneth Lloyd"
    people = {
        "long-name": User(
            email=f"{'very-' * 10}long@{'sub.' * 10}example.com",
            name=f"{long} Wolfeschlegelsteinhausenbergerdorff",
            nickname="wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaft",
            picture="https://pictures.invalid/none.png",
            claims={"https://example.com/about": "x" * 4096},
        ),
        "right-to-left": User(email="leila@example.com", name="ليلى الأخيلية", nickname="ليلى"),
        "other-scripts": User(email="sofia@example.com", name="Софья Ковалевская", nickname="Соня"),
        "hidden-characters": User(
            email="mallory@example.com", name="Mallory \u202egnp.exe", nickname="mal\u200blory"
        ),
    }
    notebook = open_notebook(SHOW.format("storage='memory'"))
    notebook.run(0)
    for name, user in people.items():
        tenant.users.append(user)
        new_person(user).log_in(notebook)
        expect(notebook.card).to_contain_text(user.email)
        gallery.show(notebook, name)
        _button(notebook, "Log out").click()
        notebook.page.context.clear_cookies()


def test_a_session_that_does_not_last(
    open_notebook: Callable[..., Notebook], ada: Person, tenant: LocalTenant, gallery: Gallery
) -> None:
    notebook = open_notebook(
        SHOW.format("scope='openid profile email'"), "session = await login.ensure(hours=100)"
    )
    notebook.run(0)
    ada.log_in(notebook)
    notebook.run(1, wait=False)
    expect(notebook.card).to_contain_text("A cell asks for more than that")
    gallery.show(notebook, "longer-session-wanted")
    notebook.interrupt()

    tenant.mutate_response["/oauth/token"] = lambda answer: answer | {"expires_in": 1}
    _button(notebook, "Log out").click()
    ada.finish(ada.open_popup(notebook))
    expect(_button(notebook, "Log in again")).to_be_enabled()
    gallery.show(notebook, "expired")


def test_another_browser_and_a_browser_that_keeps_nothing(
    open_notebook: Callable[..., Notebook],
    ada: Person,
    new_context: Callable[[], BrowserContext],
    gallery: Gallery,
) -> None:
    notebook = open_notebook(SHOW.format(""))
    notebook.run(0)
    notebook.save()
    other = open_notebook(again=notebook, context=new_context())
    popup = ada.open_popup(notebook)
    expect(other.card).to_contain_text("begun in another window")
    gallery.show(other, "window-elsewhere")
    _button(notebook, "Cancel").click()
    expect(other.card.get_by_role("alert")).to_contain_text("login_cancelled")
    assert popup.is_closed()
    notebook.alter(
        "Storage.prototype.setItem = () => { throw new DOMException('', 'SecurityError') }"
    )
    ada.log_in(notebook)
    expect(notebook.card).to_contain_text("could not store the login")
    gallery.show(notebook, "not-saved")
    expect(other.card).to_contain_text("not opened in this page")
    gallery.show(other, "another-page")


def test_a_session_of_somebody_without_a_name_one_that_idles_and_one_that_was_restored(
    open_notebook: Callable[..., Notebook], ada: Person, tenant: LocalTenant, gallery: Gallery
) -> None:
    without = ("name", "nickname", "email", "picture")
    tenant.mutate_response["/userinfo"] = lambda profile: {
        name: value for name, value in profile.items() if name not in without
    }
    notebook = open_notebook(SHOW.format(""))
    notebook.run(0)
    ada.log_in(notebook)
    expect(notebook.card.locator(".a0w-name")).to_contain_text("auth0|")
    gallery.show(notebook, "no-name")
    ada.log_out(notebook)

    tenant.mutate_response.clear()
    ada.log_in(notebook)
    notebook.restart_kernel()
    notebook.run(0)
    expect(notebook.card).to_contain_text("a session restored from the browser is not renewed")
    gallery.show(notebook, "restored")
    ada.log_out(notebook)

    tenant.mutate_response["/oauth/token"] = lambda answer: answer | {"expires_in": 1}
    ada.log_in(notebook)
    expect(notebook.card).to_contain_text("renews when it is next used")
    gallery.show(notebook, "idle")


def test_a_saved_notebook_without_its_kernel(
    open_notebook: Callable[..., Notebook], gallery: Gallery
) -> None:
    first = open_notebook(SHOW.format(""))
    first.run(0)
    expect(_button(first, "Log in")).to_be_enabled()
    first.save(widget_state=True)
    first.close()
    first.shut_down()
    second = open_notebook(again=first)
    expect(second.card).to_contain_text("Run this cell")
    gallery.show(second, "no-kernel")


@pytest.mark.parametrize("show", ["button", "badge"])
def test_less_of_it(
    open_notebook: Callable[..., Notebook], ada: Person, gallery: Gallery, show: str
) -> None:
    notebook = open_notebook(SHOW.format(f"show={show!r}"))
    notebook.run(0)
    expect(_button(notebook, "Log in")).to_be_enabled()
    gallery.show(notebook, f"{show}-logged-out")
    ada.open_popup(notebook).close()
    expect(notebook.card.get_by_role("alert")).to_contain_text("popup_closed")
    gallery.show(notebook, f"{show}-error")
    _button(notebook, "Use a code instead").click()
    expect(notebook.card.get_by_role("link").first).to_be_visible()
    gallery.show(notebook, f"{show}-code")
    _button(notebook, "Cancel").click()
    ada.log_in(notebook)
    if show == "badge":
        expect(notebook.card.locator("img")).to_be_visible()
    gallery.show(notebook, f"{show}-logged-in")


def test_in_notebook_7(
    open_notebook: Callable[..., Notebook], ada: Person, gallery: Gallery
) -> None:
    notebook = open_notebook(SHOW.format(""), front_end="notebook")
    notebook.run(0)
    ada.log_in(notebook)
    expect(notebook.card.locator("img")).to_be_visible()
    gallery.show(notebook, "notebook-7")


def test_the_page_about_the_card_shows_each_picture_and_no_other() -> None:
    shown = re.findall(r"gallery/[\w-]+\.png", (DOCS / "card.md").read_text(encoding="utf-8"))
    there = [str(Path("gallery") / path.name) for path in (DOCS / "gallery").glob("*.png")]
    assert sorted(set(shown)) == sorted(there)
