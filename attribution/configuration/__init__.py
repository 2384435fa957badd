"""The library's part of the configuration: what a price is, who a team is, what is shared; and how statements take it."""

from attribution.configuration.billing import ChargeModel
from attribution.configuration.config import AttributionConfig, Dimension, Driver, keys_of
from attribution.configuration.config import Pool as Pool
from attribution.configuration.parameters import Followed, follow
from attribution.configuration.wildcards import any_of, matches, pattern_to_regex

__all__ = [
    "AttributionConfig",
    "ChargeModel",
    "Dimension",
    "Driver",
    "Followed",
    "Pool",
    "any_of",
    "follow",
    "keys_of",
    "matches",
    "pattern_to_regex",
]
