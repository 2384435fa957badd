"""What a span used and what that costs: the one way from attributes to both, off the wire or out of the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attribution.configuration import AttributionConfig
from attribution.conventions import Conventions, Decode, Reading, as_it_is
from attribution.prices import Price, PriceBook

Appraisal = tuple[Reading, Price]
"""What the conventions read and what the prices say of it."""


class Appraiser:
    """Reads and prices spans as a configuration says."""

    def __init__(self, config: AttributionConfig, decode: Decode = as_it_is) -> None:
        """`decode`: makes a Value of an attribute as `appraise` is given it."""
        self.prices = PriceBook(config.pricing)
        self._distrusted = frozenset(name for name, sender in config.senders.items() if sender.reported_costs == "ignore")
        dimensions = {str(name): keys for name, keys in config.dimensions.items()}
        self.conventions = Conventions(dimensions, self.prices.measures, decode)

    def appraise(
        self,
        scope: str,
        name: str,
        service: str,
        attributes: Mapping[str, Any],
        start_ns: int,
        duration_ns: int,
        *,
        failed: bool = False,
        sender: str = "",
    ) -> Appraisal:
        """Read and price one span.

        Args:
            scope: name of the instrumentation scope.
            name: the span's name.
            service: `service.name` of its resource.
            attributes: the span's own; those that are not `conventions.wanted` may be left out.
            start_ns: its start, ns since the epoch.
            duration_ns: how long it took.
            failed: its status is an error.
            sender: who sent it.

        """
        reading = self.conventions.read_span(scope, name, attributes, failed=failed)
        price = self.prices.price(reading, start_ns, duration_ns, name=name, service=service)
        if sender in self._distrusted and (reading.reported_cost is not None or reading.cache_hit):
            # What it said is kept beside what the prices say (R5, R16). That a cache answered says that the call cost nothing.
            said = price.reported_cost
            reading.reported_cost, reading.cache_hit = None, False
            price = self.prices.price(reading, start_ns, duration_ns, name=name, service=service)._replace(reported_cost=said)
        return reading, price
