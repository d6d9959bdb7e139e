"""What tests do to a local tenant: make its tokens wrong, and play the person in front of it."""

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

    # Making it answer wrongly; `Failing` has what makes it fail

    @property
    def mutate_id_token(self) -> MutateIdToken | None:
        """Called with the claims of each ID token; its answer is signed instead.

        If it answers with a string, that is handed out as the ID token, see ``sign``.
        """
        return self._context.hooks.id_token

    @mutate_id_token.setter
    def mutate_id_token(self, hook: MutateIdToken | None) -> None:
        self._context.hooks.id_token = hook

    @property
    def mutate_response(self) -> dict[str, MutateResponse]:
        """Path → a function that changes the JSON object answered there.

        ``/authorize`` stands for the authorization response (code, state), which is no JSON.
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
        """Whether the login page cuts its window off from the page that opened it, as Google's.

        It then sends ``Cross-Origin-Opener-Policy: same-origin`` (auth0-spa-js issue 1418).
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
        """A JWT with any content, signed with the tenant's current key unless told otherwise.

        Args:
            claims: The payload, as it is.
            headers: Merged over ``alg``, ``typ`` and ``kid``; None removes one.
            key: Another private key, or bytes for HMAC.
            algorithm: How to sign; any spelling of "none" leaves the signature empty.
        """
        return self._context.keys.sign(claims, headers=headers, key=key, algorithm=algorithm)

    # Playing the person

    def sign_in(
        self, authorize_url: str, email: str = "ada@example.com", *, accept: bool = True
    ) -> dict[str, Any]:
        """Open an authorize URL as this person, log in and consent; over HTTP, no browser needed.

        Args:
            authorize_url: The whole URL, as a browser would open it.
            email: Who logs in.
            accept: False declines on the consent page.

        Returns:
            The authorization response: ``code`` and ``state``, or ``error`` and so on.

        Raises:
            RuntimeError: The tenant showed an error page instead of answering the application.
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
            RuntimeError: The code is unknown or its time is over.
        """
        with Person(
            self._context.settings.url, email, self._context.settings.password, accept=accept
        ) as person:
            person.activate(user_code)

    @property
    def auto_approve(self) -> str | None:
        """Whose e-mail address approves every device login at once; None: nobody's, as usual.

        Setting it raises ValueError when there is no such user.
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
        """A valid authorization code of the default application, as if this person had logged in.

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
            tells_auth_time=max_age is not None,
            organization=known,
            created_at=settings.now(),
        )
        return self._context.ledger.add_code(authorization, redirect_uri, code_challenge).value
