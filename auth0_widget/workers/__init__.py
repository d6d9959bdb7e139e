"""How other processes ask a kernel for the next access token. Does not import `session`."""
