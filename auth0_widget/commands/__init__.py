"""The command ``auth0-widget``."""
