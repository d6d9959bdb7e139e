"""The person behind a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auth0_widget.base.redaction import Unexportable

if TYPE_CHECKING:
    from collections.abc import Mapping


class User(Unexportable):
    """The person who logged in. Its repr contains nothing personal; its attributes do.

    Attributes:
        sub: The tenant's permanent identifier of the person.
        name: Full name, or None.
        nickname: Short name, or None.
        email: E-mail address, or None.
        picture: URL of a picture, or None.
    """

    __slots__ = ("email", "name", "nickname", "picture", "sub")

    def __init__(self, sub: str, profile: Mapping[str, Any]) -> None:
        self.sub = sub
        self.name = _optional_text(profile, "name")
        self.nickname = _optional_text(profile, "nickname")
        self.email = _optional_text(profile, "email")
        self.picture = _optional_text(profile, "picture")

    def __repr__(self) -> str:
        """The names of the attributes. What is printed is saved with the notebook."""
        return "<User: see .name, .nickname, .email, .picture, .sub>"


def _optional_text(profile: Mapping[str, Any], name: str) -> str | None:
    value = profile.get(name)
    return value if isinstance(value, str) else None
