"""The protocol: what an OAuth client asks of Auth0 and how it checks the responses."""
