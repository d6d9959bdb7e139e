"""The state that the routes of one tenant share. There is no global state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from auth0_widget.local_tenant.failures import Failures
from auth0_widget.local_tenant.keys import KeyRing
from auth0_widget.local_tenant.ledger import Authorization, Ledger
from auth0_widget.local_tenant.rate_limits import RateLimits
from auth0_widget.local_tenant.request_log import Requests
from auth0_widget.local_tenant.sessions import Session, Sessions, Transaction
from auth0_widget.local_tenant.step_up import MULTI_FACTOR

if TYPE_CHECKING:
    from auth0_widget.local_tenant.settings import Settings

Claims = dict[str, Any]
MutateIdToken = Callable[[Claims], "Claims | str"]
MutateResponse = Callable[[dict[str, Any]], Any]


@dataclass
class Hooks:
    """Functions of tests that change the tenant's responses."""

    id_token: MutateIdToken | None = None
    response: dict[str, MutateResponse] = field(default_factory=dict)

    def apply(self, path: str, content: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a hook may return anything
        """The content of a response, changed by the hook for this path if there is one."""
        hook = self.response.get(path)
        return hook(dict(content)) if hook else content


@dataclass
class Context:
    """Settings, state and hooks of one tenant."""

    settings: Settings
    ledger: Ledger
    sessions: Sessions
    keys: KeyRing = field(default_factory=KeyRing)
    requests: Requests = field(default_factory=Requests)
    failures: Failures = field(default_factory=Failures)
    rate_limits: RateLimits = field(default_factory=RateLimits)
    hooks: Hooks = field(default_factory=Hooks)

    @classmethod
    def of(cls, settings: Settings) -> Context:
        """The state of a new tenant with these settings."""
        return cls(settings, Ledger(settings), Sessions(settings))

    def authorize(self, transaction: Transaction, session: Session) -> Authorization:
        """The authorization that this person gives in a transaction."""
        return Authorization(
            client=transaction.client,
            user=session.user,
            audience=transaction.audience,
            scope=transaction.scope,
            session_id=session.id,
            nonce=transaction.nonce,
            auth_time=session.auth_time,
            includes_auth_time=transaction.asks_auth_time,
            acr=MULTI_FACTOR if transaction.second_factor_given else None,
            organization=transaction.organization,
            created_at=self.settings.now(),
        )
