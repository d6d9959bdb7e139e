"""The login for notebooks."""
