"""The session of one login of one person: its tokens, its user, request auth, stored record."""
