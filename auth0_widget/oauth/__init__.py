"""The protocol: the requests of an OAuth client to Auth0, and the checks of each response."""

import sys
from importlib.util import find_spec

from auth0_widget.errors import ShadowedPackageError


def _is_pyjwt() -> bool:
    """Whether the module jwt is PyJWT's, without loading it, which takes 0.1 s."""
    if "jwt" in sys.modules:
        return hasattr(sys.modules["jwt"], "PyJWK")
    spec = find_spec("jwt")
    # The other package leaves most files of PyJWT where they are, and replaces __init__.py.
    get_source = getattr(spec.loader, "get_source", None) if spec is not None else None
    source = get_source("jwt") if get_source is not None else None
    return source is None or "api_jwk" in source


# Two packages have the import name jwt, and pip installs one over the other. Without this check the
# first login would fail, far from the cause.
if not _is_pyjwt():
    raise ShadowedPackageError
