"""The widget: what a notebook's author sees of all this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import anywidget
import traitlets

from auth0_widget.config import (
    DEFAULT_LEEWAY,
    Callback,
    Flow,
    OnExpiry,
    Settings,
    Show,
    StorageKind,
    check_choice,
    resolve_callback,
)
from auth0_widget.flows import check_flow, flow_of, use_flow_without_page
from auth0_widget.keeper.kept_login import keep_in_server
from auth0_widget.login.lifecycle import Status
from auth0_widget.login.registry import shared_login
from auth0_widget.notebook.front_ends import current_kernel, no_page_reason
from auth0_widget.notebook.kernels import (
    reply_on_the_subshell_of_the_front_end,
    sending_from_any_thread,
)
from auth0_widget.notebook.long_job import lasting_session, wait_in_mid_job
from auth0_widget.notebook.printing import print_for_person
from auth0_widget.notebook.remote_kernel import remote_kernel_reason
from auth0_widget.notebook.replaced_widgets import track_created, track_displayed
from auth0_widget.notebook.waiting import session_of, wait_async, wait_blocking
from auth0_widget.oauth.authorization_options import AuthorizationOptions
from auth0_widget.pages.bridge import Bridge
from auth0_widget.pages.bundle import bundle
from auth0_widget.pages.display import Display

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from auth0_widget.doctor.report import Report
    from auth0_widget.session.session import Session


_TEXT_IN_PLACE_OF_CARD = "LoginWidget: run this cell in Jupyter to see the Log in button."
"""What a diff or an export shows; nothing personal."""


class LoginWidget(anywidget.AnyWidget):
    """A **Log in** button that becomes the card of whoever logged in.

    Widgets with the same settings share one login. Show it as the last line of a cell, then
    ``session = await login`` in the next.

    Args:
        domain: The tenant, as in ``acme.eu.auth0.com``; or ``AUTH0_DOMAIN``.
        client_id: The application; or ``AUTH0_CLIENT_ID``.
        audience: The API to get an access token for; or ``AUTH0_AUDIENCE``.
        scope: Scopes, separated by spaces; or ``AUTH0_SCOPE``. By default
            ``openid profile email offline_access``.
        organization: An Auth0 organization; or ``AUTH0_ORGANIZATION``.
        storage: Where the browser keeps the session: ``"local"`` (until logout), ``"session"``
            (until the tab closes) or ``"memory"`` (nowhere).
        show: How much is shown: the whole ``"card"``, one ``"button"``, or a ``"badge"`` of one
            line.
        login_hint: Whom the login page suggests, as an e-mail address.
        connection: The Auth0 connection to use, as in ``"google-oauth2"``.
        screen_hint: ``"signup"`` opens the login page at its registration form.
        ui_locales: Languages for the login page, separated by spaces.
        prompt: ``"login"`` asks for the password each time, ``"consent"`` for the agreement.
        acr_values: Authentication context wanted, such as that of a second factor.
        max_age: Seconds since the person last typed their password at most; verified at the login
            and when the browser's session is taken up.
        authorize_params: Any other authorization parameters; those that make a login safe, such
            as ``state``, are refused.
        end_auth0_session: Whether **Log out** ends Auth0's own session as well, in a small window,
            so that the next login asks for the password again.
        leeway: Seconds by which this machine's clock and the tenant's may differ.
        flow: ``"auto"``, what works where the notebook is open: a window, or a link or a code in
            the card, or a printed code where there is no page; `why` says which and why. Or by
            name: ``"popup"``, always a window; ``"loopback"``, a link to open in a browser on the
            kernel's machine; ``"device"``, where a person types a printed code in any browser;
            ``"hub"``, the login of a JupyterHub whose people log in with Auth0; or
            ``"client_credentials"``, where the application logs in as itself, with the secret in
            ``AUTH0_CLIENT_SECRET``. Or ``AUTH0_WIDGET_FLOW``. By default ``"auto"``.
        callback: How the login window's answer comes back: as a ``"message"``, or through the
            callback ``"page"`` of the Jupyter Server, which also works with login pages that cut
            their window off, as Google's does. Or ``AUTH0_WIDGET_CALLBACK``. By default
            ``"message"``.
        loopback_port: Where the kernel listens, at 127.0.0.1, for the answer of the flow
            ``"loopback"``; or ``AUTH0_WIDGET_LOOPBACK_PORT``. By default 18484.

    Attributes:
        status: ``"logged_out"``, ``"logging_in"``, ``"authenticated"``, ``"expired"`` or
            ``"error"``; observe it with ``login.observe(callback, "status")``.

    Raises:
        InvalidDomainError: The domain is missing or malformed.
        InvalidClientIdError: The client ID is missing or malformed.
        InvalidSettingError: Another setting is malformed.
        MissingBundleError: The front end was not built (in a checkout only).
    """

    # ipywidgets closes a widget that is dropped, even one whose settings were refused.
    _closers: tuple[Callable[[], object], ...] = ()

    # Not synced, as nothing here is: synced traits are saved with the notebook.
    status = traitlets.Enum(get_args(Status), "logged_out", read_only=True)

    def __init__(  # noqa: PLR0913 - one argument for each setting a user may give
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
        callback: Callback | None = None,
        loopback_port: int | None = None,
    ) -> None:
        settings = Settings.resolve(
            domain=domain,
            client_id=client_id,
            audience=audience,
            scope=scope,
            organization=organization,
            max_age=max_age,
            leeway=leeway,
            flow=flow,
            loopback_port=loopback_port,
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
            settings, current_kernel(), lambda made: flow_of(made, print_for_person), keep_in_server
        )
        super().__init__()
        reply_on_the_subshell_of_the_front_end(self.comm)
        self._login = login
        self._bridge = Bridge(
            Display(
                login=login,
                send=sending_from_any_thread(lambda message: self.send(dict(message))),
                storage="memory" if settings.flow == "hub" else storage,
                show=show,
                callback=resolved_callback,
                remote_kernel=remote_kernel_reason(),
                options=options,
                end_auth0_session=bool(end_auth0_session),
            )
        )
        bridge = self._bridge
        login.waiters.ask_in_mid_job = lambda seconds, is_needed: wait_in_mid_job(
            login, bridge, print, seconds, is_needed
        )
        if (why := no_page_reason(self.comm)) is not None:
            use_flow_without_page(login, why, print_for_person, options.conditions)
        self._closers = (self._bridge.close, self._login.listen(self._follow_status))
        self._follow_status()
        track_created(self, login, self._bridge.loaded_since)
        if settings.flow != "client_credentials":  # an application's tokens are for no browser
            self.on_msg(lambda _widget, content, _buffers: self._bridge.receive(content))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:  # noqa: ANN401 - as anywidget has it
        """The card; where the application logs in as itself, nobody could click it: the text."""
        if self._login.settings.flow == "client_credentials":
            return None
        self._login.prepare()
        track_displayed(self)
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = _TEXT_IN_PLACE_OF_CARD
        return bundle

    def __repr__(self) -> str:
        """What to write, for a console; asyncio says it, too, of what is no coroutine.

        An application's login is displayed as this, and a notebook's stored outputs should be the
        same with a person and without one.
        """
        login = getattr(self, "_login", None)  # a traceback shows one that is not made yet
        if login is not None and login.settings.flow == "client_credentials":
            return _TEXT_IN_PLACE_OF_CARD
        return "LoginWidget: `await login`, login.wait(), or as a task asyncio.ensure_future(login)"

    def __await__(self) -> Generator[Any, None, Session]:
        """The session: at once, or when the person has logged in.

        Raises:
            Auth0WidgetError: The login failed; the error says why and what to do.
        """
        return self._session_async().__await__()

    @property
    def session(self) -> Session | None:
        """The session, or None. Never waits."""
        self._login.expire_if_over()
        return self._login.session

    @property
    def why(self) -> str | None:
        """Why the way to log in is not a window, in one sentence; None where it is, or by name."""
        return self._login.why or self._bridge.why

    def wait(self, timeout: float | None = None) -> Session:
        """The session: at once, or when the person has logged in.

        In a notebook prefer ``session = await login``: a kernel that cannot hear the page while a
        cell blocks is found out within seconds, and only then.

        Args:
            timeout: Seconds to wait at most; None waits for as long as it takes.

        Raises:
            LoginTimeoutError: Nobody logged in within that time.
            KernelBlockedError: This kernel does not hear the page while a cell blocks.
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
        """A session that will last this long: renewed now, or asked for, or refused now.

        What is known is weighed: whether the tenant still takes the refresh token, which is tried,
        the end that a company's identity provider sets (``session_expiry``), and without a refresh
        token the access token's end. Nobody tells an application how long its refresh tokens live;
        that is printed, unless you say it.

        Args:
            hours: How long the coming job needs the session.
            on_expiry: What happens if it expires before all the same; see `Session.on_expiry`.
            refresh_token_lifetime: Seconds after the login for which the tenant takes refresh
                tokens: in Auth0 the application's Maximum Refresh Token Lifetime.

        Raises:
            SessionTooShortError: Not even a fresh login lasts that long.
            Auth0WidgetError: The login failed; the error says why and what to do.
        """
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
        """A session that may do more: with more scopes, for another API, by a second factor.

        Where the session that is there may do it, or its refresh token can get it, nobody is asked.
        Else the card asks the same person to click **Log in** once more, and this waits for it.
        What comes back is compared with what was asked for; the session that was there lives on.

        Args:
            audience: The API, if it is another than the login's. The session that is returned is
                for it, with a token, an end and hosts of its own, and ends with the login.
            scope: Scopes of that API, separated by spaces, beside those that the session has.
            acr_values: How the person is to log in, as the API or the tenant names it: in Auth0,
                ``http://schemas.openid.net/pape/policies/2007/06/multi-factor``.
            max_age: How many seconds ago they logged in at most.

        Raises:
            InvalidSettingError: An argument is malformed.
            ScopeNotGrantedError: The tenant did not grant all the scopes.
            AudienceNotGrantedError: The access token is for another API.
            AuthenticationNotMetError: The tenant has ignored ``acr_values``.
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
        """End the session here and in the browser; old `Session` objects stop working."""
        self._login.logout()

    def doctor(self) -> Report:
        """Whether this login can work here, and why not; as ``auth0-widget doctor`` says it.

        Show it as the last line of a cell. It logs nobody in, and asks the tenant a few questions.
        """
        from auth0_widget.doctor.examination import examine  # noqa: PLC0415 - seldom needed

        bridge = self._bridge
        return examine(self._login.settings, bridge.callback, bridge.page_addresses)

    def on_login(self, callback: Callable[[Session], object]) -> Callable[[], object]:
        """Have a function called with each session that begins: by a login or from the browser.

        It is called once for each, in a background thread, and not for renewals.

        Returns:
            A function that ends this.
        """
        return self._login.session_events.on_login(callback)

    def on_logout(self, callback: Callable[[], object]) -> Callable[[], object]:
        """Have a function called when a session ends by a logout or by another person's login.

        It is called once for each, not at expiry: by `logout`, before it returns, unless another
        callback is still at work; otherwise in a background thread.

        Returns:
            A function that ends this.
        """
        return self._login.session_events.on_logout(callback)

    def close(self) -> None:
        """Take the widget off the page. The session lives on for other widgets."""
        for stop in self._closers:
            stop()
        if self.comm is not None:
            self.layout.close()  # a widget of its own, which ipywidgets would keep
        super().close()

    async def _session_async(self) -> Session:
        return session_of(await wait_async(self._login, self._bridge, print))

    def _follow_status(self) -> None:
        # Again, where another thread has set an older one meanwhile.
        while self.status != (status := self._login.status):
            self.set_trait("status", status)
