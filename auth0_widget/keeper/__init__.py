"""The keeper: the Jupyter Server of a user has the refresh tokens for all of their kernels.

``keeper.keeper`` runs in the Jupyter Server, ``keeper.kept_login`` and ``keeper.client`` in each
kernel. They exchange ``keeper.messages`` over ``keeper.channel``.
"""
