from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth0_widget.base.strict_json import (
    MAX_DEPTH,
    is_unicode,
    json_object,
    without_lone_surrogates,
)

LIMIT = 1 << 20


def nested(depth: int) -> str:
    """An object with this many levels."""
    return '{"a":' + "[" * (depth - 1) + "]" * (depth - 1) + "}" if depth > 1 else "{}"


def test_an_object_is_read_from_text_and_from_utf8() -> None:
    text = '{"name": "Zoë", "n": [1, -2.5, 1e3, true, null, {"a": 18446744073709551615}]}'
    assert json_object(text, limit=LIMIT) == json.loads(text)
    assert json_object(text.encode(), limit=LIMIT) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "7",
        '"text"',
        "[]",
        "null",
        "{} {}",
        "{,}",
        '{"a": 1, "a": 1}',
        '{"b": {"a": 1, "a": 2}}',
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 1e400}',
        '{"a": -1e400}',
        '{"a": 1' + "0" * 5000 + "}",
        '{"a": "\\ud800"}',
        '{"\\udc00": 1}',
        '{"a": ["\ud800"]}',
        '\ufeff{"a": 1}',
        "{'a': 1}",
        b'{"a": "\xff"}',
        '{"a": 1}'.encode("utf-16"),
        nested(MAX_DEPTH + 1),
        nested(100_000),
        '{"a":' * 100_000,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_anything_else_is_none(text: str | bytes) -> None:
    assert json_object(text, limit=LIMIT) is None


def test_the_limits_are_where_they_are_said_to_be() -> None:
    assert json_object('{"a": 1}', limit=8) == {"a": 1}
    assert json_object('{"a": 1}', limit=7) is None
    assert json_object(nested(MAX_DEPTH), limit=LIMIT) is not None
    assert json_object('{"a": -9223372036854775808}', limit=LIMIT) == {"a": -(1 << 63)}


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), 1 << 63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(st.text(), values, max_size=5))
def test_what_any_encoder_writes_is_read_back(value: dict[str, object]) -> None:
    assert json_object(json.dumps(value), limit=LIMIT) == value
    assert json_object(json.dumps(value, ensure_ascii=False).encode(), limit=LIMIT) == value


@given(st.text() | st.binary())
def test_no_text_makes_it_fail(text: str | bytes) -> None:
    value = json_object(text, limit=LIMIT)
    assert value is None or math.isfinite(len(json.dumps(value)))


def test_half_a_surrogate_pair_is_not_unicode() -> None:
    assert is_unicode("😀")
    assert not is_unicode("\ud83d")


@pytest.mark.parametrize("number", [112233445566778890000, -999999999999999900000])
def test_an_integer_that_javascript_writes_in_full_is_read(number: int) -> None:
    value = json_object(f'{{"a": {number}}}', limit=LIMIT)
    assert value == {"a": number}
    assert isinstance(value["a"], int)


def test_a_longer_integer_is_the_number_that_javascript_reads() -> None:
    value = json_object('{"a": 1' + "0" * 40 + "}", limit=LIMIT)
    assert value == {"a": 1e40}
    assert isinstance(value["a"], float)


def test_lone_surrogates_are_kept_for_whoever_asks_and_can_be_replaced() -> None:
    text = '{"a\\udc00": ["Zo\\ud83d", {"b": "\\ud83d\\ude00"}], "n": 1}'
    value = json_object(text, limit=LIMIT, lone_surrogates=True)
    assert value == {"a\udc00": ["Zo\ud83d", {"b": "😀"}], "n": 1}
    assert without_lone_surrogates(value) == {"a\ufffd": ["Zo\ufffd", {"b": "😀"}], "n": 1}
