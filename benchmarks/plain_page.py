"""A plain page that logs in with auth0-spa-js, as a single-page application does."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from sizes import bundled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auth0_widget.local_tenant import LocalTenant

_PAGE = """<!doctype html><meta charset="utf-8"><title>auth0-spa-js</title>
<button>Log in</button><output></output><pre></pre>
<script type="module">
import {{ Auth0Client }} from "/sdk.js";
const begun = performance.now();
const client = new Auth0Client({{
  domain: "{tenant}",
  clientId: "{client_id}",
  cacheLocation: "localstorage",
  authorizationParams: {{ redirect_uri: location.origin, scope: "openid profile email" }},
}});
let responded;
addEventListener("message", ({{ data }}) => {{
  if (data?.type === "authorization_response") responded = performance.now();
}}, true);
const [output, told] = [document.querySelector("output"), document.querySelector("pre")];
document.querySelector("button").onclick = async () => {{
  output.textContent = "";
  await client.loginWithPopup();
  const session = performance.now();
  output.textContent = session - responded;
}};
window.forget = () => {{ localStorage.clear(); document.cookie.split("; ").forEach((one) => {{
  document.cookie = one.split("=")[0] + "=; max-age=0; path=/";
}}); }};
await client.checkSession();
const user = await client.getUser();
if (user) told.textContent = performance.now() - begun;
else told.textContent = "nobody";
</script>
"""


@contextmanager
def plain_page(tenant: LocalTenant) -> Iterator[str]:
    """The address of the page, at an origin that the tenant allows."""
    sdk = bundled('export { Auth0Client } from "@auth0/auth0-spa-js";')
    page = _PAGE.format(tenant=tenant.url, client_id=tenant.client_id).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = self.path == "/sdk.js"
            content = sdk if script else page
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if script else "text/html")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{server.server_address[1]}"
        tenant.allow_origin(origin)
        yield origin
        server.shutdown()
