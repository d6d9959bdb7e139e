"""The logins of this kernel: one for each application, whatever the number of widgets."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from auth0_widget.login import Login

if TYPE_CHECKING:
    from auth0_widget.config import Settings

_logins: dict[Settings, Login] = {}
_lock = threading.Lock()


def shared_login(settings: Settings) -> Login:
    """The one login of this kernel for these settings, made on first use."""
    with _lock:
        if settings not in _logins:
            _logins[settings] = Login(settings)
        return _logins[settings]
