from __future__ import annotations

import copy
import pickle

import pytest

from auth0_widget.errors import SecretExposureError
from auth0_widget.session.user import User

PROFILE = {
    "sub": "auth0|grace",
    "name": "Ada Lovelace",
    "nickname": "ada",
    "email": "ada@example.com",
    "picture": "https://example.com/ada.png",
}


def test_a_user_has_what_the_profile_says() -> None:
    user = User("auth0|ada", PROFILE)
    assert (user.name, user.nickname) == ("Ada Lovelace", "ada")
    assert (user.email, user.picture) == ("ada@example.com", "https://example.com/ada.png")


def test_the_verified_subject_counts_not_the_profile_s() -> None:
    assert User("auth0|ada", PROFILE).sub == "auth0|ada"


@pytest.mark.parametrize("value", [None, 7, True, ["ada"], {"first": "Ada"}])
@pytest.mark.parametrize("name", ["name", "nickname", "email", "picture"])
def test_what_is_no_text_is_none(name: str, value: object) -> None:
    assert getattr(User("auth0|ada", PROFILE | {name: value}), name) is None
    assert getattr(User("auth0|ada", {}), name) is None


def test_nothing_personal_is_shown() -> None:
    shown = repr(User("auth0|ada", PROFILE)) + str(User("auth0|ada", PROFILE))
    assert not [text for text in PROFILE.values() if text in shown]


@pytest.mark.parametrize("leak", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_user_is_not_copied(leak: object) -> None:
    assert callable(leak)
    with pytest.raises(SecretExposureError):
        leak(User("auth0|ada", PROFILE))


def test_a_user_has_no_other_attributes() -> None:
    with pytest.raises(AttributeError):
        User("auth0|ada", PROFILE).phone = "1"  # type: ignore[attr-defined]
