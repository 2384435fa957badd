"""The one place where a span's cost is decided (R5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from genai_prices.data_snapshot import get_snapshot

from attribution.configuration.pricing import FEE_KEY, USD, Pricing
from attribution.conventions import Reading
from attribution.prices.catalog import Catalog, Context, PricedModel
from attribution.prices.contracts import Contract, Contracts
from attribution.prices.corrections import TOOL_FEES, UNIT_FEES
from attribution.prices.currencies import Currencies
from attribution.prices.knowledge import knowledge
from attribution.prices.linear import ALWAYS_NS, FREE, Linear
from attribution.prices.listing import PriceRow, rows_in_force
from attribution.prices.price import Price, Source, rounded
from attribution.prices.rules import Rules, Tariff, Tools, time_cost
from attribution.prices.usage import (
    TEXT_FIELDS,
    WEB_SEARCHES,
    compaction,
    has_media,
    has_no_fee,
    is_call,
    is_counted,
    media_used,
    text_used,
    units_used,
)

_BUCKETS = {
    "execute_tool": "tool",
    **dict.fromkeys(("retrieval", "search_memory", "create_memory", "update_memory", "delete_memory"), "storage"),
    **dict.fromkeys(("chat", "generate_content", "text_completion", "embeddings", "rerank", "decide"), "llm"),
    **dict.fromkeys(("image_generation", "speech", "transcription"), "llm"),
}
"""By operation; the work of agents, chains and plain spans is orchestration."""
_NOTHING = {bucket: Price("none", bucket, Decimal(0), "none", "", None, None) for bucket in ("llm", "tool", "storage", "orchestration")}
_WEB_SEARCH = "web_search"
_CACHE_HIT = "rule:cache_hit"
_FEE = "rule:fee"

OFFERS_MAX = 8192
"""Names remembered, priced or not: senders choose them, and they must not fill the memory."""

_Priced = tuple[Decimal | None, str, Decimal]
"""An amount that is not rounded, None where the price is in force but cannot be told, the id of the price, and what of the amount is for
what is counted beside tokens."""
_NO_FEES = Decimal(0)
_MADE = frozenset({"output_audio_tokens", "output_image_tokens"})
"""What costs many times what text does: the models that make it have a price for it."""
_NO_CALLS: tuple[Decimal | None, str] = (_NO_FEES, "")


_Figure = tuple[Decimal | None, str, Decimal, Source, str]
"""The same with its source and the bucket; a plain tuple, since every span makes one."""


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a call can be priced by, whenever it was made."""

    model: PricedModel | None
    contracts: Sequence[Contract]


_NO_OFFER = _Offer(None, ())


class PriceBook:
    """Contract prices, genai-prices' book, rules and fees, as the configuration orders them.

    Args:
        pricing: the section `pricing` of the configuration.

    """

    def __init__(self, pricing: Pricing) -> None:
        self._pricing = pricing
        self._contracts = Contracts(pricing.models)
        self._prefers_reported = pricing.prefer == "reported"
        self._tools = Tools(pricing.tools)
        self._rules = Rules(pricing.rules)
        self._ruled = bool(pricing.rules)
        self._fee_keys = (*pricing.fee, FEE_KEY)
        self._currencies = Currencies(pricing.currencies)
        self._catalog = Catalog(get_snapshot(), corrected=pricing.corrections)
        self._offers: dict[tuple[str, ...], _Offer] = {}
        units = [price.unit for price in pricing.tools.values()] + [rule.unit for rule in pricing.rules]
        self.measures = tuple(dict.fromkeys((*self._fee_keys, *filter(None, units))))
        """Attributes that a price counts: a reading must hold their figures in `measures`."""

    def price(self, reading: Reading, start_ns: int, duration_ns: int = 0, *, name: str = "", service: str = "") -> Price:
        """What a span costs.

        Args:
            reading: what it used.
            start_ns: its start, ns since the epoch: the price of that moment applies.
            duration_ns: how long it took.
            name: the span's name.
            service: `service.name` of its resource.

        """
        price = self._price(reading, start_ns, duration_ns, name, service)
        return price._replace(knowledge=knowledge(reading, price)) if price.usage == "leaf" else price

    def _price(self, reading: Reading, start_ns: int, duration_ns: int, name: str, service: str) -> Price:
        bucket = _BUCKETS.get(reading.operation, "orchestration")
        tariff = self._rules.find(reading, name, service, start_ns) if self._ruled else None
        rates = None if tariff is None or tariff.marks else tariff
        if reading.operation == "execute_tool" or (reading.usage == "none" and (rates is not None or reading.measures)):
            price = self._without_calls(reading, rates, start_ns, duration_ns, bucket)
        elif reading.usage == "none":
            price = _NOTHING[bucket]
        else:
            price = self._use(reading, rates, start_ns, duration_ns, "llm" if bucket == "orchestration" else bucket)
        if tariff is None:
            return price
        if tariff.marks:
            return price._replace(bucket=tariff.bucket)
        return self._timed(price, tariff, start_ns, duration_ns) if tariff.pays_own_time and not is_call(reading) else price

    @property
    def edition(self) -> object:
        """What is another one when genai-prices' book has been replaced."""
        return self._current()

    def linear(self, reading: Reading, start_ns: int, price: Price) -> Linear | None:
        """What calls like this one cost by their counts; None where that is not the whole of it.

        Args:
            reading: what one of them used.
            start_ns: its start, ns since the epoch.
            price: what `price` says of it.

        """
        beside = reading.units or reading.measures or reading.tool_fee or reading.reported_cost is not None
        if self._ruled or beside or reading.cache_hit or reading.is_partial or has_media(reading):
            return None
        if reading.operation == "execute_tool" and (reading.usage != "none" or self._tools):
            return None
        offer = self._offer(reading) if reading.usage != "none" else _NO_OFFER
        if offer.contracts:
            return _linear_by_contract(offer.contracts, start_ns, price)
        return _linear_by_book(offer.model, reading, start_ns, price) if offer.model else FREE

    def in_force(self, model: str | None, at: datetime) -> list[PriceRow]:
        """The prices in force at a moment for a model, or for every model, tool and rule there is."""
        return rows_in_force(self._pricing, self._contracts, self._current(), self._currencies, model, at)

    def _current(self) -> Catalog:
        """The catalog of the snapshot that genai-prices has now: its updater replaces it while serving."""
        catalog, snapshot = self._catalog, get_snapshot()
        if catalog.snapshot is not snapshot:
            catalog = self._catalog = Catalog(snapshot, corrected=self._pricing.corrections)
            self._offers.clear()
        return catalog

    def _without_calls(self, reading: Reading, rates: Tariff | None, start_ns: int, duration_ns: int, bucket: str) -> Price:
        """What is no model call costs what its emitter reported, its own fee, or what a rule says, in the order of R5.

        Where a tool has tokens of its own there is an agent behind it, and what it reports repeats the calls below; a fee or a
        price for the tool is the tool's all the same.
        """
        is_tool = reading.operation == "execute_tool"
        own = self._own(reading, rates, start_ns, duration_ns, bucket)
        reported = self._reported(reading, start_ns)
        figure = None
        if own is not None:
            cost, price_id, _, source, own_bucket = own
            figure = rounded(cost)
            if reported is None or reading.usage != "none" or not self._prefers_reported:
                return Price("leaf", own_bucket, figure, _known(source, figure), price_id, reported, figure)
        if reported is not None and is_tool and reading.usage == "none":
            return Price("leaf", bucket, reported, "reported", "", reported, figure)
        return _NOTHING[bucket] if reading.usage == "none" else self._use(reading, None, start_ns, duration_ns, bucket)

    def _own(self, reading: Reading, rates: Tariff | None, start_ns: int, duration_ns: int, bucket: str) -> _Figure | None:
        """The span's own fee, else the price of its tool, else what the rule says."""
        fee = next((reading.measures[key] for key in self._fee_keys if key in reading.measures), None) if reading.measures else None
        if fee is not None:
            of_fee = "tool" if bucket == "orchestration" else bucket
            return (Decimal(fee), _FEE, _NO_FEES, "rule", rates.bucket if rates else of_fee)
        if reading.operation == "execute_tool":
            tool = self._tools.find(reading.tool)
            if tool is not None:
                rates = tool
            elif rates is None and reading.tool_fee:
                name, usd = TOOL_FEES[reading.tool_fee]
                return (usd, f"corrected:{name}", _NO_FEES, "priced", "tool")
            elif reading.usage != "none":  # its totals are for the calls below it to tell, and no general rule's business
                return None
        return self._by_tariff(rates, reading, start_ns, duration_ns) if rates is not None else None

    def _by_tariff(self, tariff: Tariff, reading: Reading, start_ns: int, duration_ns: int) -> _Figure:
        """Unknown where the span does not say how much it used, or starts before the first rate of the currency."""
        exchange = self._currencies.exchange(tariff.currency, start_ns)
        cost = None if exchange is None else tariff.amount(reading, duration_ns, exchange.usd)
        if exchange is None or cost is None:
            return (None, tariff.price_id, _NO_FEES, "rule", tariff.bucket)
        return (cost, tariff.price_id + exchange.label, _NO_FEES, "rule", tariff.bucket)

    def _timed(self, price: Price, tariff: Tariff, start_ns: int, duration_ns: int) -> Price:
        """The price of what is no model call, with what its own time costs by the second: in the price where the rule made it, beside it
        where the span repeats the totals of calls. A fee, or a price of the tool, stands for the time too.
        """  # noqa: D205
        exchange = self._currencies.exchange(tariff.currency, start_ns)
        price_id = tariff.price_id + (exchange.label if exchange else "")
        if price.usage != "aggregate" and (price.price_id != price_id or price.cost is None):
            return price
        rate = tariff.rate(exchange.usd) if exchange else None
        if rate is not None and rounded(time_cost(rate, duration_ns)) is None:
            rate = None
        return price._replace(own_time_rate=rate, own_time_price_id=price_id)

    def _reported(self, reading: Reading, start_ns: int) -> Decimal | None:
        """What the emitter reported, in USD; None where it did not, or in a currency without a rate at that moment."""
        if reading.reported_cost is None or not reading.reported_currency:
            return rounded(reading.reported_cost)
        known = reading.reported_currency in self._pricing.currencies
        exchange = self._currencies.exchange(reading.reported_currency, start_ns) if known else None
        return None if exchange is None else rounded(reading.reported_cost * exchange.usd)

    def _use(self, reading: Reading, rates: Tariff | None, start_ns: int, duration_ns: int, bucket: str) -> Price:
        """What model calls cost, one or the total of several."""
        cost, price_id, fees, source, own_bucket = self._computed(reading, rates, start_ns, duration_ns, bucket)
        reported = self._reported(reading, start_ns)
        figure = rounded(cost)
        if reading.cache_hit:
            return Price(reading.usage, bucket, Decimal(0), "priced", _CACHE_HIT, reported, figure)
        told = rounded(fees) if fees and figure is not None else None
        if reported is not None and figure is not None and _knows_better(reading, price_id, figure, told, reported):
            return Price(reading.usage, own_bucket, figure, source, price_id, reported, figure, told or None)
        if reported is not None and source != "contract" and (self._prefers_reported or figure is None):
            within = told if told is not None and told <= reported else None
            return Price(reading.usage, bucket, reported, "reported", "", reported, figure, within or None)
        return Price(reading.usage, own_bucket, figure, _known(source, figure), price_id, reported, figure, told or None)

    def _computed(self, reading: Reading, rates: Tariff | None, start_ns: int, duration_ns: int, bucket: str) -> _Figure:
        """With what the provider used beside the answer to shorten the history, at the same rates."""
        figure = self._computed_once(reading, rates, start_ns, duration_ns, bucket)
        shortened = compaction(reading) if reading.units else None
        if shortened is None:
            return figure
        cost, price_id, fees, source, own_bucket = figure
        beside = None if shortened.is_partial else self._computed_once(shortened, None, start_ns, duration_ns, bucket)[0]
        return (None if cost is None or beside is None else cost + beside, price_id, fees, source, own_bucket)

    def _computed_once(self, reading: Reading, rates: Tariff | None, start_ns: int, duration_ns: int, bucket: str) -> _Figure:
        """By contract, else by the book, else, for one call and not for totals, by its fee or a rule."""
        offer = self._offer(reading)
        model = offer.model
        contract = next((each for each in offer.contracts if each.in_force(start_ns)), None) if offer.contracts else None
        found = self._by_contract(contract, model, reading, start_ns) if contract else None
        if found is not None:
            return (*found, "contract", bucket)
        found = self._by_book(model, reading, start_ns)
        if found is not None:
            return (*found, "priced", bucket)
        own = self._own(reading, rates, start_ns, duration_ns, bucket) if is_call(reading) and not reading.cache_hit else None
        return own or (None, "", _NO_FEES, "unpriced", bucket)

    def _offer(self, reading: Reading) -> _Offer:
        catalog = self._current()
        names = (
            reading.provider,
            reading.model,
            reading.request_model,
            reading.service_tier,
            reading.speed,
            reading.region,
            reading.search_context_size,
        )
        offer = self._offers.get(names)
        if offer is None:
            if len(self._offers) >= OFFERS_MAX:
                self._offers.clear()
            offer = self._offers[names] = self._find_offer(catalog, reading)
        return offer

    def _find_offer(self, catalog: Catalog, reading: Reading) -> _Offer:
        """In the book what answered, else what was asked for; contracts for the model that answered, then for the one asked for, but only
        where the answer is a dated name of it, or tells none.
        """  # noqa: D205
        answered, asked, context = reading.model, reading.request_model, _context(reading)
        model = catalog.find(reading.provider, answered, context) or catalog.find(reading.provider, asked, context)
        provider = reading.provider or (model.provider.id if model else "")
        contracts = self._contracts.matching(provider, answered) if answered else []
        if asked and (not answered or answered.startswith(asked)):
            contracts += self._contracts.matching(provider, asked)
        return _Offer(model, contracts)

    def _by_contract(self, contract: Contract, model: PricedModel | None, reading: Reading, start_ns: int) -> _Priced | None:
        """Tokens at the contract's price; what it does not name (web searches) by rule, else at the book's."""
        cost = contract.cost(reading)
        if cost is None:
            return None
        if contract.is_silent_about(reading):
            return None, contract.price_id, _NO_FEES
        exchange = self._currencies.exchange(contract.terms.currency, start_ns)
        if exchange is None:
            return None, contract.price_id, _NO_FEES
        cost, price_id = cost * exchange.usd, contract.price_id + exchange.label
        if not reading.units:
            return cost, price_id, _NO_FEES
        used = units_used(reading)
        fee, fee_id = self._tool_fees(used, model, start_ns)
        if fee is None:
            return None, price_id, _NO_FEES
        if model is not None and used:
            fee += model.rates(start_ns).formula.fees(model.adjusted(used), 0)
        return cost + fee, price_id + fee_id, fee

    def _by_book(self, model: PricedModel | None, reading: Reading, start_ns: int) -> _Priced | None:
        if model is None or not is_counted(reading):
            return None
        rates = model.rates(start_ns)
        formula = rates.formula
        if reading.is_partial or rates.factor is None or _is_unsplit(reading, formula.usage_keys):
            return None, rates.price_id, _NO_FEES  # more was used than the span tells, or at a price that nobody knows
        used = text_used(reading)
        # Crossing a tier is a matter of one call; totals of several calls cross it without any call doing so.
        tier_tokens = used.get("input_tokens", 0) if reading.usage == "leaf" else 0
        called, fees = _NO_CALLS, _NO_FEES
        if reading.units:
            units = units_used(reading)
            called = self._tool_fees(units, model, start_ns)
            if units:
                fees = formula.fees(model.adjusted(units), tier_tokens)
                used |= units
        everything = used | media_used(reading, used) if has_media(reading) else used
        if not formula.covers(everything) or _is_unheard(reading, formula.usage_keys) or has_no_fee(everything, formula.usage_keys):
            return None
        cost = formula.cost(model.adjusted(everything), tier_tokens)
        if cost is None and everything is not used:  # contradictory detail: the wholes still stand
            cost = formula.cost(model.adjusted(used), tier_tokens)
        if cost is None:
            return None
        if rates.factor != 1:
            cost = (cost - fees) * rates.factor + fees
        fee, fee_id = called
        if fee is None:
            return None, rates.price_id, _NO_FEES
        return cost + fee, rates.price_id + fee_id, fees + fee

    def _tool_fees(self, units: dict[str, int | Decimal], model: PricedModel | None, start_ns: int) -> tuple[Decimal | None, str]:
        """The fees for what the model's server did beside the model, which is taken out of `units`.

        Of web searches by the price of the tool by call, which goes before the book's; of the rest where the book has none.

        None where the tool's currency has no rate yet. With the fee comes what it adds to the id of the price.
        """
        fee, fee_id = self._searches(units, start_ns)
        if fee is None or model is None or not self._pricing.corrections:
            return fee, fee_id
        for unit in tuple(units):
            name, usd = UNIT_FEES.get((model.provider.id, unit), ("", None))
            if usd is not None:
                fee += units.pop(unit) * usd
                fee_id += f"+corrected:{name}"
        return fee, fee_id

    def _searches(self, units: dict[str, int | Decimal], start_ns: int) -> tuple[Decimal | None, str]:
        tariff = self._tools.named(_WEB_SEARCH)
        if tariff is None or tariff.unit or WEB_SEARCHES not in units:
            return _NO_CALLS
        searches = units.pop(WEB_SEARCHES)
        exchange = self._currencies.exchange(tariff.currency, start_ns)
        if exchange is None:
            return None, ""
        return searches * tariff.per_call * exchange.usd, f"+{tariff.price_id}{exchange.label}"


def _linear_by_book(model: PricedModel, reading: Reading, start_ns: int, price: Price) -> Linear | None:
    """At the rates of the book, while they hold."""
    first, last = model.period(start_ns)
    rates = model.rates(start_ns)
    if price.cost is None or rates.factor is None:
        is_by_names = price.price_id == rates.price_id or not rates.formula.covers(text_used(reading))
        return replace(FREE, from_ns=first, until_ns=last) if is_by_names else None
    found = rates.formula.linear((reading.input_tokens or 0) if reading.usage == "leaf" else None)
    weights = {TEXT_FIELDS[key]: weight * Fraction(rates.factor) for key, weight in found.weights.items() if key in TEXT_FIELDS}
    limits = [{TEXT_FIELDS[key]: factor for key, factor in limit.items() if key in TEXT_FIELDS} for limit in found.limits]
    return Linear(weights, found.base * Fraction(rates.factor), limits, found.input_tokens, first, last)


def _linear_by_contract(contracts: Sequence[Contract], start_ns: int, price: Price) -> Linear | None:
    """At the prices of the contract in force, while no other one begins or ends."""
    contract = next((each for each in contracts if each.in_force(start_ns)), None)
    if contract is None or contract.terms.currency != USD or price.cost is None:
        return None
    edges = [edge for each in contracts for edge in (each.starts_ns, each.ends_ns) if edge is not None]
    first = max((edge for edge in edges if edge <= start_ns), default=ALWAYS_NS[0])
    last = min((edge for edge in edges if edge > start_ns), default=ALWAYS_NS[1])
    return replace(contract.linear(), from_ns=first, until_ns=last)


def _knows_better(reading: Reading, price_id: str, figure: Decimal, fees: Decimal | None, reported: Decimal) -> bool:
    """Than the cost that was reported: it is that of the tokens alone, without the fees that its span tells. Or it was worked out by the
    same book: what is wrong in that is put right here.
    """  # noqa: D205
    if fees is not None and reported == figure - fees:
        return True
    return reading.reported_by_book and ("+corrected:" in price_id or (fees is not None and fees > reported))


def _known(source: Source, cost: Decimal | None) -> Source:
    """Without an amount it is unpriced; the price id then tells which price could not be worked out."""
    return "unpriced" if cost is None else source


def _is_unsplit(reading: Reading, priced: frozenset[str]) -> bool:
    """Whether a model that speaks or draws answered, and the span does not say how much of the answer is text."""
    return bool(reading.output_tokens) and not _MADE.isdisjoint(priced) and not has_media(reading)


def _is_unheard(reading: Reading, priced: frozenset[str]) -> bool:
    """Whether the audio of a model of OpenAI has no price in the book, whoever serves it: it costs many times what text does."""
    if reading.provider not in {"openai", "azure.ai.openai"} and not reading.model.startswith("openai/"):
        return False
    heard, said = reading.input_audio_tokens, reading.output_audio_tokens
    return bool((heard and "input_audio_tokens" not in priced) or (said and "output_audio_tokens" not in priced))


def _context(reading: Reading) -> Context:
    """What special rates depend on. Anthropic's tier `batch` is what genai-prices calls processing."""
    tier = reading.service_tier
    told = {
        "speed": reading.speed,
        "processing" if tier == "batch" else "service_tier": tier,
        "region": reading.region,
        "search_context_size": reading.search_context_size,
    }
    return tuple((name, value) for name, value in told.items() if value)
