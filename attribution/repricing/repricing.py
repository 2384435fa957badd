"""Applies today's conventions and prices to stored spans. The ledger gets the differences; no posting is edited.

Spans are read and priced by what reads and prices them on receipt (attribution/appraisal.py) and stored again with the same version, so
the next attribution posts what has changed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from attribution.annotation import ADDED, GEN_AI_COST, STATUS_ERROR, TOKEN_KINDS, annotation, plain_text
from attribution.appraisal import Appraisal, Appraiser
from attribution.configuration import AttributionConfig, pattern_to_regex
from attribution.conventions.table import ABOVE, ANSWER_FACTS, ANSWERS, EVENT_SCOPES, EVENTS, TOLD_IN_CONTENT
from attribution.prices.matching import ns
from attribution.prices.price import rounded
from attribution.prices.rules import time_cost
from attribution.storage import Store

SPANS_A_BATCH = 20_000
"""Held in memory at once: a few KiB each."""
LEFTOVER_SECONDS_MAX = 7 * 86_400
"""Tables older than this were left by a repricing that was killed."""

_COLUMNS = (
    "batch", "trace_id", "span_id", "sender", "version", "provider", "model", "usage", "priced_by", "cost", "time_cost",
    "new_told_above", "new_usage", "new_provider", "new_model",
    *(f"new_{kind}_tokens" for kind in TOKEN_KINDS),
    "new_bucket", "new_cost", "new_cost_source", "new_price_id", "new_reported_cost", "new_computed_cost",
    "new_request_fees", "new_own_time_rate", "new_own_time_price_id", "new_knowledge", "new_time_cost", "annotation", "own_cost",
    "is_repriced",
)  # fmt: skip
_COMPARED = (
    "usage", "provider", "model", *(f"{kind}_tokens" for kind in TOKEN_KINDS),
    "bucket", "cost", "cost_source", "price_id", "reported_cost", "computed_cost", "request_fees",
    "own_time_rate", "own_time_price_id", "knowledge",
)  # fmt: skip
"""What it knows stands last: to know more is no other price (R14)."""

Row = Mapping[str, Any]
Span = tuple[str, str, str]
"""Trace id, span id and sender."""
_NOTHING: Mapping[Span, str] = MappingProxyType({})

ADDED_TOLERANCE = Decimal("1e-9")
"""How far, of the cost, `gen_ai.usage.cost` may be from it: it was added as a double."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What repricing changes for one model, or for what has none."""

    provider: str
    model: str
    bucket: str
    spans: int
    before: Decimal
    """USD billed, as far as known."""
    after: Decimal
    difference: Decimal
    unknown_before: int
    """Billed spans without a known price."""
    unknown_after: int


@dataclass(frozen=True, slots=True)
class Repricing:
    """Differences that are found and not applied yet."""

    differences: Sequence[Difference]
    """The largest first; empty where today's prices say the same."""
    _store: Store
    _table: str
    _batches: int

    @property
    def spans(self) -> int:
        """How many spans change."""
        return sum(each.spans for each in self.differences)

    def apply(self) -> None:
        """Store the changed spans again. Killed on the way and run again it ends in the same state."""
        for batch in range(self._batches):
            self._store.run("repricing/04_apply", changes=self._table, batch=batch, annotated=list(ADDED), gen_ai_cost=GEN_AI_COST)


@contextmanager
def repricing(
    store: Store, config: AttributionConfig, first: date, last: date | None = None, model: str | None = None
) -> Iterator[Repricing]:
    """What today's prices change in the spans of some days; `apply` it or leave it.

    Args:
        store: where the spans are.
        config: today's configuration.
        first: first day, in the configured time zone.
        last: last day, included; None: no end.
        model: only spans of this model; `*` is any run of characters.

    """
    with _found(store, config, {**_span_of_days(first, last, config), "model": f"(?i){pattern_to_regex(model)}" if model else ""}) as found:
        yield found


@contextmanager
def completing(store: Store, config: AttributionConfig, above: Mapping[Span, str]) -> Iterator[Repricing]:
    """What the price of spans is, now that the spans above them tell what they leave out; `above`: as JSON, by span."""
    with _found(store, config, {"first_ns": 0, "last_ns": 2**63 - 1, "model": ""}, above) as found:
        yield found


@contextmanager
def _found(store: Store, config: AttributionConfig, chosen: Mapping[str, Any], above: Mapping[Span, str] = _NOTHING) -> Iterator[Repricing]:
    store.drop_leftovers("repricing_", LEFTOVER_SECONDS_MAX)
    table = f"repricing_{uuid.uuid4().hex[:12]}"
    try:
        store.run("repricing/01_changes", changes=table)
        batches = 0
        for changes in _changes(store, Appraiser(config), chosen, above):
            store.insert(table, _COLUMNS, [[batches, *change] for change in changes])
            batches += 1
        yield Repricing([Difference(**row) for row in store.rows("repricing/03_differences", changes=table)], store, table, batches)
    finally:
        store.drop(table)


def reprice(store: Store, config: AttributionConfig, first: date, last: date | None = None, model: str | None = None) -> list[Difference]:
    """Find and apply. Attribution has then something to do."""
    with repricing(store, config, first, last, model) as found:
        found.apply()
        return list(found.differences)


def _span_of_days(first: date, last: date | None, config: AttributionConfig) -> dict[str, int]:
    zone = ZoneInfo(config.periods.timezone)

    def midnight_ns(day: date) -> int:
        return ns(datetime(day.year, day.month, day.day, tzinfo=zone))

    return {"first_ns": midnight_ns(first), "last_ns": midnight_ns(last + timedelta(days=1)) if last else 2**63 - 1}


def _changes(store: Store, appraiser: Appraiser, chosen: Mapping[str, Any], above: Mapping[Span, str]) -> Iterator[list[list[Any]]]:
    """Batches of rows for the table of changes, without the number of the batch."""
    keys = sorted(appraiser.conventions.keys | {GEN_AI_COST})
    after = ("", "", "")
    read: dict[str, Any] = {"only": list(above)} | {
        "keys": keys,
        "answers": list(ANSWERS),
        "events": EVENTS,
        "event_scopes": sorted(EVENT_SCOPES),
    }
    while spans := store.rows(
        "repricing/02_spans", **chosen, **read, after_trace=after[0], after_span=after[1], after_sender=after[2], rows_max=SPANS_A_BATCH
    ):
        changed = [
            change for span in spans if (change := _change(appraiser, span, above.get((span["trace_id"], span["span_id"], span["sender"]))))
        ]
        if changed:
            yield changed
        after = (spans[-1]["trace_id"], spans[-1]["span_id"], spans[-1]["sender"])


def _change(appraiser: Appraiser, span: Row, above: str | None) -> list[Any] | None:
    """A span's row of changes; None where nothing changes, or where its attributes are gone, so that it cannot be read again.

    `above`: what the spans above tell; None: what is stored of that.
    """
    if not span["has_contents"] or _is_lost(span):
        return None
    told_above = span["told_above"] if above is None else above
    if told_above:
        span = {**span, "attributes": {**span["attributes"], ABOVE: told_above}}
    (reading, price), own_cost = _appraise(appraiser, span)
    tokens = {kind: getattr(reading, f"{kind}_tokens") for kind in TOKEN_KINDS}
    today = (
        price.usage, reading.provider, reading.model, *tokens.values(),
        price.bucket, price.cost, price.source, price.price_id, price.reported_cost, price.computed_cost,
        price.request_fees, price.own_time_rate, price.own_time_price_id, price.knowledge,
    )  # fmt: skip
    stored = tuple(span[name] for name in _COMPARED)
    if today == stored and told_above == span["told_above"]:
        return None
    added = {}
    if price.usage == "leaf":
        added = annotation(
            cost=price.cost, source=price.source, price_id=price.price_id, bucket=price.bucket, tokens=tokens, has_gen_ai_cost=True,
            told=span["attributes"].get(ANSWER_FACTS, ""),
        )  # fmt: skip
    return [
        span["trace_id"], span["span_id"], span["sender"], span["version"],
        span["provider"], span["model"], span["usage"], span["priced_by"],
        plain_text(span["cost"]), _time_cost(span["own_time_rate"], span["own_time_price_id"] == span["price_id"], span["duration_ns"]),
        told_above, price.usage, reading.provider, reading.model, *tokens.values(), price.bucket,
        plain_text(price.cost), price.source, price.price_id, plain_text(price.reported_cost), plain_text(price.computed_cost),
        plain_text(price.request_fees), plain_text(price.own_time_rate), price.own_time_price_id, price.knowledge,
        _time_cost(price.own_time_rate, price.own_time_price_id == price.price_id, span["duration_ns"]),
        {key: str(value) for key, value in added.items()},
        own_cost, above is None and today[:-1] != stored[:-1],
    ]  # fmt: skip


def _is_lost(span: Row) -> bool:
    """Whether what it used was read from content that was not stored."""
    usage_keys = (key for key, names in TOLD_IN_CONTENT.items() if span["name"] in names)
    return span["input_tokens"] is not None and any(key not in span["attributes"] for key in usage_keys)


def _time_cost(rate: Decimal | None, in_cost: bool, duration_ns: int) -> str:
    """What all of a span's time costs beside its cost."""
    return "" if rate is None or in_cost else plain_text(rounded(time_cost(rate, duration_ns)))


def _appraise(appraiser: Appraiser, span: Row) -> tuple[Appraisal, bool]:
    """The span as its emitter sent it, read and priced; and whether the cost among its attributes is ours.

    `gen_ai.usage.cost` is added on receipt where the emitter has none. Taken for the emitter's, it would be the reported cost.
    """
    attributes = {key: span["attributes"][key] for key in sorted(span["attributes"])}
    rest = {key: value for key, value in attributes.items() if key != GEN_AI_COST}
    if len(rest) < len(attributes) and _looks_added(attributes[GEN_AI_COST], span):
        reading, price = _read(appraiser, span, rest)
        if span["reported_cost"] is None or price.reported_cost == span["reported_cost"]:
            return (reading, price), True
    return _read(appraiser, span, attributes), False


def _looks_added(stated: str, span: Row) -> bool:
    if span["usage"] != "leaf" or span["cost"] is None:
        return False
    try:
        return bool(abs(Decimal(stated) - span["cost"]) <= abs(span["cost"]) * ADDED_TOLERANCE)
    except ArithmeticError:
        return False


def _read(appraiser: Appraiser, span: Row, attributes: Mapping[str, str]) -> Appraisal:
    failed = span["status"] == STATUS_ERROR
    return appraiser.appraise(
        span["scope_name"],
        span["name"],
        span["service"],
        attributes,
        span["start_ns"],
        span["duration_ns"],
        failed=failed,
        sender=span["sender"],
    )
