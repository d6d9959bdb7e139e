"""The values of environment variables."""

from __future__ import annotations

import pytest

from auth0_widget.base.environment import variable


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        (" \r", None),
        ("acme.eu.auth0.com\r", "acme.eu.auth0.com"),
        (" openid profile \n", "openid profile"),
    ],
)
def test_what_a_file_of_variables_leaves_around_a_value_is_no_part_of_it(
    monkeypatch: pytest.MonkeyPatch, value: str | None, expected: str | None
) -> None:
    if value is not None:
        monkeypatch.setenv("AUTH0_DOMAIN", value)
    assert variable("AUTH0_DOMAIN") == expected
