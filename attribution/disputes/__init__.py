"""Disputes over lines of statements, and sign-offs: what teams say to what they are charged."""

from attribution.disputes.disputes import answer, found, open_dispute, reject, settle
from attribution.disputes.sign_offs import check_signed, sign_off, signed

__all__ = ["answer", "check_signed", "found", "open_dispute", "reject", "settle", "sign_off", "signed"]
