"""The keeper: one process of a user's Jupyter holds the refresh token for all of them.

The Jupyter Server keeps it (``keeper.server``), a kernel asks it (``keeper.client``), and both
speak over ``keeper.channel`` in the messages of ``keeper.messages``.
"""
