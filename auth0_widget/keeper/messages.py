"""The messages between a kernel and the keeper: a closed, typed set.

The kernel first sends `Join`, once for each login. The keeper replies with `Stored`, and sends it
again after each change of the login. Each other message of the kernel has a number, and the keeper
replies with a `Done` or `Failed` with the same number. No message of the keeper contains a refresh
token. A malformed message ends the connection, because the other side is of another version.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from auth0_widget.errors import KeeperError
from auth0_widget.session.record import MAX_RECORD

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_TOKEN = 64 * 1024
_MAX_FIELD = 4096


@dataclass(frozen=True, slots=True)
class Join:
    """Names the login that the kernel has, by its settings."""

    type: Literal["join"] = field(default="join", init=False)
    domain: str
    client_id: str
    audience: str | None
    organization: str | None
    scope: str


@dataclass(frozen=True, slots=True)
class Keep:
    """A person has logged in, in this kernel. Contains the record and the refresh token."""

    type: Literal["keep"] = field(default="keep", init=False)
    number: int
    record: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Renew:
    """The kernel needs another access token than the one with this SHA-256 digest, as hex.

    If there is an ``audience``, the access token is for that API, and not for that of the login.
    """

    type: Literal["renew"] = field(default="renew", init=False)
    number: int
    session_id: str
    digest: str
    audience: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class LogOut:
    """The person has logged out, in this kernel, at this time in seconds since 1970."""

    type: Literal["log_out"] = field(default="log_out", init=False)
    number: int
    at: float


@dataclass(frozen=True, slots=True)
class Stored:
    """What the keeper stores: a record, a tombstone, or nothing.

    ``renewable`` says whether the keeper has a refresh token for the session of the record.
    """

    type: Literal["stored"] = field(default="stored", init=False)
    record: str | None = field(repr=False)
    renewable: bool


@dataclass(frozen=True, slots=True)
class Done:
    """The request is done. After `Renew`, ``record`` is that of the renewed session."""

    type: Literal["done"] = field(default="done", init=False)
    number: int
    record: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Failed:
    """The request has failed, with an error of this code.

    ``oauth_error`` and ``oauth_description`` are those of the tenant (RFC 6749, 5.2).
    ``retry_after`` is in seconds.
    """

    type: Literal["failed"] = field(default="failed", init=False)
    number: int
    code: str
    message: str
    next_step: str
    oauth_error: str | None
    oauth_description: str | None
    retry_after: float | None


ToKeeper: TypeAlias = Join | Keep | Renew | LogOut
ToKernel: TypeAlias = Stored | Done | Failed

_TO_KEEPER: dict[str, type[ToKeeper]] = {
    "join": Join,
    "keep": Keep,
    "renew": Renew,
    "log_out": LogOut,
}
_TO_KERNEL: dict[str, type[ToKernel]] = {"stored": Stored, "done": Done, "failed": Failed}
_MAX_LENGTHS = {"record": MAX_RECORD, "refresh_token": _MAX_TOKEN}


def to_json(message: ToKeeper | ToKernel) -> dict[str, Any]:
    """A message as it is sent."""
    return asdict(message)


def parse_to_keeper(content: dict[str, Any]) -> ToKeeper:
    """Parse a message of a kernel.

    Raises:
        KeeperError: It is not one of `ToKeeper`.
    """
    return _parse(content, _TO_KEEPER)


def parse_to_kernel(content: dict[str, Any]) -> ToKernel:
    """Parse a message of the keeper.

    Raises:
        KeeperError: It is not one of `ToKernel`.
    """
    return _parse(content, _TO_KERNEL)


_Message = TypeVar("_Message")


def _parse(content: dict[str, Any], types: Mapping[str, type[_Message]]) -> _Message:
    kind = content.get("type")
    message_type = types.get(kind) if isinstance(kind, str) else None
    if message_type is None:
        raise KeeperError("The data on the keeper's channel is not a message.")
    values = {name: value for name, value in content.items() if name != "type"}
    wanted = {each.name: str(each.type) for each in fields(message_type) if each.init}  # type: ignore[arg-type] # each is a dataclass
    if values.keys() != wanted.keys() or not all(
        _fits(name, values[name], annotation) for name, annotation in wanted.items()
    ):
        raise KeeperError("A message on the keeper's channel is malformed.")
    return message_type(**values)


def _fits(name: str, value: object, annotation: str) -> bool:
    """Whether a value has the type of its field, and a text is not too long."""
    if value is None:
        return annotation.endswith(" | None")
    match annotation.removesuffix(" | None"):
        case "str":
            return isinstance(value, str) and len(value) <= _MAX_LENGTHS.get(name, _MAX_FIELD)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "bool":
            return isinstance(value, bool)
    return False
