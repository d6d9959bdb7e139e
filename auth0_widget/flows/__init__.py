"""The ways to log in. Each ends in ``session.establish``, with tokens from ``protocol``."""
