"""Writes troubleshooting.md from the errors themselves: ``python docs/errors_page.py``."""

from __future__ import annotations

from pathlib import Path

import auth0_widget.commands.demo  # noqa: F401 - defines an error of its own
from auth0_widget.errors import Auth0WidgetError, MissingExtraError

PAGE = Path(__file__).parent / "troubleshooting.md"

_HEAD = """\
# Troubleshooting

Every failure has a code, a sentence and a next step. The card shows them, and in Python they are
`error.code`, `error.message` and `error.next_step`. Catch them all with `Auth0WidgetError`, or a
family of them by its class.

This page is made from the errors themselves (`make docs`), so it has every one.

## What Auth0 says in the login window

Auth0 shows these itself, and tells the notebook nothing: the card goes on saying that the login is
in progress, until you close the window or click **Cancel**.

* **Callback URL mismatch:** the address that the notebook is open at is not among the application's
  **Allowed Callback URLs**. Auth0 compares whole addresses: `http://localhost:8888` and
  `http://127.0.0.1:8888` are two, and so is every other port. Enter the origin of your Jupyter as
  the address bar has it, without a path (with `callback="page"`, the address of the callback page),
  in **Allowed Callback URLs** and in **Allowed Web Origins**.
* **Unknown client**, or **Oops, something went wrong** at once: `client_id` is that of another
  tenant, or `domain` is.
"""


def every_error() -> list[type[Auth0WidgetError]]:
    """The errors in the order of their tree, parents first."""

    def below(error: type[Auth0WidgetError]) -> list[type[Auth0WidgetError]]:
        children = [child for child in error.__subclasses__() if _is_ours(child)]
        return [error, *(one for child in children for one in below(child))]

    return below(Auth0WidgetError)


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *map(_section, every_error())])


def _section(error: type[Auth0WidgetError]) -> str:
    example = error("demo") if issubclass(error, MissingExtraError) else error()
    cause = " ".join((error.__doc__ or "").split("\n\n")[0].split())
    family = error.__mro__[1].__name__
    of = "" if error is Auth0WidgetError else f", a `{family}`"
    return f"""\
## `{error.code}`

`{error.__name__}`{of}

* **You read:** {example.message}
* **Cause:** {cause}
* **What to do:** {example.next_step}
"""


def _is_ours(error: type[Auth0WidgetError]) -> bool:
    return error.__module__.startswith("auth0_widget.")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
