"""The class of an error that another process has met, found by its code."""

from __future__ import annotations

import pytest

from auth0_widget.base.error_codes import error_class
from auth0_widget.errors import (
    Auth0WidgetError,
    IdTokenNonceError,
    KeeperError,
    RateLimitError,
    SessionEndedError,
    SessionError,
    TokenRequestError,
    UnexpectedError,
)


@pytest.mark.parametrize(
    "kind", [SessionError, SessionEndedError, RateLimitError, TokenRequestError, IdTokenNonceError]
)
def test_a_code_names_its_class(kind: type[Auth0WidgetError]) -> None:
    assert error_class(kind.code, KeeperError) is kind


@pytest.mark.parametrize("code", ["", "made up", UnexpectedError.code, "invalid_domain"])
def test_what_another_process_has_no_business_to_raise_is_the_other(code: str) -> None:
    assert error_class(code, KeeperError) is KeeperError
