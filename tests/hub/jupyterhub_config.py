"""The example of the documentation, on this machine and with the local tenant for Auth0."""

import json
import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821 - JupyterHub provides it

load_subconfig(os.environ["EXAMPLE"])  # noqa: F821 - as well

tenant, here = os.environ["AUTH0_DOMAIN"], Path(os.environ["HUB_DIRECTORY"])
hub, proxy, service = json.loads(os.environ["HUB_PORTS"])

c.JupyterHub.bind_url = os.environ["HUB_URL"]
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{hub}"
c.JupyterHub.db_url = f"sqlite:///{here / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(here / "cookie_secret")
c.ConfigurableHTTPProxy.command = json.loads(os.environ["HUB_PROXY"])
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{proxy}"
c.ConfigurableHTTPProxy.pid_file = str(here / "proxy.pid")
c.JupyterHub.services[0]["url"] = f"http://127.0.0.1:{service}"

# Auth0's addresses are of https; the local tenant's are of this machine.
c.Auth0OAuthenticator.authorize_url = f"{tenant}/authorize"
c.Auth0OAuthenticator.token_url = f"{tenant}/oauth/token"
c.Auth0OAuthenticator.userdata_url = f"{tenant}/userinfo"
c.Auth0OAuthenticator.logout_redirect_url = ""

# Everybody's server is a process of whoever runs the tests, in a folder of its own.
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(here / "{username}")
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root"] if os.geteuid() == 0 else []
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
c.Spawner.env_keep = [*os.environ]
c.Authenticator.auth_refresh_age = 1  # else the story of the renewal would take five minutes
