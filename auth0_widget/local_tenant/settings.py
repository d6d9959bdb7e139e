"""The settings of a local tenant, and its default users, applications and APIs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auth0_widget.local_tenant.model import (
    CLIENT_CREDENTIALS,
    Api,
    Application,
    Organization,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def default_users() -> list[User]:
    """Three invented people."""
    return [
        User("ada@example.com", "Ada Lovelace", given_name="Ada", family_name="Lovelace"),
        User("grace@example.com", "Grace Hopper", given_name="Grace", family_name="Hopper"),
        User("alan@example.com", "Alan Turing", given_name="Alan", family_name="Turing"),
    ]


def default_apis() -> list[Api]:
    """One API with two permissions, for tutorials and tests."""
    return [
        Api(
            "https://notes.example.com/",
            "Notes API",
            {"read:notes": "Read your notes", "write:notes": "Write and change your notes"},
            tells_authentication=True,
        )
    ]


def default_applications() -> list[Application]:
    """A notebook (public client) first, then a job that runs unattended (client credentials)."""
    notebook = Application("local-tenant-notebook", "Notebook")
    job = Application(
        "local-tenant-job",
        "Unattended job",
        client_secret="local-tenant-job-secret",  # noqa: S106 - public on purpose, like the password
        grant_types=(CLIENT_CREDENTIALS,),
        client_grants={"https://notes.example.com/": ("read:notes", "write:notes")},
    )
    return [notebook, job]


@dataclass(frozen=True)
class Lifetimes:
    """Lifetimes in seconds. The defaults are Auth0's.

    Attributes:
        code: Of authorization codes.
        id_token: Of ID tokens ("ID Token Expiration" of an application).
        access_token: Of opaque access tokens for ``/userinfo``; an API has its own setting.
        refresh_token: Of refresh tokens, counted from the login ("Absolute lifetime").
        refresh_token_idle: Of refresh tokens, counted from their last use ("Inactivity lifetime").
        session: Of the single sign-on session, from its beginning ("Require log in after").
        session_idle: Of the single sign-on session, from its last use ("Inactivity timeout").
        transaction: Of a login or consent page.
        device_code: Of device codes.
        session_expiry: Seconds from the login to the claim ``session_expiry`` of ID tokens, the end
            of the session at an enterprise identity provider (Auth0 docs, "Session Expiry for
            Enterprise Connections"; IPSIE SL1). With 0 there is no such claim.
    """

    code: int = 600
    id_token: int = 36_000
    access_token: int = 86_400
    refresh_token: int = 2_592_000
    refresh_token_idle: int = 1_296_000
    session: int = 604_800
    session_idle: int = 259_200
    transaction: int = 3_600
    device_code: int = 900
    session_expiry: int = 0


@dataclass
class Settings:
    """The whole configuration of one tenant. The lists may be changed while it runs."""

    clock: Callable[[], float]
    users: list[User]
    password: str
    applications: list[Application]
    apis: list[Api]
    organizations: list[Organization] = field(default_factory=list)
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    logout_urls: list[str] = field(default_factory=list)
    auto_approve: str | None = None
    cuts_opener: bool = False
    revocation_deletes_grant: bool = False
    confirms_non_verifiable_callbacks: bool = True
    encrypts_id_tokens: bool = False
    rate_limits: bool = False
    url: str = ""

    @property
    def issuer(self) -> str:
        """The issuer: the tenant's URL with a slash at its end, as Auth0 writes it."""
        return f"{self.url}/"

    @property
    def userinfo_audience(self) -> str:
        """The audience of access tokens that ``/userinfo`` accepts."""
        return f"{self.url}/userinfo"

    def now(self) -> int:
        """The tenant's time in whole seconds since 1970."""
        return int(self.clock())

    def user(self, email: str) -> User | None:
        """The person with this address, or None."""
        return next((user for user in self.users if user.email == email), None)

    def application(self, client_id: str | None) -> Application | None:
        """The application with this client id, or None."""
        return next((app for app in self.applications if app.client_id == client_id), None)

    def api(self, identifier: str | None) -> Api | None:
        """The API with this identifier, or None."""
        return next((api for api in self.apis if api.identifier == identifier), None)

    def organization(self, name: str) -> Organization | None:
        """The organization with this id or name, or None."""
        return next(
            (org for org in self.organizations if name == org.id or name.lower() == org.name), None
        )

    def is_web_origin(self, origin: str) -> bool:
        """Whether any application lists this origin under Allowed Web Origins."""
        return any(origin in app.web_origins for app in self.applications)
