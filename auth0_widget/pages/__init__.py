"""What one browser page and the login tell each other."""
