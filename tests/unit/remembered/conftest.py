from __future__ import annotations

from typing import TYPE_CHECKING

import keyring
import pytest
from keyring.backends import fail
from keyrings import MemoryKeyring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def _keyring_as_it_was() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


@pytest.fixture
def memory_keyring(_keyring_as_it_was: None) -> MemoryKeyring:
    made = MemoryKeyring()
    keyring.set_keyring(made)
    return made


@pytest.fixture
def no_keyring(_keyring_as_it_was: None) -> Callable[[], None]:
    return lambda: keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call] # theirs
