"""How other processes ask a kernel for the next access token. Nothing here knows sessions."""
