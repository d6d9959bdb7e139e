"""``auth0-widget doctor``: checks this machine, its Jupyter and the tenant before a login."""
