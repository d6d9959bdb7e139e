"""The login of one application: status, session, waiting cells, listeners, expiry.

Nothing in this package imports Jupyter.
"""
