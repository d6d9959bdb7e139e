"""``auth0-widget doctor``: what this machine, its Jupyter and the tenant say before a login."""
