"""The protocol: what an OAuth client asks of Auth0 and how it checks the responses."""

import jwt

from auth0_widget.errors import ShadowedPackageError

# Two packages have the import name jwt, and pip does not mind. Without this the first login would
# fail, far from the cause.
if not hasattr(jwt, "PyJWK"):
    raise ShadowedPackageError
