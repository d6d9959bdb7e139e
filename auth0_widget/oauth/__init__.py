"""The protocol: the requests of an OAuth client to Auth0, and the checks of each response."""

import jwt

from auth0_widget.errors import ShadowedPackageError

# Two packages have the import name jwt, and pip installs one over the other. Without this check the
# first login would fail, far from the cause.
if not hasattr(jwt, "PyJWK"):
    raise ShadowedPackageError
