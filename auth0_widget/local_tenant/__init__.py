"""The local tenant: a stand-in for Auth0 on this machine's loopback, for development and tests.

It has Auth0's routes and Auth0's rules. Authlib's server side, on Flask, does the OAuth work. Its
users are invented, and the login page shows their password: never use it for real accounts. It
needs the extra ``demo``.
"""

from __future__ import annotations

from importlib.util import find_spec

from auth0_widget.errors import MissingExtraError

if find_spec("flask") is None or find_spec("authlib") is None:
    extra = "demo"
    raise MissingExtraError(extra)

from auth0_widget.local_tenant.model import Api, Application, Organization, User
from auth0_widget.local_tenant.notes_api import NotesApi
from auth0_widget.local_tenant.settings import Lifetimes
from auth0_widget.local_tenant.tenant import LocalTenant

__all__ = ["Api", "Application", "Lifetimes", "LocalTenant", "NotesApi", "Organization", "User"]
