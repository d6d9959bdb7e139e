"""The methods of a local tenant with which tests change its tokens and act as its users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auth0_widget.local_tenant.ledger import Authorization
from auth0_widget.local_tenant.person import Person
from auth0_widget.local_tenant.scopes import granted_scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.local_tenant.context import Context, MutateIdToken, MutateResponse


class Controls:
    """The part of ``LocalTenant`` that tests use."""

    _context: Context

    # Wrong responses; `Failing` has failures

    @property
    def mutate_id_token(self) -> MutateIdToken | None:
        """Called with the claims of each ID token. The claims that it returns are signed instead.

        A string that it returns is issued as the ID token; see ``sign``.
        """
        return self._context.hooks.id_token

    @mutate_id_token.setter
    def mutate_id_token(self, hook: MutateIdToken | None) -> None:
        self._context.hooks.id_token = hook

    @property
    def mutate_response(self) -> dict[str, MutateResponse]:
        """Path → a function that gets the JSON object of the response and returns another.

        For ``/authorize``, it gets the parameters of the authorization response (code, state).
        """
        return self._context.hooks.response

    @mutate_response.setter
    def mutate_response(self, hooks: Mapping[str, MutateResponse]) -> None:
        self._context.hooks.response = dict(hooks)

    @property
    def encrypts_id_tokens(self) -> bool:
        """Whether ID tokens are encrypted (JWE), with a key that nobody has."""
        return self._context.settings.encrypts_id_tokens

    @encrypts_id_tokens.setter
    def encrypts_id_tokens(self, value: bool) -> None:
        self._context.settings.encrypts_id_tokens = value

    @property
    def key_members(self) -> dict[str, Any]:
        """Members of every published key (RFC 7517, 4): ``{"key_ops": ["encrypt"]}``, None removes.

        May be changed while the tenant runs.
        """
        return self._context.keys.members

    @key_members.setter
    def key_members(self, members: Mapping[str, Any]) -> None:
        self._context.keys.members = dict(members)

    @property
    def cuts_opener(self) -> bool:
        """Whether the login page sends ``Cross-Origin-Opener-Policy: same-origin``, as Google's.

        This cuts its window off from the page that opened it (auth0-spa-js issue 1418).
        """
        return self._context.settings.cuts_opener

    @cuts_opener.setter
    def cuts_opener(self, value: bool) -> None:
        self._context.settings.cuts_opener = value

    def rotate_keys(self, *, keep_old: bool = True) -> None:
        """Sign with a new key from now on; without ``keep_old`` only that one is published."""
        self._context.keys.rotate(keep_old=keep_old)

    def sign(
        self,
        claims: Mapping[str, Any],
        *,
        headers: Mapping[str, Any] | None = None,
        key: Any = None,  # noqa: ANN401 - a private key of the cryptography package, or bytes
        algorithm: str = "RS256",
    ) -> str:
        """A JWT with any content, signed by default with the tenant's current key.

        Args:
            claims: The payload. It is not checked.
            headers: Merged over ``alg``, ``typ`` and ``kid``; None removes one.
            key: Another private key, or bytes for HMAC.
            algorithm: How to sign; any spelling of "none" leaves the signature empty.
        """
        return self._context.keys.sign(claims, headers=headers, key=key, algorithm=algorithm)

    # Acting as a person

    def sign_in(
        self, authorize_url: str, email: str = "ada@example.com", *, accept: bool = True
    ) -> dict[str, Any]:
        """Open an authorization URL as this person, log in and consent. This needs no browser.

        Args:
            authorize_url: The whole URL, as a browser would open it.
            email: The e-mail address of the person.
            accept: False declines on the consent page.

        Returns:
            The authorization response: ``code`` and ``state``, or ``error`` and so on.

        Raises:
            RuntimeError: The tenant showed an error page and sent the application no response.
        """
        with Person(
            self._context.settings.url, email, self._context.settings.password, accept=accept
        ) as person:
            return person.authorize(authorize_url)

    def approve_device(
        self, user_code: str, email: str = "ada@example.com", *, accept: bool = True
    ) -> None:
        """Type a device's code at ``/activate`` as this person, log in and confirm.

        Raises:
            RuntimeError: The code is unknown or has expired.
        """
        with Person(
            self._context.settings.url, email, self._context.settings.password, accept=accept
        ) as person:
            person.activate(user_code)

    @property
    def auto_approve(self) -> str | None:
        """The e-mail address of a user who approves every device login at once, or None.

        Setting it to an address that no user has raises ValueError.
        """
        return self._context.settings.auto_approve

    @auto_approve.setter
    def auto_approve(self, email: str | None) -> None:
        if email is not None and self._context.settings.user(email) is None:
            message = f"no user of this tenant has the address {email}"
            raise ValueError(message)
        self._context.settings.auto_approve = email

    def issue_code(  # noqa: PLR0913 - the parameters of an authorization request
        self,
        email: str = "ada@example.com",
        *,
        nonce: str | None,
        code_challenge: str | None,
        redirect_uri: str,
        scope: str,
        audience: str | None = None,
        max_age: int | None = None,
        organization: str | None = None,
    ) -> str:
        """A valid authorization code for the default application, without a login.

        Raises:
            ValueError: There is no such user, API or organization.
        """
        settings = self._context.settings
        user, api = settings.user(email), settings.api(audience)
        known = settings.organization(organization) if organization else None
        if user is None or (audience and api is None) or (organization and known is None):
            message = "no such user, audience or organization in this tenant"
            raise ValueError(message)
        session = self._context.sessions.start(user)
        authorization = Authorization(
            client=self._context.settings.applications[0],
            user=user,
            audience=audience,
            scope=granted_scope(scope, self._context.settings.applications[0], api),
            session_id=session.id,
            nonce=nonce,
            auth_time=session.auth_time,
            includes_auth_time=max_age is not None,
            organization=known,
            created_at=settings.now(),
        )
        return self._context.ledger.add_code(authorization, redirect_uri, code_challenge).value
