"""The protocol: the requests of an OAuth client to Auth0, and the checks of each response."""

import sys
from importlib.util import find_spec

from auth0_widget.errors import ShadowedPackageError


def _is_pyjwt() -> bool:
    """Whether the module jwt is PyJWT's, without loading it, which takes 0.1 s."""
    spec = find_spec("jwt")
    places = spec.submodule_search_locations if spec is not None else None
    return places is not None and any(
        finder.find_spec("jwt.api_jwk", places) is not None for finder in sys.meta_path
    )


# Two packages have the import name jwt, and pip installs one over the other. Without this check the
# first login would fail, far from the cause.
if not _is_pyjwt():
    raise ShadowedPackageError
