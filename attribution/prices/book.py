"""The one place where a span's cost is decided (R5)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from genai_prices.data_snapshot import get_snapshot

from attribution.config import Pricing
from attribution.conventions import Reading
from attribution.prices.catalog import Catalog, Context, PricedModel
from attribution.prices.contracts import Contract, Contracts
from attribution.prices.formula import Quantities
from attribution.prices.listing import PriceRow, rows_in_force
from attribution.prices.price import Price, Source, rounded
from attribution.prices.usage import WEB_SEARCHES, has_media, is_counted, media_used, text_used, units_used

_BUCKETS = {
    "execute_tool": "tool",
    **dict.fromkeys(("retrieval", "search_memory", "create_memory", "update_memory", "delete_memory"), "storage"),
    **dict.fromkeys(("chat", "generate_content", "text_completion", "embeddings", "rerank", "decide"), "llm"),
    **dict.fromkeys(("image_generation", "speech", "transcription"), "llm"),
}
"""By operation; the work of agents, chains and plain spans is orchestration."""
_NOTHING = {bucket: Price("none", bucket, Decimal(0), "none", "", None, None) for bucket in ("llm", "tool", "storage", "orchestration")}
_WEB_SEARCH = "web_search"
_NO_FEE = (Decimal(0), "")
_CACHE_HIT = "rule:cache_hit"

Figure = tuple[Decimal, str]
"""An amount that is not rounded, and the id of the price that gave it."""


class PriceBook:
    """Contract prices, genai-prices' book and the rules for tools, as the configuration orders them.

    Args:
        pricing: the section `pricing` of the configuration.

    """

    def __init__(self, pricing: Pricing) -> None:
        self._contracts = Contracts(pricing.models)
        self._prefers_reported = pricing.prefer == "reported"
        self._tools = {name: tool.per_call for name, tool in pricing.tools.items()}
        self._catalog = Catalog(get_snapshot())

    def price(self, reading: Reading, start_ns: int, duration_ns: int = 0) -> Price:  # noqa: ARG002  (what is billed by time needs it; no such rule can be configured)
        """What a span costs.

        Args:
            reading: what it used.
            start_ns: its start, ns since the epoch: the price of that moment applies.
            duration_ns: how long it took.

        """
        bucket = _BUCKETS.get(reading.operation, "orchestration")
        if reading.operation == "execute_tool":
            fee = self._tool_fee(reading)
            if fee is not None:
                return fee
        if reading.usage == "none":
            return _NOTHING[bucket]
        return self._use(reading, start_ns, "llm" if bucket == "orchestration" else bucket)

    def in_force(self, model: str | None, at: datetime) -> list[PriceRow]:
        """The prices in force at a moment for a model, or for every model there is."""
        return rows_in_force(self._contracts, self._current(), model, at)

    def _current(self) -> Catalog:
        """The catalog of the snapshot that genai-prices has now: its updater replaces it while serving."""
        catalog, snapshot = self._catalog, get_snapshot()
        if catalog.snapshot is not snapshot:
            catalog = self._catalog = Catalog(snapshot)
        return catalog

    def _tool_fee(self, reading: Reading) -> Price | None:
        """A call of a tool costs what its emitter reported, else what the rule for the tool says.

        Where the tool has tokens of its own there is an agent behind it, and what it reports repeats the calls below.
        """
        reported = reading.reported_cost if reading.usage == "none" else None
        rule = self._tools.get(reading.tool)
        if reported is None and rule is None:
            return None
        by_rule = rule is not None and (reported is None or not self._prefers_reported)
        cost = rounded(rule if by_rule else reported)
        source: Source = "rule" if by_rule else "reported"
        price_id = f"rule:tool/{reading.tool}" if by_rule else ""
        return Price("leaf", "tool", cost, source, price_id, rounded(reading.reported_cost), rounded(rule))

    def _use(self, reading: Reading, start_ns: int, bucket: str) -> Price:
        model = self._model(reading)
        provider = reading.provider or (model.provider.id if model else "")
        contract = self._contract(provider, reading, start_ns)
        computed = self._by_contract(contract, model, reading, start_ns) if contract else None
        source: Source = "contract"
        if computed is None:
            computed, source = self._by_book(model, reading, start_ns), "priced"
        reported = rounded(reading.reported_cost)
        figure = None if computed is None else rounded(computed[0])
        if reading.cache_hit:
            return Price(reading.usage, bucket, Decimal(0), "priced", _CACHE_HIT, reported, figure)
        if reported is not None and source != "contract" and (self._prefers_reported or figure is None):
            return Price(reading.usage, bucket, reported, "reported", "", reported, figure)
        if computed is None:
            return Price(reading.usage, bucket, None, "unpriced", "", reported, None)
        return Price(reading.usage, bucket, figure, source, computed[1], reported, figure)

    def _model(self, reading: Reading) -> PricedModel | None:
        """The model in the book: what answered, else what was asked for."""
        catalog, context = self._current(), _context(reading)
        model = catalog.find(reading.provider, reading.model, context)
        if model is None and reading.request_model != reading.model:
            model = catalog.find(reading.provider, reading.request_model, context)
        return model

    def _contract(self, provider: str, reading: Reading, start_ns: int) -> Contract | None:
        """By the model that answered; by the one asked for only where the answer is a dated name of it, or tells none."""
        answered, asked = reading.model, reading.request_model
        contract = self._contracts.find(provider, answered, start_ns) if answered else None
        if contract is None and asked and (not answered or answered.startswith(asked)):
            contract = self._contracts.find(provider, asked, start_ns)
        return contract

    def _by_contract(self, contract: Contract, model: PricedModel | None, reading: Reading, start_ns: int) -> Figure | None:
        """Tokens at the contract's price; what it does not name (web searches) by rule, else at the book's."""
        cost = contract.cost(reading)
        if cost is None:
            return None
        if not reading.units:
            return cost, contract.price_id
        used = units_used(reading)
        fee, fee_id = self._searches(used)
        if model is not None and used:
            cost += model.rates(start_ns).formula.cost(model.adjusted(used), 0) or 0
        return cost + fee, contract.price_id + fee_id

    def _by_book(self, model: PricedModel | None, reading: Reading, start_ns: int) -> Figure | None:
        if model is None or not is_counted(reading):
            return None
        rates = model.rates(start_ns)
        formula = rates.formula
        used = text_used(reading)
        units = units_used(reading) if reading.units else {}
        fee, fee_id = self._searches(units) if units else _NO_FEE
        text: Quantities = {**used, **units} if units else used
        media = media_used(reading, used) if has_media(reading) else {}
        everything: Quantities = {**text, **media} if media else text
        if not formula.covers(everything):
            return None
        # Crossing a tier is a matter of one call; totals of several calls cross it without any call doing so.
        tier_tokens = used.get("input_tokens", 0) if reading.usage == "leaf" else 0
        cost = formula.cost(model.adjusted(everything), tier_tokens)
        if cost is None and media:  # contradictory detail: the wholes still stand
            cost = formula.cost(model.adjusted(text), tier_tokens)
        return None if cost is None else (cost + fee, rates.price_id + fee_id)

    def _searches(self, units: dict[str, int | Decimal]) -> Figure:
        """The fee for searches that the model's server made, where a rule names one; the book's own price then is not asked."""
        rule = self._tools.get(_WEB_SEARCH)
        if rule is None or WEB_SEARCHES not in units:
            return _NO_FEE
        return units.pop(WEB_SEARCHES) * rule, f"+rule:tool/{_WEB_SEARCH}"


def _context(reading: Reading) -> Context:
    """What special rates depend on. Anthropic's tier `batch` is what genai-prices calls processing."""
    if not reading.service_tier and not reading.speed:
        return ()
    context = (("speed", reading.speed),) if reading.speed else ()
    if reading.service_tier == "batch":
        return (*context, ("processing", "batch"))
    return (*context, ("service_tier", reading.service_tier)) if reading.service_tier else context
