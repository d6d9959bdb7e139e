"""The reasons why a session cannot be renewed: a code for the card, and a sentence for people."""

from __future__ import annotations

from typing import Literal

NoRenewal = Literal["restored", "not_requested", "not_granted", "refused", "lost", "forked"]

NO_RENEWAL_SENTENCES: dict[NoRenewal, str] = {
    "restored": "it was restored from the browser, which never stores a refresh token",
    "not_requested": "the scope has no offline_access",
    "not_granted": "the tenant did not grant offline_access",
    "refused": "the tenant no longer takes its refresh token",
    "lost": "its refresh token was kept outside this process, and has been lost",
    "forked": "this is a forked child of the process that logged in",
}
"""Reason → the end of a sentence that begins with "it cannot be renewed: "."""
