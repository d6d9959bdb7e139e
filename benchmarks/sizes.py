"""How many bytes of JavaScript and CSS a page gets."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from measure import Row, Table

HERE = Path(__file__).parent
ROOT = HERE.parent
STATIC = ROOT / "auth0_widget" / "static"
ESBUILD = ROOT / "js" / "node_modules" / ".bin" / "esbuild"

# What each is used for: to log a person in, in a window or a redirect. oauth4webapi is a set of
# functions: those for a code with PKCE, an ID token and a profile.
OAUTH4WEBAPI = (
    "None",
    "authorizationCodeGrantRequest",
    "calculatePKCECodeChallenge",
    "discoveryRequest",
    "generateRandomCodeVerifier",
    "generateRandomNonce",
    "generateRandomState",
    "getValidatedIdTokenClaims",
    "processAuthorizationCodeResponse",
    "processDiscoveryResponse",
    "processUserInfoResponse",
    "userInfoRequest",
    "validateAuthResponse",
)
ALTERNATIVES = {
    "@auth0/auth0-spa-js": 'export { createAuth0Client } from "@auth0/auth0-spa-js";',
    "oidc-client-ts": 'export { UserManager } from "oidc-client-ts";',
    "auth0-lock": 'export { default } from "auth0-lock";',
    "oauth4webapi": f'export {{ {", ".join(OAUTH4WEBAPI)} }} from "oauth4webapi";',
}
IPYAUTH = "ipyauth==0.2.6"


def measure(_runs: int) -> Table:
    """Ours, and the alternatives, bundled by the same esbuild with the same options."""
    table = Table(
        "Bytes",
        "Each alternative is bundled and minified by the esbuild that bundles ours, with the "
        "parts that a login needs; ipyauth comes from PyPI as it is. The bundle has no spread.",
    )
    sent = [(STATIC / name).read_bytes() for name in ("widget.js", "widget.css")]
    fetched = [(STATIC / "page.js").read_bytes()]
    table.rows += _rows(
        "auth0-widget, sent with each widget and saved with it", sent, (12_000, 4500)
    )
    table.rows += _rows("auth0-widget, fetched once in each page", fetched)
    message = len(json.dumps(fetched[0].decode()))
    table.rows.append(Row("… as text of a message, as kernels send it", [message], "bytes"))
    table.rows += _rows("auth0-widget, both", sent + fetched)
    with tempfile.TemporaryDirectory() as folder:
        for package, source in ALTERNATIVES.items():
            version = _version(package)
            table.rows += _rows(f"{package} {version}", [bundled(source)])
        try:
            table.rows += _rows(f"ipyauth {IPYAUTH[9:]}, sent once", [_ipyauth(Path(folder))])
        except subprocess.CalledProcessError:
            table.rows.append(Row("ipyauth", note="PyPI could not be reached"))
    return table


def _rows(what: str, files: list[bytes], limits: tuple[int, int] | None = None) -> list[Row]:
    raw = sum(map(len, files))
    zipped = sum(len(gzip.compress(file)) for file in files)
    raw_limit, gzip_limit = limits or (None, None)
    return [
        Row(what, [raw], "bytes", at_most=raw_limit),
        Row(f"{what}, gzip", [zipped], "bytes", at_most=gzip_limit),
    ]


def _version(package: str) -> str:
    content = json.loads(
        (HERE / "node_modules" / package / "package.json").read_text(encoding="utf-8")
    )
    return str(content["version"])


def bundled(source: str) -> bytes:
    """A module, with all that it imports, in one file."""
    command = [
        str(ESBUILD),
        *("--bundle", "--minify", "--format=esm", "--target=es2022", "--charset=utf8"),
        *("--log-level=error", "--define:global=window"),
    ]
    # From standard input: its imports are looked up in this folder.
    done = subprocess.run(command, input=source.encode(), cwd=HERE, check=True, capture_output=True)
    return done.stdout


def _ipyauth(folder: Path) -> bytes:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", IPYAUTH]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (wheel,) = folder.glob("ipyauth-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        name = next(one for one in archive.namelist() if one.endswith("/static/index.js"))
        return archive.read(name)
