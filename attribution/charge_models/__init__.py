"""What teams are charged for what they cost. It lies over attribution: no posting is changed by it."""

from attribution.charge_models.charges import Charge, Part, charges_of, charges_of_month

__all__ = ["Charge", "Part", "charges_of", "charges_of_month"]
