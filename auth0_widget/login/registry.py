"""The logins of each kernel. Widgets with the same settings share one login."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

from auth0_widget.base.forks import is_forked, new_locks_after_fork
from auth0_widget.login.login import Login
from auth0_widget.session.identity import own_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import Settings
    from auth0_widget.login.login_flow import LoginFlow

# Two widgets whose settings differ, for example in the scope, have two logins, although their
# records may have the same key. The server is that of the environment, see `own_server`.
_Key: TypeAlias = "tuple[Settings, str | None]"

# One process may run the kernels of several people. The logins of a kernel are removed with its
# thread.
_logins: WeakKeyDictionary[threading.Thread, dict[_Key, Login]] = WeakKeyDictionary()
_lock = threading.Lock()
new_locks_after_fork(sys.modules[__name__])


def shared_login(
    settings: Settings,
    kernel: threading.Thread | None,
    make_flow: Callable[[Login], LoginFlow | None] = lambda _: None,
    on_created: Callable[[Login], object] = lambda _: None,
) -> Login:
    """The login of a kernel for these settings. It is created by the first call.

    Args:
        settings: The settings of the login.
        kernel: The thread of the kernel, or None if the process may serve several people. If it is
            None, each call creates a new login.
        make_flow: Called with a new login. Returns its flow, see `Login.flow`.
        on_created: Called with a new login that the widgets of a kernel share.
    """
    if kernel is None:
        return Login(settings, make_flow)
    with _lock:
        logins = _logins.setdefault(kernel, {})
        key = settings, own_server()
        if key not in logins or _is_unusable_after_fork(logins[key]):
            login = Login(settings, make_flow)
            on_created(login)  # if this fails, the next call creates another login
            logins[key] = login
        return logins[key]


def _is_unusable_after_fork(login: Login) -> bool:
    """Whether a login is that of the parent process and has no session."""
    return is_forked(login) and login.session is None
