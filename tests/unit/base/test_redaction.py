from __future__ import annotations

import copy
import json
import pickle
import secrets
import traceback
from typing import TYPE_CHECKING

import pytest

from auth0_widget.base.redaction import (
    MAX_TEXT,
    PrivateMapping,
    Secret,
    frames_without_values,
    safe_text,
    without_frames,
)
from auth0_widget.errors import SecretExposureError, TenantError

if TYPE_CHECKING:
    from collections.abc import Callable

CANARY = "canary-7f3a"


@pytest.mark.parametrize("value", [Secret(CANARY), PrivateMapping({"name": CANARY})])
def test_nothing_shows_what_is_inside(value: object) -> None:
    shown = [repr(value), str(value), f"{value}", f"{value!r}", repr([value]), repr({"a": value})]
    assert not [text for text in shown if CANARY in text]


@pytest.mark.parametrize("value", [Secret(CANARY), PrivateMapping({"name": CANARY})])
@pytest.mark.parametrize(
    "leak", [copy.copy, copy.deepcopy, pickle.dumps, lambda value: copy.deepcopy([value])]
)
def test_copies_and_pickles_are_refused_with_a_sentence(
    value: object, leak: Callable[[object], object]
) -> None:
    with pytest.raises(SecretExposureError) as refusal:
        leak(value)
    assert CANARY not in str(refusal.value)


@pytest.mark.parametrize("value", [Secret(CANARY), PrivateMapping({"name": CANARY})])
def test_json_is_refused_without_showing_anything(value: object) -> None:
    with pytest.raises(TypeError) as refusal:
        json.dumps({"session": value})
    assert CANARY not in str(refusal.value)


def test_a_secret_gives_itself_away_only_by_name() -> None:
    secret = Secret(CANARY)
    assert secret.reveal() == CANARY
    assert secret == Secret(CANARY)
    assert hash(secret) == hash(Secret(CANARY))
    assert secret != Secret("other")
    assert secret != CANARY
    assert not hasattr(secret, "__dict__")


def test_a_private_mapping_is_a_mapping() -> None:
    values = {"name": "Ada", "email": "ada@example.com"}
    private = PrivateMapping(values)
    assert dict(private) == values
    assert private["name"] == "Ada"
    assert len(private) == 2
    assert private.get("none") is None
    assert repr(private) == "<2 private values: email, name>"
    values["name"] = "changed"
    assert private["name"] == "Ada"
    assert not hasattr(private, "__dict__")


def test_a_name_that_is_personal_itself_is_not_shown() -> None:
    token = secrets.token_urlsafe(32)
    shown = repr(PrivateMapping({"ada@example.com": 1, token: 2, "a\nb": 3, "x" * 999: 4}))
    assert "ada@" not in shown
    assert token not in shown
    assert "\n" not in shown
    assert len(shown) < 400


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Plain words, kept.", "Plain words, kept."),
        ("User ada@example.com is blocked", "User ...@... is blocked"),
        ("code " + "x" * 32 + " used", "code ... used"),
        ("code " + "x" * 31 + " used", "code " + "x" * 31 + " used"),
        ("eyJh.eyJz.c2ln" * 5, "..."),
        ("Service not found: https://orders.production.example.com/api/v1",) * 2,
        ("Ada\u3164 \uffa0\u115f\u1160", "Ada[U+3164] [U+FFA0][U+115F][U+1160]"),
        ("Verify your e-mail: https://help.acme.com/articles/360012345678-verify-your-mail.",) * 2,
        ("See https://acme-dev-2041.eu.auth0.com/u/verify now",) * 2,
        (f"See https://acme.com/t/{'aB3' * 12}/x", "See https://acme.com/t/.../x"),
        (f"See https://acme.com/t/aB3aB3aB3+{'x' * 20}", "See https://acme.com/t/..."),
        (f"See https://acme.com/v?ticket={'aB3' * 12}", "See https://acme.com/v?..."),
        (f"See https://{'a1' * 16}.acme.com/", "See https://....acme.com/"),
        (f"See https://{'a1' * 15}a.acme.com/",) * 2,
        (f"See https://acme.com/t/{'a1' * 8}",) * 2,
        (f"See https://acme.com/t/{'a1' * 8}b", "See https://acme.com/t/..."),
        ("Enrol first at https://forms.office.com/r/AbCdEfGh12",) * 2,
        ("See https://acme.com/hr/Employee%20Onboarding%20Guide.pdf",) * 2,
        (f"See https://a:{'b1' * 9}@acme.com/", "See ...@..."),
        (f"See http://acme.com/{'aB3' * 12}", "See http:..."),
        ("two\nlines\tand\x1b[31m colour", "two lines and [31m colour"),
        ("evil\u202egnp.exe", "evil[U+202E]gnp.exe"),
        ("\ud800", ""),
        ("  spaces   shrink ", "spaces shrink"),
    ],
)
def test_foreign_text_is_made_fit_to_show(text: str, shown: str) -> None:
    assert safe_text(text) == shown


KEPT = [
    "Zx81" * 8,
    "api://0f3e2d1c-4b5a-6978-8796-a5b4c3d2e1f0",
    "http://notes.internal.example.com/production/v2",
    "notes-api-production-eu-central-1-v2",
    "https://api.example.com/0f3e2d1c-4b5a-6978-8796-a5b4c3d2e1f0",
    "https://ada@api.example.com/v2",
]


@pytest.mark.parametrize("word", KEPT)
@pytest.mark.parametrize("text", ["No: %s", "No: %s.", "No '%s' here, (%s)", "%s", "client=%s, no"])
def test_what_is_to_be_kept_is_shown_whole(text: str, word: str) -> None:
    said = text.replace("%s", word)
    assert safe_text(said) != said
    assert safe_text(said, [None, "", "https", word]) == said


def test_a_token_is_not_shown_because_it_contains_what_is_to_be_kept() -> None:
    token = "ab3-X/9.org/" * 6
    keep = ["a", "b3", "org", "X/9", "ab3-X/9", token[:30]]
    assert safe_text(f"code {token} used", keep) == "code ... used"
    assert safe_text(f"{token}", keep) == "..."
    assert safe_text("User ada@example.com is", ["ada", "example.com"]) == "User ...@... is"


def test_what_is_to_be_kept_is_no_pattern_and_cannot_lengthen_the_text() -> None:
    assert safe_text("code " + "x" * 40, ["x*", ".+", "(", "[x]{40}"]) == "code ..."
    assert len(safe_text("x" * 500, ["x" * 500])) == MAX_TEXT


def test_foreign_text_is_short() -> None:
    assert safe_text("ab " * 100) == ("ab " * 100).strip()
    long = safe_text("ab " * 101)
    assert len(long) == MAX_TEXT
    assert long.endswith("...")


def test_of_foreign_text_only_the_beginning_is_looked_at() -> None:
    assert safe_text(" " * (4 * MAX_TEXT - 1) + "xy") == "x"


def test_an_error_forgets_the_frames_it_came_through() -> None:
    @without_frames
    def ask(token: str) -> None:
        form = {"token": token}
        try:
            form[token]
        except KeyError:
            raise TenantError(f"No, {len(form)} times.") from None

    with pytest.raises(TenantError, match="No, 1 times") as refusal:
        ask(CANARY)
    error = refusal.value
    assert error.__cause__ is None
    assert error.__context__ is None
    seen = [repr(frame.f_locals) for frame, _ in traceback.walk_tb(error.__traceback__)][1:]
    assert seen
    assert not [text for text in seen if CANARY in text]
    assert not [text for text in seen if "form" in text]


def test_other_errors_keep_theirs() -> None:
    @without_frames
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()


def test_all_links_of_a_text_are_kept_and_no_token_between_them() -> None:
    token = "x" * 40
    text = (
        f"before {token} see https://acme.auth0.com/one then {token} or https://acme.auth0.com/two"
    )
    assert safe_text(text) == (
        "before ... see https://acme.auth0.com/one then ... or https://acme.auth0.com/two"
    )


@pytest.mark.parametrize("extra", [0, 1])
def test_a_text_of_the_longest_length_is_not_cut(extra: int) -> None:
    text = ("ab " * MAX_TEXT)[: MAX_TEXT - 1] + "c" * (1 + extra)
    cut = safe_text(text)
    assert len(cut) == MAX_TEXT
    assert (cut == text) == (extra == 0)
    assert cut.endswith("...") == (extra == 1)


def test_equal_secrets_hash_alike_and_others_do_not() -> None:
    assert hash(Secret("one")) == hash(Secret("one"))
    assert hash(Secret("one")) != hash(Secret("two"))


def test_the_log_gets_the_places_of_an_error_innermost_first_and_no_values() -> None:
    def inner(token: str) -> None:
        raise ValueError(token)

    with pytest.raises(ValueError, match=CANARY) as failure:
        inner(CANARY)
    shown = frames_without_values(failure.value)
    kind, first, second = shown.split(" < ")
    assert kind == "ValueError"
    assert first.startswith("inner (test_redaction.py:")
    assert second.startswith("test_the_log_gets_the_places_of_an_error_innermost_first_and_no")
    assert CANARY not in shown
