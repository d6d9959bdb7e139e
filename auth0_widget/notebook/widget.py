"""The widget, which is what a notebook's author uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import anywidget
import traitlets

from auth0_widget.config import (
    DEFAULT_LEEWAY,
    FLOW_FACTS,
    Flow,
    OnExpiry,
    Remember,
    ResponseDelivery,
    Settings,
    Show,
    StorageKind,
    check_choice,
    resolve_callback,
)
from auth0_widget.flows import check_flow, flow_of, use_flow_without_page
from auth0_widget.flows.remote_kernel import remote_kernel_reason
from auth0_widget.login.lifecycle import Status
from auth0_widget.login.registry import shared_login
from auth0_widget.notebook.blocking import wait_blocking
from auth0_widget.notebook.front_ends import no_page_reason
from auth0_widget.notebook.kernels import (
    reply_on_the_subshell_of_the_front_end,
    sending_from_any_thread,
)
from auth0_widget.notebook.long_job import lasting_session
from auth0_widget.notebook.printing import print_for_person
from auth0_widget.notebook.reauthentication import NotebookReauthenticator
from auth0_widget.notebook.remembering import keep_refresh_token, kernel_of, with_remembering
from auth0_widget.notebook.replaced_widgets import track_created, track_displayed
from auth0_widget.notebook.running_cell import page_connection
from auth0_widget.notebook.waiting import session_of, wait_async
from auth0_widget.oauth.authorization_options import AuthorizationOptions
from auth0_widget.pages.bridge import Bridge
from auth0_widget.pages.bundle import bundle
from auth0_widget.pages.display import Display

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from auth0_widget.doctor.report import Report
    from auth0_widget.session.session import Session


_TEXT_IN_PLACE_OF_CARD = "LoginWidget: run this cell in Jupyter to see the Log in button."
"""The text that a diff or an export of the notebook shows. Contains nothing personal."""


class LoginWidget(anywidget.AnyWidget):
    """A **Log in** button. After the login, it is a card of the person who logged in.

    Show it as the last line of a cell, and write ``session = await login`` in the next cell.
    Widgets with the same settings share one login.

    Args:
        domain: The tenant, as in ``acme.eu.auth0.com``; or ``AUTH0_DOMAIN``.
        client_id: The application; or ``AUTH0_CLIENT_ID``.
        audience: The API to get an access token for; or ``AUTH0_AUDIENCE``.
        scope: Scopes, separated by spaces; or ``AUTH0_SCOPE``. By default
            ``openid profile email offline_access``.
        organization: An Auth0 organization; or ``AUTH0_ORGANIZATION``.
        storage: Where the browser stores the session: ``"local"`` (until the logout),
            ``"session"`` (until the tab is closed) or ``"memory"`` (nowhere).
        show: How much is shown: the whole ``"card"``, one ``"button"``, or a ``"badge"`` of one
            line.
        login_hint: An e-mail address that the login page suggests.
        connection: The Auth0 connection to use, as in ``"google-oauth2"``.
        screen_hint: ``"signup"`` opens the login page at its registration form.
        ui_locales: Languages for the login page, separated by spaces.
        prompt: ``"login"`` asks for the password each time, ``"consent"`` for consent.
        acr_values: The authentication context to request, such as that of a second factor.
        max_age: The maximum number of seconds since the person last typed their password. It is
            verified at the login and when a stored session is used.
        authorize_params: Any other authorization parameters. Those that make a login safe, such
            as ``state``, are refused.
        end_auth0_session: Whether **Log out** also ends the session at Auth0, in a small window, so
            that the next login asks for the password again.
        leeway: Seconds by which this machine's clock and the tenant's may differ.
        flow: The way to log in; or ``AUTH0_WIDGET_FLOW``. By default ``"auto"``, which chooses what
            works where the notebook is open: a window, a link in the card, a code in the card, or a
            printed code if there is no page; `why` says which and why. The others are ``"popup"``,
            always a window; ``"loopback"``, a link to open in a browser on the kernel's machine;
            ``"device"``, a code that the person types in any browser, printed or in the card;
            ``"hub"``, the login to a JupyterHub whose users log in with Auth0; and
            ``"client_credentials"``, with which the application logs in as itself, with the secret
            in ``AUTH0_CLIENT_SECRET``.
        callback: How the response comes back from the login window: as a ``"message"``, or through
            the callback ``"page"`` of the Jupyter Server. The latter also works with login pages
            that cut their window off, as Google's does. Or ``AUTH0_WIDGET_CALLBACK``. By default
            ``"message"``.
        loopback_port: The port at 127.0.0.1 at which the kernel listens for the response in the
            flow ``"loopback"``; or ``AUTH0_WIDGET_LOOPBACK_PORT``. By default 18484.
        remember: With ``"machine"`` this machine remembers the login until somebody logs out, for
            scripts as well: in a private file, which is encrypted with a key from the system's
            keyring if the extra ``keyring`` is installed. ``"file"`` never uses the keyring. In a
            kernel of a Jupyter Server that keeps logins, the server keeps this one instead. Do not
            pass it in a program with visitors: each of them would be you. In a kernel and in a
            terminal, ``AUTH0_WIDGET_REMEMBER`` does the same.

    Attributes:
        status: ``"logged_out"``, ``"logging_in"``, ``"authenticated"``, ``"expired"`` or
            ``"error"``. Observe it with ``login.observe(callback, "status")``.

    Raises:
        InvalidDomainError: The domain is missing or malformed.
        InvalidClientIdError: The client ID is missing or malformed.
        InvalidSettingError: Another setting is malformed.
        RememberingError: The login that this machine remembers cannot be read.
        MissingBundleError: The front end was not built (in a checkout only).
    """

    # Functions that `close` calls. ipywidgets calls `close` even if `__init__` has failed.
    _closers: tuple[Callable[[], object], ...] = ()

    # Not synced: synced traits are saved with the notebook.
    status = traitlets.Enum(get_args(Status), "logged_out", read_only=True)

    def __init__(  # noqa: PLR0913 - one argument for each setting
        self,
        *,
        domain: str | None = None,
        client_id: str | None = None,
        audience: str | None = None,
        scope: str | None = None,
        organization: str | None = None,
        storage: StorageKind = "local",
        show: Show = "card",
        login_hint: str | None = None,
        connection: str | None = None,
        screen_hint: str | None = None,
        ui_locales: str | None = None,
        prompt: str | None = None,
        acr_values: str | None = None,
        max_age: int | None = None,
        authorize_params: Mapping[str, str] | None = None,
        end_auth0_session: bool = False,
        leeway: int = DEFAULT_LEEWAY,
        flow: Flow | None = None,
        callback: ResponseDelivery | None = None,
        loopback_port: int | None = None,
        remember: Remember | None = None,
    ) -> None:
        settings = with_remembering(
            Settings.resolve(
                domain=domain,
                client_id=client_id,
                audience=audience,
                scope=scope,
                organization=organization,
                max_age=max_age,
                leeway=leeway,
                flow=flow,
                loopback_port=loopback_port,
                remember=remember,
            )
        )
        options = AuthorizationOptions.resolve(
            {
                "login_hint": login_hint,
                "connection": connection,
                "screen_hint": screen_hint,
                "ui_locales": ui_locales,
                "prompt": prompt,
                "acr_values": acr_values,
            },
            extra=authorize_params,
        )
        check_choice("storage", storage, StorageKind)
        resolved_callback = resolve_callback(callback)
        check_choice("show", show, Show)
        self._esm, self._css = bundle().loader, bundle().style
        check_flow(settings, options)
        login = shared_login(
            settings,
            kernel_of(settings),
            lambda made: flow_of(made, print_for_person),
            keep_refresh_token,
        )
        super().__init__()
        reply_on_the_subshell_of_the_front_end(self.comm)
        self._login, self._options = login, options
        no_page = no_page_reason(self.comm)
        self._bridge = Bridge(
            Display(
                login=login,
                send=sending_from_any_thread(lambda message: self.send(dict(message))),
                storage=storage if FLOW_FACTS[settings.flow].stored_in_browsers else "memory",
                show=show,
                callback=resolved_callback,
                remote_kernel=remote_kernel_reason(),
                no_page=no_page,
                options=options,
                end_auth0_session=bool(end_auth0_session),
            )
        )
        bridge = self._bridge
        login.set_reauthenticator(NotebookReauthenticator(login, bridge, print))
        if no_page is not None:
            use_flow_without_page(login, no_page, print_for_person, options.conditions)
        self._closers = (self._bridge.close, self._login.listen(self._follow_status))
        self._follow_status()
        track_created(self, login, self._bridge.loaded_since)
        # No browser gets the tokens of an application.
        if not FLOW_FACTS[settings.flow].as_application:
            self.on_msg(
                lambda _widget, content, _buffers: self._bridge.receive(content, page_connection())
            )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:  # noqa: ANN401 - as anywidget has it
        """Show the card. If the application logs in as itself, show the repr instead."""
        if FLOW_FACTS[self._login.settings.flow].as_application:
            return None
        self._login.prepare()
        track_displayed(self)
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = _TEXT_IN_PLACE_OF_CARD
        return bundle

    def __repr__(self) -> str:
        """The expressions that give a session. asyncio shows it in errors, too.

        The login of an application is displayed as the text that stands for the card, so that the
        stored outputs of a notebook are the same with a person and without one.
        """
        login = getattr(self, "_login", None)  # None in a traceback of `__init__`
        if login is not None and FLOW_FACTS[login.settings.flow].as_application:
            return _TEXT_IN_PLACE_OF_CARD
        return "LoginWidget: `await login`, login.wait(), or as a task asyncio.ensure_future(login)"

    def __await__(self) -> Generator[Any, None, Session]:
        """Return the session, at once or when the person has logged in.

        Raises:
            Auth0WidgetError: The login failed. The error says why and what to do.
        """
        return self._session_async().__await__()

    @property
    def session(self) -> Session | None:
        """The session, or None. Does not wait."""
        self._login.expire_if_over()
        return self._login.session

    @property
    def why(self) -> str | None:
        """Why **Log in** is not a window, in one sentence. None if it is, or ``flow`` is named."""
        return self._login.why or self._bridge.why

    def wait(self, timeout: float | None = None) -> Session:
        """Return the session, at once or when the person has logged in.

        In a notebook, prefer ``session = await login``. Some kernels cannot handle messages of the
        page while a cell blocks; then this raises an error after some seconds.

        Args:
            timeout: Seconds to wait at most, or None for no limit.

        Raises:
            LoginTimeoutError: Nobody logged in within that time.
            KernelBlockedError: This kernel does not handle messages of the page meanwhile.
            Auth0WidgetError: The login failed; the error says why and what to do.
        """
        return session_of(wait_blocking(self._login, self._bridge, timeout, print))

    async def ensure(
        self,
        *,
        hours: float,
        on_expiry: OnExpiry = "raise",
        refresh_token_lifetime: float | None = None,
    ) -> Session:
        """Return a session that will last for a job, or raise an error now.

        The session is renewed first, which shows whether the tenant still accepts the refresh
        token. If the session does not last long enough, an open page tries a silent login
        (``prompt=none``), and then the card asks for another login with the same scopes. The end
        that a company's identity provider sets (``session_expiry``) is taken into account, and
        without a refresh token the expiry of the access token. An application cannot find out how
        long its refresh tokens last; this prints so, unless you pass ``refresh_token_lifetime``.

        Args:
            hours: How long the job takes.
            on_expiry: What happens if the session expires nevertheless, see `Session.on_expiry`.
            refresh_token_lifetime: Seconds after the login for which the tenant accepts refresh
                tokens. In Auth0, this is the application's Maximum Refresh Token Lifetime.

        Raises:
            SessionTooShortError: Even after another login, the session does not last that long.
            Auth0WidgetError: The login failed; the error says why and what to do.
        """
        check_choice("on_expiry", on_expiry, OnExpiry)
        session = await lasting_session(
            self._login,
            self._bridge,
            print,
            hours=hours,
            refresh_token_lifetime=refresh_token_lifetime,
        )
        session.on_expiry = on_expiry
        return session

    async def request(
        self,
        *,
        audience: str | None = None,
        scope: str | None = None,
        acr_values: str | None = None,
        max_age: int | None = None,
    ) -> Session:
        """Return a session with more scopes, for another API, or of a login with a second factor.

        If the present session has all that already, or a refresh token grant can get it, nobody is
        asked. Otherwise the card asks the same person to click **Log in** once more, and this
        waits. The new session is compared with the request. The present session stays usable.

        Args:
            audience: The API, if it is not that of the login. The returned session then has an
                access token, an expiry and allowed hosts of its own, and ends with the login.
            scope: Scopes of that API, separated by spaces, in addition to those of the session.
            acr_values: The kind of login, as the API or the tenant names it. In Auth0, a second
                factor is ``http://schemas.openid.net/pape/policies/2007/06/multi-factor``.
            max_age: The maximum number of seconds since the person last typed their password.

        Raises:
            InvalidSettingError: An argument is malformed.
            ScopeNotGrantedError: The tenant did not grant all the scopes.
            AudienceNotGrantedError: The access token is for another API.
            AuthenticationNotMetError: The tenant ignored ``acr_values``.
            AnotherPersonError: Somebody else logged in.
            Auth0WidgetError: The login failed; the error says why and what to do.
        """
        from auth0_widget.notebook.requesting import request_login  # noqa: PLC0415 - seldom needed

        session = await self
        return await request_login(
            self._login,
            self._bridge,
            session,
            print,
            {
                "audience": audience,
                "scope": scope,
                "acr_values": acr_values,
                "max_age": max_age,
            },
        )

    def logout(self) -> None:
        """End the session, in this kernel and in the browser. `Session` objects stop working."""
        self._login.logout()

    def doctor(self) -> Report:
        """Report whether this login can work here, as the command ``auth0-widget doctor`` does.

        Show it as the last line of a cell. It sends a few requests to the tenant, and logs nobody
        in.
        """
        from auth0_widget.doctor.examination import examine  # noqa: PLC0415 - seldom needed

        bridge = self._bridge
        return examine(
            self._login.settings,
            bridge.callback,
            bridge.page_addresses,
            bridge.page_ways,
            options=self._options,
            no_page=bridge.no_page,
        )

    def on_login(self, callback: Callable[[Session], object]) -> Callable[[], object]:
        """Call a function with each session that begins, by a login or from the browser.

        It is called once for each session, in a background thread, and not for renewals.

        Returns:
            A function that removes the callback.
        """
        return self._login.session_events.on_login(callback)

    def on_logout(self, callback: Callable[[], object]) -> Callable[[], object]:
        """Call a function when a session ends by a logout or by the login of another person.

        It is called once for each session, and not when a session expires. `logout` calls it before
        it returns, unless another callback is running. Otherwise it is called in a background
        thread.

        Returns:
            A function that removes the callback.
        """
        return self._login.session_events.on_logout(callback)

    def close(self) -> None:
        """Remove the widget from the page. The session stays usable for other widgets."""
        for stop in self._closers:
            stop()
        if self.comm is not None:
            self.layout.close()  # it is a widget, too, which ipywidgets would keep
        super().close()

    async def _session_async(self) -> Session:
        return session_of(await wait_async(self._login, self._bridge, print))

    def _follow_status(self) -> None:
        # Repeated, because another thread may have set an older status meanwhile.
        while self.status != (status := self._login.status):
            self.set_trait("status", status)
