"""Today's conventions and prices for stored spans; the ledger gets the differences."""

from attribution.repricing.repricing import Difference, Repricing, completing, reprice, repricing

__all__ = ["Difference", "Repricing", "completing", "reprice", "repricing"]
