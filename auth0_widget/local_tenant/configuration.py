"""The configuration of a local tenant in a TOML file (``auth0-widget tenant --config``).

Every name and every type is checked, so that a typing error is reported and not ignored.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from auth0_widget.errors import InvalidSettingError
from auth0_widget.local_tenant.failure_kinds import check_kind
from auth0_widget.local_tenant.failures import path_of
from auth0_widget.local_tenant.model import Api, Application, Organization, User
from auth0_widget.local_tenant.settings import Lifetimes, default_applications

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FILE: dict[str, type] = {
    "port": int, "password": str, "origins": list, "logout_urls": list, "auto_approve": str,
    "lifetimes": dict, "users": list, "apis": list, "applications": list, "organizations": list,
    "failures": list, "revocation_deletes_grant": bool, "rate_limits": bool,
    "confirms_non_verifiable_callbacks": bool,
}  # fmt: skip
_USER: dict[str, type] = {
    "email": str, "name": str, "nickname": str, "given_name": str, "family_name": str,
    "picture": str, "email_verified": bool, "user_id": str, "updated_at": str, "claims": dict,
}  # fmt: skip
_API: dict[str, type] = {
    "identifier": str, "name": str, "scopes": dict, "token_lifetime": int,
    "allow_offline_access": bool, "signing_algorithm": str, "signing_secret": str,
    "skip_consent": bool, "mfa_scopes": list, "tells_authentication": bool,
}  # fmt: skip
_APPLICATION: dict[str, type] = {
    "client_id": str, "name": str, "callbacks": list, "web_origins": list, "logout_urls": list,
    "client_secret": str, "grant_types": list, "rotate_refresh_tokens": bool,
    "refresh_token_overlap": int, "client_grants": dict, "first_party": bool,
    "confirms_non_verifiable_callbacks": bool,
    "refresh_token_policies": dict,
}  # fmt: skip
_ORGANIZATION: dict[str, type] = {"id": str, "name": str, "display_name": str, "members": list}
_FAILURE: dict[str, type] = {"path": str, "status": int, "times": int, "body": str}
_NAMED_FAILURE: dict[str, type] = {
    "endpoint": str, "kind": str, "grant": str, "times": int, "status": int, "error": str,
    "description": str, "retry_after": int, "location": str,
}  # fmt: skip
_LIFETIMES: dict[str, type] = {one.name: int for one in fields(Lifetimes)}
_TYPE_NAMES = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


@dataclass
class Configuration:
    """The content of a file.

    Attributes:
        port: The TCP port, or None where the file names none.
        arguments: The arguments of ``LocalTenant``, without ``port``.
        failures: The arguments of ``LocalTenant.fail`` for each failure with a ``kind``, and of
            ``LocalTenant.fail_next`` for the others, in order.
    """

    port: int | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    failures: list[dict[str, Any]] = field(default_factory=list)


def read_configuration(path: Path) -> Configuration:
    """The configuration in a TOML file.

    Raises:
        InvalidSettingError: The file cannot be read, is no TOML, or has a setting that is
            unknown, missing or of the wrong type.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # Windows writes a BOM
    except UnicodeDecodeError:
        raise _refusal(path, "is not encoded as UTF-8. Save it as UTF-8") from None
    except (OSError, ValueError) as error:
        raise _refusal(path, f"cannot be read: {error}") from None
    try:
        return _configuration(content)
    except ValueError as error:
        raise _refusal(path, str(error)) from None


def _configuration(content: Mapping[str, Any]) -> Configuration:
    arguments = dict(_checked(content, _FILE, "the file"))
    port, failures = arguments.pop("port", None), arguments.pop("failures", [])
    for name, model, known, needed in (
        ("users", User, _USER, ("email", "name")),
        ("apis", Api, _API, ("identifier", "name")),
        ("applications", Application, _APPLICATION, ("client_id", "name")),
        ("organizations", Organization, _ORGANIZATION, ("id", "name")),
    ):
        if name in arguments:
            tables = _tables(arguments[name], known, needed, name)
            arguments[name] = [model(**table) for table in tables]
    if "lifetimes" in arguments:
        lifetimes = _checked(arguments["lifetimes"], _LIFETIMES, "[lifetimes]")
        arguments["lifetimes"] = Lifetimes(**lifetimes)
    if "apis" in arguments and "applications" not in arguments:
        # The default job may use every API of the file.
        applications = default_applications()
        applications[-1].client_grants = {
            api.identifier: list(api.scopes) for api in arguments["apis"]
        }
        arguments["applications"] = applications
    return Configuration(
        port=port,
        arguments=arguments,
        failures=[_failure(table, number) for number, table in enumerate(failures, 1)],
    )


def _failure(table: Any, number: int) -> dict[str, Any]:  # noqa: ANN401 - whatever the file has
    where = f"[[failures]] number {number}"
    if not isinstance(table, dict) or not ("endpoint" in table or "kind" in table):
        return _table(table, _FAILURE, ("path", "status"), where)
    checked = _table(table, _NAMED_FAILURE, ("endpoint", "kind"), where)
    path_of(checked["endpoint"])
    check_kind(checked["kind"])
    return checked


def _tables(
    tables: list[Any], known: dict[str, type], needed: tuple[str, ...], name: str
) -> list[dict[str, Any]]:
    return [
        _table(table, known, needed, f"[[{name}]] number {number}")
        for number, table in enumerate(tables, 1)
    ]


def _table(
    table: Any,  # noqa: ANN401 - whatever the file has
    known: dict[str, type],
    needed: tuple[str, ...],
    where: str,
) -> dict[str, Any]:
    if not isinstance(table, dict):
        message = f"{where} is not a table"
        raise ValueError(message)  # noqa: TRY004 - the caller adds the file's name
    checked = _checked(table, known, where)
    for key in needed:
        if key not in table:
            message = f"{where} has no {key}"
            raise ValueError(message)
    return checked


def _checked(table: Mapping[str, Any], known: dict[str, type], where: str) -> dict[str, Any]:
    for key, value in table.items():
        if key not in known:
            message = f"{where} has {key!r}, which is none of {', '.join(known)}"
            raise ValueError(message)
        if type(value) is not known[key]:
            message = f"{key} in {where} is not {_TYPE_NAMES[known[key]]}"
            raise ValueError(message)
    return dict(table)


def _refusal(path: Path, why: str) -> InvalidSettingError:
    return InvalidSettingError(
        f"The configuration {path.name} is not usable: {why}.",
        next_step="See 'auth0-widget tenant --help' for an example.",
    )
