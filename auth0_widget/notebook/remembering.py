"""Where the refresh token of a login is kept: in the Jupyter Server, or on this machine.

The server comes first: it has one login for all kernels and terminals that it started, in memory
only. If two processes renewed with one refresh token, the tenant would take one for a thief. This
machine keeps a login only if the caller asks for it. Then scripts share it, too.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from auth0_widget.base.environment import variable
from auth0_widget.config import FLOW_FACTS, REMEMBER_VARIABLE, checked_remember
from auth0_widget.errors import InvalidSettingError
from auth0_widget.keeper.kept_login import keep_in_server
from auth0_widget.notebook.front_ends import current_kernel, serves_visitors

if TYPE_CHECKING:
    from auth0_widget.config import Settings
    from auth0_widget.login.login import Login


def with_remembering(settings: Settings) -> Settings:
    """The settings of a widget, with ``remember`` from the environment variable if it applies.

    The variable applies only if one person uses this process. Any other program may serve visitors,
    who would get this person's session.

    Raises:
        InvalidSettingError: ``remember`` was passed, but the application logs in as itself,
            JupyterHub keeps the login, or this is an app with visitors.
    """
    if not FLOW_FACTS[settings.flow].needs_person:
        problem = (
            "With flow='hub', JupyterHub keeps the login, so this machine does not remember it."
            if settings.flow == "hub"
            else f"With flow={settings.flow!r} no person logs in, so no login is remembered."
        )
    elif serves_visitors():
        problem = "This is an app with visitors, and this machine remembers one person's login."
    elif settings.remember is None and current_kernel() is not None:
        return replace(settings, remember=checked_remember(variable(REMEMBER_VARIABLE)))
    else:
        return settings
    if settings.remember is not None:
        raise InvalidSettingError(problem, next_step="Leave out remember.")
    return settings


def kernel_of(settings: Settings) -> threading.Thread | None:
    """The thread of the kernel whose widgets share a login, or None; see `current_kernel`.

    A script that passes ``remember`` serves one person, so its widgets share a login as well.
    """
    kernel = current_kernel()
    return threading.main_thread() if kernel is None and settings.remember else kernel


def keep_refresh_token(login: Login) -> None:
    """Have the Jupyter Server, or else this machine, keep the refresh token of a new login.

    An app with visitors may have been started in a terminal of a Jupyter Server. Its visitors must
    not get the session of the person at that server, so each of their kernels keeps its own.

    Raises:
        RememberingError: The login that this machine remembers cannot be read.
    """
    remember = login.settings.remember
    if serves_visitors():
        return
    if keep_in_server(login) or remember is None:
        return
    # Imported here, because most logins are not remembered.
    from auth0_widget.remembered.remembered_login import RememberedLogin  # noqa: PLC0415
    from auth0_widget.remembered.vault import Vault  # noqa: PLC0415

    _, _, name = login.record_identity.record_key.partition(":")
    RememberedLogin(login, Vault(name, remember))
