"""Every error, its sentence and its next step.

Auth0WidgetError
├── ConfigurationError            you can fix it, before anything is sent
│   ├── InvalidDomainError
│   ├── InvalidClientIdError
│   ├── InvalidSettingError
│   ├── MissingExtraError
│   ├── MissingBundleError
│   ├── ShadowedPackageError
│   ├── CallbackPageMissingError
│   ├── NoWindowError
│   └── LoopbackPortError
├── LoginNotCompletedError        the person, or the browser, ended the login
│   ├── PopupBlockedError
│   ├── PopupClosedError
│   ├── LoginCancelledError
│   ├── LoginDeniedError
│   ├── DeviceCodeExpiredError
│   ├── LoginTimeoutError
│   ├── AnotherPersonError
│   ├── KernelBlockedError
│   ├── CellCannotWaitError
│   └── NoPageError
├── TenantError                   the tenant refused, or sent what was refused here
│   ├── AuthorizationError
│   │   ├── LoginRequiredError
│   │   └── ConsentRequiredError
│   ├── StateError
│   │   └── LoginTooLongError
│   ├── TokenRequestError
│   │   └── MfaRequiredError
│   ├── NotGrantedError
│   │   ├── AudienceNotGrantedError
│   │   ├── ScopeNotGrantedError
│   │   └── AuthenticationNotMetError
│   ├── UserinfoError
│   ├── InvalidResponseError
│   ├── KeySetError
│   └── IdTokenError              one below it for each check of OpenID Connect Core 3.1.3.7
├── UnreachableError              the tenant could not be asked
│   ├── TenantDownError
│   │   └── ConnectionCutError
│   ├── TenantTimeoutError
│   ├── RateLimitError
│   ├── CertificateError
│   └── KeeperError
├── HubError                      JupyterHub did not give the access token of its own login
│   ├── NoHubError
│   ├── HubTokenError
│   ├── HubScopeError
│   ├── HubAuthStateError
│   ├── HubAudienceError
│   ├── HubUserError
│   └── HubNotRenewedError
├── RememberingError              this machine's copy of a login cannot be read or written
│   └── KeyringError
├── UnexpectedError               a bug in this package
└── SessionError                  the session cannot do what was asked of it
    ├── SessionEndedError
    ├── SessionExpiredError
    │   └── RenewalRefusedError
    ├── SessionTooShortError
    ├── InsufficientScopeError
    ├── InsufficientAuthenticationError
    ├── ForkedProcessError
    ├── KernelGoneError
    ├── NoUserError
    ├── UntrustedUrlError
    ├── InvalidRecordError
    └── SecretExposureError

No error contains a token, a code, a verifier or a profile, because errors are printed into
notebooks.

This module is long on purpose: it is a catalogue without logic, and whoever adds an error or
corrects a sentence has one file to open.
"""

from __future__ import annotations

from typing import ClassVar

from auth0_widget.tracebacks import OwnLinesInIPython


class Auth0WidgetError(OwnLinesInIPython):
    """The root of every error raised by this package.

    Attributes:
        code: A stable name for this kind of failure, for programs and for the documentation.
        message: One sentence that says what happened.
        next_step: One sentence that says what to do about it.
        passing: Whether the failure may pass, so that the same request may succeed later. Such a
            failure removes no stored session, ends no device login and revokes no token.
        needs_correction: Whether it passes only when somebody has corrected something, so that no
            request within a minute succeeds.
        keeps_record: Whether a stored record that fails with this error stays stored, as with every
            passing failure.
        keeps_refresh_token: Whether the new refresh token is kept although the ID token that came
            with it fails with this error, as with every passing failure.
    """

    code: ClassVar[str] = "auth0_widget_error"
    passing: ClassVar[bool] = False
    needs_correction: ClassVar[bool] = False
    keeps_record: ClassVar[bool] = False
    keeps_refresh_token: ClassVar[bool] = False
    default_message: ClassVar[str] = "The login did not work."
    default_next_step: ClassVar[str] = "Click Log in again."

    def __init__(self, message: str | None = None, *, next_step: str | None = None) -> None:
        self.message = message or self.default_message
        self.next_step = next_step or self.default_next_step
        super().__init__(f"{self.message} {self.next_step}")


class ConfigurationError(Auth0WidgetError):
    """A setting is missing or malformed. Nothing was sent to the tenant."""

    code = "configuration"
    passing = True  # the browser's session must survive until the setting is corrected
    needs_correction = True
    default_message = "The settings of the login are not usable."
    default_next_step = "Correct the argument or the environment variable that is named."


class InvalidDomainError(ConfigurationError):
    """The tenant's domain is missing, malformed or not a plain host."""

    code = "invalid_domain"
    default_message = "The tenant's domain is missing or malformed."
    default_next_step = (
        "Pass domain='YOUR-TENANT.eu.auth0.com' or set AUTH0_DOMAIN; Auth0 shows it under "
        "Applications, your application, Settings."
    )


class InvalidClientIdError(ConfigurationError):
    """The application's client ID is missing or malformed."""

    code = "invalid_client_id"
    default_message = "The application's client ID is missing or malformed."
    default_next_step = (
        "Pass client_id='YOUR-CLIENT-ID' or set AUTH0_CLIENT_ID; Auth0 shows it under "
        "Applications, your application, Settings."
    )


class InvalidSettingError(ConfigurationError):
    """Another setting (audience, scope, organization, storage, …) is malformed."""

    code = "invalid_setting"


class MissingExtraError(ConfigurationError):
    """The dependencies of an optional part of the package are not installed."""

    code = "missing_extra"

    def __init__(self, extra: str) -> None:
        super().__init__(
            f"This needs the extra '{extra}' of auth0-widget, which is not installed.",
            next_step=f"Run: pip install 'auth0-widget[{extra}]'",
        )


class MissingBundleError(ConfigurationError):
    """The front end was not built. This happens in a checkout only; a wheel contains it."""

    code = "missing_bundle"
    default_message = "The front end of auth0-widget has not been built in this checkout."
    default_next_step = "Run: make build"


class ShadowedPackageError(ConfigurationError, ImportError):
    """Another package named ``jwt`` is installed over PyJWT, or a file ``jwt.py`` comes first."""

    code = "shadowed_package"
    default_message = "The module jwt is that of another package, such as 'jwt', and not PyJWT's."
    default_next_step = (
        "Rename a file jwt.py of your own; if there is none, run: pip uninstall jwt PyJWT, then: "
        "pip install PyJWT"
    )


class CallbackPageMissingError(ConfigurationError):
    """``callback="page"`` was chosen, and the page's Jupyter Server does not serve that page."""

    code = "callback_page_missing"
    default_message = "This Jupyter Server does not serve the callback page that was chosen."
    default_next_step = (
        "Install auth0-widget in the Jupyter Server's own environment and restart it, or leave "
        "callback='page' and AUTH0_WIDGET_CALLBACK out."
    )


class NoWindowError(ConfigurationError):
    """``flow="popup"`` was chosen, and the page has no web origin for the login's response.

    This is so in VS Code, in a page opened from a file, and in a sandboxed frame.
    """

    code = "no_window"
    default_message = (
        "A login window could not send its response to this page, because the page has no web "
        "origin."
    )
    default_next_step = "Click Use a code instead, or leave flow='popup' and AUTH0_WIDGET_FLOW out."


class LoopbackPortError(ConfigurationError):
    """The kernel cannot listen at the port for the response of the loopback flow."""

    code = "loopback_port_taken"
    default_message = "Another program uses the port for the response of the login."
    default_next_step = (
        "Close that program, or finish the login that another notebook has begun. Or log in with "
        "a code; or choose another port with AUTH0_WIDGET_LOOPBACK_PORT, and add its address to "
        "the Allowed Callback URLs in Auth0."
    )


class LoginNotCompletedError(Auth0WidgetError):
    """The person or the browser ended the login before it was complete."""

    code = "login_not_completed"


class PopupBlockedError(LoginNotCompletedError):
    """The browser did not let the login window open. The card says so; waiting cells go on."""

    code = "popup_blocked"
    default_message = "The browser blocked the login window."
    default_next_step = (
        "Allow pop-up windows for this page, then click Log in again; or click Use a code instead."
    )


class PopupClosedError(LoginNotCompletedError):
    """The login window seems to be closed, and no response has come. One may still come.

    The card says so, and waiting cells go on: only **Cancel** and Stop end them.

    A login page that sends ``Cross-Origin-Opener-Policy: same-origin``, as Google's does, cuts its
    window off from the notebook. To the notebook, such a window looks like a closed one.
    """

    code = "popup_closed"
    default_message = (
        "The login window seems to be closed. Somebody closed it, or its page cut it off from "
        "this one, as Google's does."
    )
    default_next_step = (
        "Click Log in to open it again, or Use a code instead. If nobody closed the window, "
        "LoginWidget(callback='page') helps too."
    )


class LoginCancelledError(LoginNotCompletedError):
    """The person clicked Cancel in the card."""

    code = "login_cancelled"
    default_message = "The login was cancelled."
    default_next_step = "Click Log in when you are ready."


class LoginDeniedError(LoginNotCompletedError):
    """The tenant responded with ``access_denied`` (RFC 6749, 4.1.2.1), or denied this account."""

    code = "login_denied"
    default_message = "The login was denied: consent was declined, or a rule of the tenant said no."
    default_next_step = "Click Log in again and accept, or ask whoever runs the tenant."


class DeviceCodeExpiredError(LoginNotCompletedError):
    """Nobody entered the code of the device flow in time (RFC 8628, 3.5, ``expired_token``)."""

    code = "device_code_expired"
    default_message = "Nobody entered the code in time: it is no longer valid."
    default_next_step = (
        "Get a new code: click Use a code instead, or call `login.wait()` or `await login` again."
    )


class LoginTimeoutError(LoginNotCompletedError):
    """Nobody logged in within the timeout."""

    code = "login_timeout"
    default_message = "Nobody logged in within the time allowed."
    default_next_step = "Wait again and log in meanwhile, or pass a longer timeout."


class AnotherPersonError(LoginNotCompletedError):
    """The person of a session was asked to log in again, and another person did."""

    code = "another_person"
    default_message = "The person who logged in is not the one whose session this is."
    default_next_step = "Try again, and log in as the person whose session it is."


class KernelBlockedError(LoginNotCompletedError):
    """The page's messages do not reach the kernel while a cell blocks it, or the page is closed."""

    code = "kernel_blocked"
    default_message = (
        "No page has replied: this kernel receives no messages while a cell blocks it, or the "
        "page was closed."
    )
    default_next_step = "Use `session = await login` instead of `login.wait()`."


class CellCannotWaitError(LoginNotCompletedError):
    """In this front end nobody can log in while a cell waits, as in Voilà and in marimo."""

    code = "cell_cannot_wait"
    default_message = (
        "In this front end nobody can log in before the cells have run, so no cell can wait."
    )
    default_next_step = (
        "Use `login.on_login(callback)`, or `await login` in a task that the cell starts: "
        "`asyncio.create_task(main())`."
    )


class NoPageError(LoginNotCompletedError):
    """No page can show the widget, so nobody can click.

    This is so under ``jupyter nbconvert --execute``, nbclient and papermill, in scripts and in
    IPython in a terminal.
    """

    code = "no_page"
    default_message = "No page has connected to this kernel, so no click on Log in can reach it."
    default_next_step = (
        "In a job use LoginWidget(flow='client_credentials'); where a person reads the output, "
        "LoginWidget(flow='device') or AUTH0_WIDGET_FLOW=device."
    )


class TenantError(Auth0WidgetError):
    """The tenant refused, or sent something that was refused here.

    Attributes:
        error: The OAuth error code the tenant sent (RFC 6749, 5.2), or None.
        error_description: The tenant's description, made safe to show, or None.
    """

    code = "tenant_error"
    default_message = "The tenant refused the request."

    def __init__(
        self,
        message: str | None = None,
        *,
        next_step: str | None = None,
        error: str | None = None,
        error_description: str | None = None,
    ) -> None:
        self.error = error
        self.error_description = error_description
        said = ": ".join(part for part in (error, error_description) if part)
        if said:
            message = f"{(message or self.default_message).rstrip('.')} ({said})."
        super().__init__(message, next_step=next_step)


class AuthorizationError(TenantError):
    """The authorization endpoint responded with an error (RFC 6749, 4.1.2.1)."""

    code = "authorization_failed"
    default_message = "The tenant did not complete the login."
    default_next_step = "Click Log in again; if it persists, look at the tenant's logs in Auth0."


class LoginRequiredError(AuthorizationError):
    """Nobody is logged in, and prompt=none was requested (OpenID Connect Core 3.1.2.6)."""

    code = "login_required"
    default_message = "Nobody is logged in at the tenant, and prompt=none forbids a login page."
    default_next_step = "Leave prompt=none out, then click Log in again."


class ConsentRequiredError(AuthorizationError):
    """The tenant needs the person's consent or other input, and prompt=none was requested."""

    code = "consent_required"
    default_message = "The tenant must ask the person something, and prompt=none forbids it."
    default_next_step = "Leave prompt=none out, then click Log in again."


class StateError(TenantError):
    """An authorization response does not belong to a login in progress (RFC 6749, 10.12)."""

    code = "state_mismatch"
    default_message = "A login response arrived that does not belong to a login started here."
    default_next_step = "Click Log in again. Each login accepts one response, within ten minutes."


class LoginTooLongError(StateError):
    """The response came later than ten minutes after the login began."""

    code = "login_too_long"
    default_message = "The login took longer than ten minutes, so its response was refused."
    default_next_step = "Click Log in again and finish within ten minutes."


class TokenRequestError(TenantError):
    """The token endpoint responded with an error (RFC 6749, 5.2)."""

    code = "token_request_failed"
    default_message = "The tenant did not give tokens for this login."
    default_next_step = (
        "Click Log in again; if it persists, check that the application's type is Native or "
        "Single Page Application and that its token endpoint authentication method is None."
    )


class MfaRequiredError(TokenRequestError):
    """The tenant requires a second factor (Auth0's ``mfa_required``)."""

    code = "mfa_required"
    default_message = "The tenant requires a second factor, which needs the person."
    default_next_step = (
        "Use `await login.request(...)` with what you need: the person then logs in again."
    )


class NotGrantedError(TenantError):
    """The tenant granted less than was requested, without an error."""

    code = "not_granted"
    default_message = "The tenant granted less than was requested."


class AudienceNotGrantedError(NotGrantedError):
    """The access token is not for the requested API. Auth0 ignores an API it may not grant."""

    code = "audience_not_granted"
    default_message = "The tenant grants this session no access token for that API."
    default_next_step = (
        "Use `await login.request(audience=...)`, which asks for a click; or, in Auth0, name the "
        "API in the application's refresh token policies and let it skip the user's consent."
    )


class ScopeNotGrantedError(NotGrantedError):
    """The tenant did not grant all requested scopes (RFC 6749, 3.3).

    Attributes:
        missing: The scopes that are missing, separated by spaces.
    """

    code = "scope_not_granted"
    default_message = "The tenant did not grant all the scopes that were requested."
    default_next_step = (
        "Check in Auth0 that the API has these permissions, and that the person and the "
        "application may have them."
    )

    def __init__(
        self, message: str | None = None, *, next_step: str | None = None, missing: str = ""
    ) -> None:
        self.missing = missing
        if missing:
            message = message or f"The tenant did not grant: {missing}."
        super().__init__(message, next_step=next_step)


class AuthenticationNotMetError(NotGrantedError):
    """The person was not authenticated as requested (``acr_values``)."""

    code = "authentication_not_met"
    default_message = "The tenant did not authenticate the person as was requested (acr_values)."
    default_next_step = (
        "In Auth0, an Action must ask for the second factor where acr_values names it; see "
        "'Configure Step-up Authentication' there."
    )


class UserinfoError(TenantError):
    """The userinfo endpoint refused the access token, or sent another person's profile."""

    code = "userinfo_failed"
    default_message = "The tenant did not give the profile of this login."
    default_next_step = "Click Log in again; the scope must contain openid."


class InvalidResponseError(TenantError):
    """The tenant's response is not as the specifications require."""

    code = "invalid_response"
    passing = True  # it may be the response of a captive portal or a proxy
    default_message = "The tenant's response could not be understood."
    default_next_step = (
        "Try again in a minute; if it persists, check that the domain is that of an Auth0 tenant, "
        "and whether a proxy or the network's own login page responds in its place."
    )


class KeySetError(TenantError):
    """The tenant's signing keys cannot be used (RFC 7517)."""

    code = "key_set_unusable"
    passing = True
    default_message = "The tenant's signing keys could not be used."
    default_next_step = "Try again in a minute; if it persists, check the domain."


class IdTokenError(TenantError):
    """The ID token failed a check of OpenID Connect Core 3.1.3.7."""

    code = "id_token_invalid"
    default_message = "The tenant's ID token was refused."
    default_next_step = (
        "Click Log in again; if it persists, check domain and client_id against "
        "the application's settings in Auth0."
    )


class IdTokenMalformedError(IdTokenError):
    """The ID token is not a signed JWT of a sensible size (RFC 7519)."""

    code = "id_token_malformed"
    default_message = "The ID token is not a well-formed signed JWT."


class IdTokenEncryptedError(IdTokenError):
    """The ID token is encrypted (JWE, RFC 7516), and a public client has no key to decrypt it."""

    code = "id_token_encrypted"
    default_message = "The ID token is encrypted, and a notebook has no key to decrypt it."
    default_next_step = "In Auth0, turn ID token encryption off for this application."


class IdTokenAlgorithmError(IdTokenError):
    """The ID token was signed with another algorithm than RS256 (RFC 8725, 3.1)."""

    code = "id_token_algorithm"
    default_message = "The ID token is not signed with RS256."
    default_next_step = (
        "In Auth0, set the application's JSON Web Token signature algorithm to RS256."
    )


class IdTokenKeyError(IdTokenError):
    """No usable key of the tenant matches the one the ID token names."""

    code = "id_token_key"
    keeps_refresh_token = True  # the key may be new
    default_message = "The ID token names a signing key that the tenant does not publish."


class IdTokenSignatureError(IdTokenError):
    """The ID token's signature does not verify."""

    code = "id_token_signature"
    default_message = "The ID token's signature is not valid."


class IdTokenIssuerError(IdTokenError):
    """The ID token was issued by another issuer than this tenant (``iss``)."""

    code = "id_token_issuer"
    default_message = "The ID token was issued by another issuer than this tenant."


class IdTokenAudienceError(IdTokenError):
    """The ID token's ``aud`` does not contain this application."""

    code = "id_token_audience"
    default_message = "The ID token is meant for another application."


class IdTokenAuthorizedPartyError(IdTokenError):
    """The ID token's ``azp`` is not this application."""

    code = "id_token_authorized_party"
    default_message = "The ID token was issued to another application (azp)."


class IdTokenSubjectError(IdTokenError):
    """The ID token names nobody, or another person."""

    code = "id_token_subject"
    default_message = "The ID token names nobody, or another person (sub)."


class IdTokenExpiredError(IdTokenError):
    """The ID token's ``exp`` has passed."""

    code = "id_token_expired"
    keeps_refresh_token = True  # this machine's clock may be wrong
    default_message = "The ID token has expired."
    default_next_step = "Click Log in again."


class IdTokenTimeError(IdTokenError):
    """The ID token's ``iat`` or ``nbf`` lies in the future: the clocks differ."""

    code = "id_token_time"
    passing = True  # this machine's clock may be wrong
    default_message = "The ID token was issued in the future."
    default_next_step = "Set this machine's clock right, or pass a larger leeway (seconds)."


class IdTokenNonceError(IdTokenError):
    """The ID token's ``nonce`` is not that of this login."""

    code = "id_token_nonce"
    default_message = "The ID token does not belong to this login (nonce)."


class IdTokenAuthTimeError(IdTokenError):
    """The person authenticated too long ago for ``max_age``, or the token does not say when."""

    code = "id_token_auth_time"
    keeps_record = True  # it is valid for a widget without max_age
    default_message = "The tenant's login is older than max_age allows (auth_time)."
    default_next_step = "Click Log in: the login page then asks for the password."


class IdTokenOrganizationError(IdTokenError):
    """The ID token is not for the requested organization."""

    code = "id_token_organization"
    default_message = "The ID token is not for the organization that was requested."


class IdTokenClaimError(IdTokenError):
    """A required claim is missing or of the wrong type."""

    code = "id_token_claim"
    default_message = "The ID token lacks a required claim, or has one of the wrong type."


class UnreachableError(Auth0WidgetError):
    """The tenant could not be asked. Nothing is lost."""

    code = "unreachable"
    passing = True
    default_message = "The tenant could not be reached."
    default_next_step = "Check the network, the domain and the proxy settings, then try again."


class TenantDownError(UnreachableError):
    """There is no connection to the tenant, or it responded with a server error."""

    code = "tenant_down"


class ConnectionCutError(TenantDownError):
    """The connection ended before the response did. The tenant may have processed the request."""

    code = "connection_cut"
    default_message = "The tenant ended the connection before its response was complete."


class TenantTimeoutError(UnreachableError):
    """The tenant did not respond in time."""

    code = "tenant_timeout"
    default_message = "The tenant did not respond in time."


class RateLimitError(UnreachableError):
    """The tenant has received too many requests (HTTP 429; RFC 6585, 4).

    Attributes:
        retry_after: Seconds to wait, at most an hour, or None where the tenant names no time.
    """

    code = "rate_limited"
    default_message = "The tenant has received too many requests in a short time."
    default_next_step = "Wait a minute, then try again."

    def __init__(
        self,
        message: str | None = None,
        *,
        next_step: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.retry_after = retry_after
        if next_step is None and retry_after is not None:
            next_step = f"Wait {retry_after:.0f} seconds, then try again."
        super().__init__(message, next_step=next_step)


class CertificateError(UnreachableError):
    """The TLS certificate of the tenant is not one that this machine trusts."""

    code = "certificate_untrusted"
    needs_correction = True
    default_message = "The tenant's certificate is not trusted by this machine."
    default_next_step = (
        "If your organization inspects TLS with its own certificate authority, set SSL_CERT_FILE "
        "to its certificate (a PEM file); ask whoever runs the network."
    )


class KeeperError(UnreachableError):
    """The Jupyter Server, which keeps this login's refresh token, could not be asked."""

    code = "keeper_unreachable"
    default_message = "The Jupyter Server, which keeps this login, could not be asked."
    default_next_step = "If the server was restarted, click Log in again; else try again."


class HubError(Auth0WidgetError):
    """JupyterHub did not give the access token of its own login, which ``flow="hub"`` takes."""

    code = "hub_error"
    default_message = "JupyterHub did not give the access token of its own login."
    default_next_step = (
        "Ask whoever runs the hub to set it up as docs/examples/jupyterhub_config.py does."
    )


class NoHubError(HubError):
    """``flow="hub"`` was chosen where JupyterHub has not started the server of this kernel."""

    code = "no_hub"
    default_message = (
        "This kernel belongs to no server of JupyterHub: JUPYTERHUB_API_URL, JUPYTERHUB_API_TOKEN "
        "and JUPYTERHUB_USER are not all set."
    )
    default_next_step = "Leave flow='hub' and AUTH0_WIDGET_FLOW out where there is no JupyterHub."


class HubTokenError(HubError):
    """JupyterHub does not accept the token of this server (``JUPYTERHUB_API_TOKEN``)."""

    code = "hub_token"
    default_message = "JupyterHub does not accept this server's token: it is wrong or has expired."
    default_next_step = "Stop your server at the hub's home page, and start it again."


class HubScopeError(HubError):
    """This server may not read the ``auth_state`` that JupyterHub keeps for its user."""

    code = "hub_scope"
    default_message = "JupyterHub does not let this server read the tokens of your login."
    default_next_step = (
        "Whoever runs the hub adds the scope 'admin:auth_state!user' to the role 'user' "
        "(c.JupyterHub.load_roles) and to c.Spawner.server_token_scopes; then start your server "
        "again."
    )


class HubAuthStateError(HubError):
    """JupyterHub keeps no tokens of its login, or not those that are needed."""

    code = "hub_auth_state"
    default_message = "JupyterHub keeps no tokens of your login."
    default_next_step = (
        "Whoever runs the hub sets c.Auth0OAuthenticator.enable_auth_state = True, and "
        "JUPYTERHUB_CRYPT_KEY in the hub's environment; then log out of the hub and in again."
    )


class HubAudienceError(HubError):
    """The access token of JupyterHub's login is not for the API that the audience names."""

    code = "hub_audience"
    default_message = "JupyterHub's access token is not for the API that the audience names."
    default_next_step = (
        "Whoever runs the hub sets c.Auth0OAuthenticator.extra_authorize_params = "
        "{'audience': 'https://api.example.com'}, and has the API sign with RS256 in Auth0; then "
        "log out of the hub and in again."
    )


class HubUserError(HubError):
    """JupyterHub's response is about another person than the owner of this server."""

    code = "hub_user"
    default_message = "JupyterHub's response is about another person than the owner of this server."
    default_next_step = "Stop your server at the hub's home page, and start it again."


class HubNotRenewedError(HubError):
    """JupyterHub still has the access token that has expired, or is about to."""

    code = "hub_not_renewed"
    passing = True
    default_message = "JupyterHub has not renewed its access token yet."
    default_next_step = (
        "Try again in five minutes; if it persists, log out of the hub and in again. Whoever runs "
        "the hub asks for the scope offline_access, and renews ahead as "
        "docs/examples/jupyterhub_config.py does."
    )


class RememberingError(Auth0WidgetError):
    """The login that this machine remembers (``remember="machine"``) cannot be read or written."""

    code = "remembering_failed"
    passing = True  # a file that cannot be read may still be good
    default_message = "The login that this machine remembers cannot be read or written."
    default_next_step = "Try again, or leave remember out."


class KeyringError(RememberingError):
    """The system's keyring is locked or missing, or it has no key for the remembered logins."""

    code = "keyring_failed"
    default_message = "The system's keyring has no key for the login that this machine remembers."
    default_next_step = (
        "Unlock the keyring and try again. If there is none, as over SSH, pass remember='file'."
    )


class UnexpectedError(Auth0WidgetError):
    """A bug in this package."""

    code = "unexpected"
    default_message = "The login failed because of a bug in auth0-widget."
    default_next_step = "Click Log in again; if it persists, report it with the log's last lines."


class SessionError(Auth0WidgetError):
    """The session cannot do what was asked of it."""

    code = "session_error"


class SessionEndedError(SessionError):
    """The session has ended: somebody logged out, or another person logged in."""

    code = "session_ended"
    default_message = "This session has ended: it was logged out."
    default_next_step = "Use `session = await login` to get the current one."


class SessionExpiredError(SessionError):
    """The access token has expired and cannot be renewed."""

    code = "session_expired"
    default_message = "This session has expired and cannot be renewed."
    default_next_step = "Click Log in again, then use `session = await login`."


class RenewalRefusedError(SessionExpiredError):
    """The access token has expired, and the tenant has refused to renew it (RFC 6749, 5.2)."""

    code = "renewal_refused"
    default_message = "This session has expired, and the tenant no longer renews it."


class SessionTooShortError(SessionError):
    """The session cannot last as long as the coming job needs."""

    code = "session_too_short"
    default_message = "The session cannot last as long as was asked for."
    default_next_step = (
        "Add offline_access to the scope and allow refresh tokens in Auth0, "
        "or raise the API's token lifetime."
    )


class InsufficientScopeError(SessionError):
    """An API requires scopes that the access token does not have (RFC 6750, 3.1).

    Attributes:
        scope: The scopes that the API named, or None.
    """

    code = "insufficient_scope"
    default_message = "The API requires more scopes than the access token has."
    default_next_step = "Use `await login.request(scope=...)` with the scopes that it needs."

    def __init__(
        self, message: str | None = None, *, next_step: str | None = None, scope: str | None = None
    ) -> None:
        self.scope = scope
        if scope:
            message = message or f"The API requires scopes that the access token lacks: {scope}."
            next_step = next_step or f"Use `await login.request(scope={scope!r})`."
        super().__init__(message, next_step=next_step)


class InsufficientAuthenticationError(SessionError):
    """An API requires a more recent login, or one by more than a password (RFC 9470, 3).

    Attributes:
        acr_values: The kind of login, as an argument for `LoginWidget.request`, or None.
        max_age: The greatest age of the login in seconds, likewise, or None.
    """

    code = "insufficient_user_authentication"
    default_message = "The API requires another kind of login, or a more recent one."
    default_next_step = "Use `await login.request(acr_values=..., max_age=...)`."

    def __init__(
        self,
        message: str | None = None,
        *,
        next_step: str | None = None,
        acr_values: str | None = None,
        max_age: int | None = None,
    ) -> None:
        self.acr_values, self.max_age = acr_values, max_age
        wanted = {"acr_values": acr_values, "max_age": max_age}
        arguments = ", ".join(f"{name}={value!r}" for name, value in wanted.items() if value)
        if arguments:
            next_step = next_step or f"Use `await login.request({arguments})`."
        super().__init__(message, next_step=next_step)


class ForkedProcessError(SessionError):
    """A forked child of the process that logged in cannot renew the session."""

    code = "forked_process"
    default_message = (
        "This process was forked from the one that logged in, and only that one may renew the "
        "session: to the tenant, a refresh token that two processes use is a stolen one."
    )
    default_next_step = (
        "Make source = session.token_source() in the parent process and use source.auth in the "
        "child: it asks the parent for the next token."
    )


class KernelGoneError(SessionError):
    """A worker needs another access token, and the kernel that has the session does not respond."""

    code = "kernel_gone"
    default_message = (
        "This worker needs another access token, and its kernel cannot be asked for it: the kernel "
        "has ended, was restarted, or is out of reach."
    )
    default_next_step = (
        "Run the notebook again and give the workers a new session.token_source(); workers on "
        "other machines need the Dask client that it was made with."
    )


class NoUserError(SessionError):
    """The session is that of an application (client credentials), without a person."""

    code = "no_user"
    default_message = "This session is an application's own: nobody logged in, so it has no user."
    default_next_step = "Use flow='popup' or flow='device' where a person is to log in."


class UntrustedUrlError(SessionError):
    """The access token is not sent to that URL."""

    code = "untrusted_url"
    default_message = "The access token is not sent to that address."
    default_next_step = (
        "Use auth=session.auth_for('https://that-host') if the host may have this token."
    )


class InvalidRecordError(SessionError):
    """The record in the browser's storage is not one that this version trusts."""

    code = "record_invalid"
    default_message = "The session stored in the browser could not be trusted and was removed."
    default_next_step = "Click Log in."


class SecretExposureError(SessionError, TypeError):
    """A session cannot be copied, pickled or turned into JSON."""

    code = "secret_exposure"
    default_message = "A session cannot be copied, pickled or turned into JSON: it holds secrets."
    default_next_step = (
        "For another process use session.token_source(), which pickles; otherwise pass the session "
        "object itself, or read the one value that you need."
    )
