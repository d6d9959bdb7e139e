"""A JupyterHub whose users log in with Auth0, once for the hub and all their notebooks.

In the notebooks ``LoginWidget()`` then has a session without a click: ``flow="hub"`` uses the
access token that the hub keeps and renews. That needs numbers 2 and 3. Number 4 is for notebooks
that log in by themselves, with ``flow="popup"`` and ``callback="page"``. Leave out what you do not
use.

Set in the hub's environment:

* AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET of an application of type Regular Web
  Application, with the Allowed Callback URL HUB_URL/hub/oauth_callback and without refresh token
  rotation, because the hub may renew twice at the same time.
* HUB_URL, as in https://hub.example.com.
* JUPYTERHUB_CRYPT_KEY (openssl rand -hex 32), which encrypts the tokens.
"""

import os
import sys
import time

c = get_config()  # noqa: F821 - JupyterHub provides it

# 1. The hub logs people in with Auth0.

c.JupyterHub.authenticator_class = "auth0"
c.Auth0OAuthenticator.auth0_domain = os.environ["AUTH0_DOMAIN"]
c.Auth0OAuthenticator.client_id = os.environ["AUTH0_CLIENT_ID"]
c.Auth0OAuthenticator.client_secret = os.environ["AUTH0_CLIENT_SECRET"]
c.Auth0OAuthenticator.oauth_callback_url = f"{os.environ['HUB_URL']}/hub/oauth_callback"
c.Auth0OAuthenticator.allow_all = True  # or allowed_users, admin_users, …

# 2. It keeps and renews their tokens.

# openid: the notebooks verify by the ID token whose token it is. offline_access: a refresh token.
c.Auth0OAuthenticator.scope = ["openid", "profile", "email", "offline_access"]
# The API that the notebooks call. Without one the token is for Auth0's /userinfo only.
if os.environ.get("AUTH0_AUDIENCE"):
    c.Auth0OAuthenticator.extra_authorize_params = {"audience": os.environ["AUTH0_AUDIENCE"]}
c.Auth0OAuthenticator.enable_auth_state = True

RENEW_BEFORE = 600  # seconds: twice auth_refresh_age, so that no notebook meets an expired token


def add_expiry(_authenticator, auth_state):
    """Add when the access token expires, because the token response only has its lifetime."""
    response = auth_state["token_response"]
    response.setdefault("expires_at", time.time() + response["expires_in"])
    return auth_state


async def renew_ahead(authenticator, user, auth_state):
    """Renew a token before it expires. By itself, OAuthenticator renews it afterwards."""
    if not auth_state or not auth_state["refresh_token"]:
        return None  # OAuthenticator does what it does without this function
    lifetime = auth_state["token_response"]["expires_in"]
    ends_at = auth_state["token_response"]["expires_at"]
    if time.time() < ends_at - min(RENEW_BEFORE, lifetime / 2):
        return None
    asked = authenticator.build_refresh_token_request_params(auth_state["refresh_token"])
    try:
        response = await authenticator.get_token_info(None, asked)
    except Exception as error:  # noqa: BLE001 - after any error, the current token is still valid
        authenticator.log.warning("Renewing the token of %s failed: %s", user.name, error)
        return None
    response.setdefault("refresh_token", auth_state["refresh_token"])  # if it is not rotated
    person = auth_state[authenticator.user_auth_state_key]
    renewed = authenticator.build_auth_state_dict(response, person)
    return {"name": user.name, "auth_state": add_expiry(authenticator, renewed)}


c.Auth0OAuthenticator.modify_auth_state_hook = add_expiry
c.Auth0OAuthenticator.refresh_user_hook = renew_ahead

# 3. Each server may read the auth_state of its own user. There is no narrower scope. The auth_state
# contains the refresh token, too, so code on the server can read it.

c.JupyterHub.load_roles = [{"name": "user", "scopes": ["self", "admin:auth_state!user"]}]
c.Spawner.server_token_scopes = [
    "users:activity!user",  # these two are the default
    "access:servers!server",
    "admin:auth_state!user",
]
c.Spawner.environment = {
    "AUTH0_DOMAIN": os.environ["AUTH0_DOMAIN"],
    "AUTH0_CLIENT_ID": os.environ["AUTH0_CLIENT_ID"],
    "AUTH0_AUDIENCE": os.environ.get("AUTH0_AUDIENCE", ""),
    "AUTH0_WIDGET_FLOW": "hub",
    # 4. below
    "AUTH0_WIDGET_CALLBACK_PAGE": "/services/auth0-widget/callback",
}

# 4. One callback page for all users: HUB_URL/services/auth0-widget/callback is then the only
# Allowed Callback URL of the notebooks' own application (type Native).

c.JupyterHub.services = [
    {
        "name": "auth0-widget",
        "url": "http://127.0.0.1:10101",
        "command": [sys.executable, "-m", "auth0_widget.server.hub_service"],
    }
]
