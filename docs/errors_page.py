"""Writes troubleshooting.md from the error classes: ``python docs/errors_page.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from doctor_runs import runs

import auth0_widget.commands.demo  # noqa: F401 - defines an error of its own
from auth0_widget.errors import Auth0WidgetError, MissingExtraError

if TYPE_CHECKING:
    from doctor_runs import Run

PAGE = Path(__file__).parent / "troubleshooting.md"

_HEAD = """\
# Troubleshooting

Every failure has a code, a sentence and a next step. The card shows them, and in Python they are
`error.code`, `error.message` and `error.next_step`. `except Auth0WidgetError` catches them all; a
class below it catches a family of them.

This page is made from the error classes (`make docs`), so it is complete.

## Errors in the login window

Auth0 shows these errors itself and does not send them to the notebook: the card keeps saying that
the login is in progress, until you close the window or click **Cancel**.

* **Callback URL mismatch:** the address that the notebook is open at is not among the application's
  **Allowed Callback URLs**. Auth0 compares whole addresses: `http://localhost:8888` and
  `http://127.0.0.1:8888` are two, and so is every other port. Enter the origin of your Jupyter as
  the address bar has it, without a path (with `callback="page"`, the address of the callback page),
  in **Allowed Callback URLs** and in **Allowed Web Origins**.
* **A page that asks whether it is you who logs in**, with the buttons Accept and Decline: you are
  logged in to Auth0 already, and your notebook is on your own machine, at `localhost` or
  `127.0.0.1`, where any program could listen for the response. Click **Accept** if you have just
  clicked **Log in**. The application's switch is *Non-Verifiable Callback URI End-User
  Confirmation* (Advanced Settings, OAuth); see [security](security.md). With
  `authorize_params={"prompt": "none"}` Auth0 refuses such a login.
* **Unknown client**, or **Oops, something went wrong** at once: `client_id` is that of another
  tenant, or `domain` is.
"""

_DOCTOR = """\
## Ask the doctor first

`auth0-widget doctor` checks everything that a login needs and says what is wrong. Run it in a
terminal, in a notebook as `!auth0-widget doctor`, or as `login.doctor()`, which knows the widget's
own settings and pages. Its last line names the ways to log in that can work. Its exit code is 0 if
there is one, and 1 if there is none or that is unclear. Its output has nothing secret or personal
in it, so you can paste it into an issue. It sends the tenant requests with made-up codes, which
Auth0's log shows as failed exchanges. With an `audience` it also asks for a code, which nobody
types. With `flow="client_credentials"` it asks for one token, as the job does.

The doctor cannot check what the tenant does not reveal: whether refresh tokens rotate, whether the
Allowed Logout URLs are right, and whether a person may log in. It sees that the API of `audience`
does not exist at the address of a page or of a link, or by the code that it asks for. The local
tenant gives no code for such an API; whether Auth0 does was not tried.

Here it ran with a local tenant in place of Auth0. {healthy.title} is wrong:

```text
{healthy.text}```

If something is wrong, these lines differ:

{broken}
"""


def every_error() -> list[type[Auth0WidgetError]]:
    """The errors in the order of their tree, parents first."""

    def below(error: type[Auth0WidgetError]) -> list[type[Auth0WidgetError]]:
        children = [child for child in error.__subclasses__() if _is_ours(child)]
        return [error, *(one for child in children for one in below(child))]

    return below(Auth0WidgetError)


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, _doctor(), "## Every error\n", *map(_section, every_error())])


def _doctor() -> str:
    healthy, *broken = runs()
    usual = set(healthy.text.splitlines())
    return _DOCTOR.format(
        healthy=healthy, broken="\n\n".join(_what_is_other(run, usual) for run in broken)
    )


def _what_is_other(run: Run, usual: set[str]) -> str:
    lines = [line for line in run.text.splitlines() if line and line not in usual]
    other = "\n".join(line for line in lines if not line.startswith("  Allowed"))
    return f"**{run.title}:**\n\n```text\n{other}\n```"


def _section(error: type[Auth0WidgetError]) -> str:
    example = error("demo") if issubclass(error, MissingExtraError) else error()
    cause = " ".join((error.__doc__ or "").split("\n\n")[0].split())
    family = error.__mro__[1].__name__
    of = "" if error is Auth0WidgetError else f", a `{family}`"
    return f"""\
### `{error.code}`

`{error.__name__}`{of}

* **You read:** {example.message}
* **Cause:** {cause}
* **What to do:** {example.next_step}
"""


def _is_ours(error: type[Auth0WidgetError]) -> bool:
    return error.__module__.startswith("auth0_widget.")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
