"""How one shape of span is read: the table narrowed to the keys that spans of this shape have.

Spans of one emitter repeat a few shapes (scope and tuple of keys), and within a shape the same few names (model,
provider, kind ...). What depends on the shape is found once for it, what depends on names once for each set of names;
what is left for each span is its figures and who did it. Names are compared as they came and decoded once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from attribution.conventions import answers, table, values
from attribution.conventions.content import is_content
from attribution.conventions.dimensions import TAGS, TASK_TYPE
from attribution.conventions.facts import CREWAI_SCOPE, TOOL_FEE_SCOPES, Facts, find_facts, is_true, speed, tier
from attribution.conventions.kinds import TELLING_NAMES
from attribution.conventions.plain import PlainReading, plain_counts, slack
from attribution.conventions.providers import biller, is_open
from attribution.conventions.reading import Decode, Reading
from attribution.conventions.sources import Source, by_field, counts, picker, present, response_ids
from attribution.conventions.tokens import CLAUDE_CODE_SCOPE, NAMES, READING_COUNTS, TOTAL, normalise
from attribution.conventions.values import NOTHING_CHARACTERS_MAX

Attributes = Mapping[str, Any]
"""As they came: what `decode` makes Values of."""
Opened = Mapping[str, Mapping[str, Any]]
"""Members by key of the attributes that hold JSON or tags."""

FACTS_MAX = 4096
"""Sets of names remembered for one shape: senders choose them, and they must not fill the memory."""
_PASSED_ON = ("response_id", "agent", "role", "entity", "function", "workflow_name", "tool")
"""Texts that decide nothing but themselves. Ids are among them, new on every span, which no memory of names may hold."""

Open = Callable[[Any], Mapping[str, Any]]
Step = Callable[[Reading, Facts, str, Attributes, Opened], None]
"""Puts one fact into a reading, from the names, the span's name, its attributes and their members."""
_HASHED = frozenset({str, bytes})
"""Types of names that are remembered: of others 1 and True would be one key."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})
"""Shared by all readings that hold none: most of them."""
_MANNERS: Mapping[str, Callable[[str], Any]] = {
    "service_tier": tier,
    "speed": speed,
    "region": str.lower,
    "search_context_size": str.lower,
    "cache_hit": is_true,
}
"""How a call was served, and what the text for it means."""
_INPUT_ONLY = frozenset({"embeddings", "rerank"})
_CHATS = frozenset({"chat", "generate_content", "text_completion"})
_LEAVE_CACHE_OUT = frozenset({"anthropic", "aws.bedrock"})
"""Of whose prompts nothing may be left where all of it came from the cache. Where CrewAI says so of others (Gemini's), it did not count."""
_SETTLED = _CHATS | {"transcription", "image_generation"}
_TIERS = ("flex", "priority", "batch", "fast", "scale")
"""Under which LangChain files tokens."""
_MODALITIES = frozenset({"audio", "image", "video"})
"""What is counted apart from text."""
_TOLD_UNITS = tuple(unit for unit in answers.UNITS if unit not in {"search_queries", "map_prompts", "images"})
"""What counts as the answer tells it: what Google looked up is billed by model, and pictures of an answer are priced by their tokens."""
_BILLED_BY_PROMPT = ("gemini-1", "gemini-2")
_MODELS = ("model", "request_model")
_UNKNOWN = "unknown"
"""What OpenLLMetry calls a model that it does not find."""
_BARE_KINDS = frozenset({"span.type", "event.name"})
"""Kinds beside which counts may stand under keys without a convention before them."""
_MLFLOW_USAGE = "mlflow.chat.tokenUsage"


class Plan:
    """Reads the spans of one shape."""

    def __init__(
        self, scope: str, keys: Sequence[str], dimension_keys: Mapping[str, Sequence[str]], measures: Sequence[str], decode: Decode
    ) -> None:
        self._scope = scope
        self._keys = keys
        self._dimension_keys = dimension_keys
        self._measure_keys = measures
        self._decode = decode
        given = frozenset(keys)
        self._kinds = [key for key in table.KINDS if key in given]
        self._names = by_field(table.TEXTS, given)
        passed_on = {field: self._names.pop(field, []) for field in _PASSED_ON}
        self._response_ids = passed_on["response_id"] + response_ids(scope, given)
        self._quoted_ids = [key for key, owner in table.QUOTED_RESPONSE_IDS.items() if key in given and scope.startswith(owner)]
        self._agents = (passed_on["role"] if scope == CREWAI_SCOPE else []) + passed_on["agent"]
        self._entities, self._functions = passed_on["entity"], passed_on["function"]
        self._workflow_names, self._tools = passed_on["workflow_name"], passed_on["tool"]
        self._text_members = by_field(table.TEXT_MEMBERS, given)
        self._has_bare_counts = table.BARE_INPUT in given
        self._counts = counts(given, claude_code=scope.startswith(CLAUDE_CODE_SCOPE) or not _BARE_KINDS.isdisjoint(given))
        self._units = by_field(table.UNITS, given)
        self._tools_called = [(key, named) for key, named in table.TOOLS_CALLED.items() if key in given]
        self._costs = present(table.COSTS, given)
        self._cost_parts = [found for parts in table.COST_PARTS if (found := present(parts, given))]
        self._currencies = present(table.CURRENCIES, given)
        self._credits = [(key, worth) for key, worth in table.CREDITS.items() if key in given]
        self._answers = answer_keys(given)
        self._has_tool_call_id = table.TOOL_CALL_ID in given
        for field in ("model", "address"):
            if self._names.get(field):
                self._text_members.pop(field, None)  # asked only of spans that have no key for it
        self._dims = by_field(dimension_keys, given)
        self._task_types = present(TASK_TYPE, given)
        self._measures = [(key, found) for key in measures for found in present((key,), given)]
        self._borne_elsewhere = not given.isdisjoint(table.IGNORED_USAGE)
        self._strands = table.STRANDS_TIME in given
        self._buckets = table.LANGFUSE_USAGE in given
        self._mlflow = _MLFLOW_USAGE in given
        self._has_parts = any(index > 1 for index, _ in self._counts)
        self._no_counts: list[int | None] = [None] * (len(NAMES) if self._has_parts else 2)
        self._containers = [(key, _opener(key)) for key in self._find_containers()]
        self._model_members = self._text_members.get("model", [])
        self._address_members = self._text_members.get("address", [])
        self._judged = tuple(dict.fromkeys((*self._kinds, *(key for found in self._names.values() for key, _ in found))))
        self._pick = picker(self._judged)
        self._known: dict[tuple[Any, ...], tuple[Facts, list[Step], bool]] = {}
        self._without_buckets: Plan | None = None

    def _find_containers(self) -> list[str]:
        groups = [*self._text_members.values(), self._costs, *self._cost_parts, *self._units.values(), *self._dims.values()]
        groups += [found for _, found in self._counts]
        groups += [self._task_types, [found for _, found in self._measures]]
        return list(dict.fromkeys(key for found in groups for key, path in found if path))

    def read(self, name: str, attributes: Attributes, *, failed: bool) -> Reading:
        """The reading of a span of this shape; `failed`: its status is an error."""
        opened: Opened = self._open(attributes) if self._containers else {}
        if self._buckets and not opened[table.LANGFUSE_USAGE]:
            return self._read_without_buckets(name, attributes, failed=failed)
        model = self._first_text(self._model_members, attributes, opened) if self._model_members else ""
        address = self._first_text(self._address_members, attributes, opened) if self._address_members else ""
        facts, steps, is_plain = self._known_names(name if name in TELLING_NAMES else "", model, address, attributes)
        reading = Reading(
            "none",
            facts.operation,
            facts.provider,
            facts.model,
            facts.request_model,
            facts.service_tier,
            facts.speed,
            facts.cache_hit,
            _NOTHING,
            _NOTHING,
            _NOTHING,
            facts.region,
            facts.search_context_size,
        )
        reading.is_doubtful, reading.is_plain = facts.emitter.is_doubtful, is_plain
        for step in steps:
            step(reading, facts, name, attributes, opened)
        reading.usage = facts.usage(
            (reading.input_tokens, reading.output_tokens), reading.reported_cost, units=bool(reading.units), failed=failed
        )
        return reading

    def plain(self, name: str, attributes: Attributes) -> PlainReading | None:
        """How spans with the names of this one are read, where all of it is plain."""
        facts, steps, is_plain = self._known_names(name if name in TELLING_NAMES else "", "", "", attributes)
        if not is_plain:
            return None
        counts: dict[str, str] | None = {}
        if self._read_counts in steps:
            counts = plain_counts({position: found[0][0] for position, found in self._counts}, facts.emitter)
        if counts is None:
            return None
        texts = {"response_id": self._response_ids, "workflow_name": self._workflow_names, "task_type": self._task_types}
        texts["agent"] = self._agents or (self._entities if facts.entity == "agent" else []) or self._functions
        return PlainReading(
            equal=self._judged,
            is_named=name in TELLING_NAMES or (facts.agent_is_span_name and not texts["agent"]),
            counts=counts,
            texts={field: found[0][0] for field, found in texts.items() if found},
            dims={dimension: found[0][0] for dimension, found in self._dims.items()},
            slack=slack(facts.emitter),
        )

    def _is_plain(self, facts: Facts, steps: Sequence[Step]) -> bool:
        """Whether all steps read an attribute as it is, or nothing that a price or a column depends on."""
        plain = {
            self._read_counts,
            self._read_response_id,
            self._read_agent,
            self._read_workflow_name,
            self._read_tool,
            self._read_dimensions,
            self._read_task_type,
            self._settle,
        }
        judged = self._containers or facts.cache_hit or facts.operation in {"transcription", "image_generation"}
        return not judged and plain.issuperset(steps)

    def dimensions(self, attributes: Attributes) -> dict[str, str]:
        """The dimensions that the attributes name."""
        return self._find_dimensions(attributes, self._open(attributes))

    def _open(self, attributes: Attributes) -> Opened:
        return {key: open_it(self._decode(attributes[key])) for key, open_it in self._containers}

    def _read_without_buckets(self, name: str, attributes: Attributes, *, failed: bool) -> Reading:
        """Empty or unreadable usage_details say nothing: the other keys then count."""
        if self._without_buckets is None:
            rest = [key for key in self._keys if key != table.LANGFUSE_USAGE]
            self._without_buckets = Plan(self._scope, rest, self._dimension_keys, self._measure_keys, self._decode)
        return self._without_buckets.read(name, attributes, failed=failed)

    def _known_names(self, name: str, model: str, address: str, attributes: Attributes) -> tuple[Facts, list[Step], bool]:
        """`model`, `address`: as members of JSON name them, which are asked after the attributes."""
        picked = (name, model, address, *self._pick(attributes))
        try:
            return self._known[picked]
        except (KeyError, TypeError):  # a list among the names cannot be looked up
            facts = self._find_facts(name, model, address, attributes)
        steps = self._find_steps(facts)
        known = facts, steps, self._is_plain(facts, steps)
        if all(type(value) in _HASHED for value in picked):
            if len(self._known) >= FACTS_MAX:
                self._known.clear()
            self._known[picked] = known
        return known

    def _find_steps(self, facts: Facts) -> list[Step]:
        """What is left to be read of each span with these names."""
        bears = facts.verdict != "never"
        steps: dict[Step, bool] = {
            self._read_counts: bears and bool(self._counts),
            self._read_units: bears and bool(self._units or self._tools_called),
            self._read_cost: bears and bool(self._costs or self._cost_parts or self._credits),
            self._read_response_id: bool(self._response_ids),
            self._read_quoted_response_id: bool(self._quoted_ids) and facts.verdict == "leaf",
            self._read_agent: bool(self._agents or self._entities or self._functions) or facts.agent_is_span_name,
            self._read_workflow_name: bool(self._workflow_names),
            self._read_tool: bool(self._tools or self._entities) or facts.tool_is_span_name,
            self._read_dimensions: bool(self._dims),
            self._read_task_type: bool(self._task_types),
            self._read_measures: bool(self._measures),
            self._read_manner: any(name in self._text_members and not getattr(facts, name) for name in _MANNERS),
            self._read_tool_fee: facts.verdict == "tool" and self._has_tool_call_id and self._scope in TOOL_FEE_SCOPES,
            self._read_answers: bool(self._answers) and facts.is_of_one_call,
            self._settle: bears and facts.operation in _SETTLED,
        }
        return [step for step, wanted in steps.items() if wanted]

    def _find_facts(self, name: str, model: str, address: str, attributes: Attributes) -> Facts:
        texts = {field: self._first_text(sources, attributes, {}) for field, sources in self._names.items()}
        texts |= {field: self._first_model(self._names[field], attributes) for field in _MODELS if texts.get(field) == _UNKNOWN}
        return find_facts(
            self._scope,
            name,
            {**texts, "model": texts.get("model") or model, "address": texts.get("address") or address},
            {key: self._text(attributes[key]) for key in self._kinds},
            [self._text(attributes[key]) for key, _ in self._names.get("provider", ())],
            borne_elsewhere=self._borne_elsewhere,
            bare_counts=self._has_bare_counts,
            mlflow=self._mlflow,
            strands=self._strands,
        )

    def _text(self, encoded: Any) -> str:
        return values.text(self._decode(encoded))

    def _read_counts(self, reading: Reading, facts: Facts, _name: str, attributes: Attributes, opened: Opened) -> None:
        counts, decode = self._no_counts.copy(), self._decode
        for index, sources in self._counts:
            for key, path in sources:
                figure = values.member(opened[key], path) if path else decode(attributes[key])
                if figure is None:
                    continue
                counted = values.count(figure)
                if counted is not None:
                    counts[index] = counted
                    break
        is_empty = self._scope == CREWAI_SCOPE and counts[0] == 0 and bool(counts[1]) and facts.provider not in _LEAVE_CACHE_OUT
        if self._has_parts:
            disjoint = self._buckets and opened[table.LANGFUSE_USAGE].keys().isdisjoint(table.OPENAI_USAGE_MEMBERS)
            reading.is_partial = normalise(counts, facts.emitter, disjoint=disjoint)
            if counts[0] is None and counts[1] is None and facts.operation == "embeddings":
                counts[0] = counts[TOTAL]  # an embedding has no output: its total is its input
            (
                reading.cache_read_tokens,
                reading.cache_write_tokens,
                reading.cache_write_1h_tokens,
                reading.reasoning_tokens,
                reading.input_audio_tokens,
                reading.input_image_tokens,
                reading.input_video_tokens,
                reading.cache_audio_read_tokens,
                reading.cache_image_read_tokens,
                reading.output_audio_tokens,
                reading.output_image_tokens,
                reading.output_video_tokens,
            ) = counts[2:READING_COUNTS]
        reading.input_tokens, reading.output_tokens = counts[0], counts[1]
        reading.is_partial = reading.is_partial or is_empty

    def _read_units(self, reading: Reading, _facts: Facts, _name: str, attributes: Attributes, opened: Opened) -> None:
        units: dict[str, int | Decimal] = {}
        for key, named in self._tools_called:
            called = [tool.strip() for tool in values.text(self._decode(attributes[key])).split(",")]
            units |= {unit: count for tool, unit in named.items() if (count := called.count(tool))}
        for name, sources in self._units.items():
            for found in sources:
                figure = values.amount(self._value(found, attributes, opened))
                if figure is not None and (figure or name != "seconds"):  # LiveKit tells 0 where no time is billed
                    units[name] = int(figure) if figure == figure.to_integral_value() else figure
                    break
        if "web_search_requests" in units:
            units["web_search_requests"] = _searches(reading, units["web_search_requests"])
        reading.units = units

    def _read_measures(self, reading: Reading, _facts: Facts, _name: str, attributes: Attributes, opened: Opened) -> None:
        figures = ((key, values.amount(self._value(found, attributes, opened))) for key, found in self._measures)
        reading.measures = {key: figure for key, figure in figures if figure is not None}

    def _read_cost(self, reading: Reading, facts: Facts, _name: str, attributes: Attributes, opened: Opened) -> None:
        for found in self._costs:
            whole = values.cost(self._value(found, attributes, opened))
            by_book = found[0] in table.RECKONED_COSTS
            if by_book and not facts.provider and is_open(facts.model):
                continue  # who took the API for the biller has the price of another one
            if whole is not None:
                reading.reported_cost, reading.reported_by_book = whole, by_book
                return self._read_currency(reading, attributes, opened)
        for parts in self._cost_parts:
            figures = [figure for found in parts for figure in self._all_values(found, attributes, opened)]
            whole = sum((values.amount(figure) or Decimal(0) for figure in figures), Decimal(0))
            if whole:
                reading.reported_cost = whole
                return self._read_currency(reading, attributes, opened)
        for key, worth in self._credits:
            counted = values.cost(self._decode(attributes[key]))
            if counted is not None:
                reading.reported_cost = counted * worth
                return None
        return None

    def _read_currency(self, reading: Reading, attributes: Attributes, opened: Opened) -> None:
        currency = self._first_text(self._currencies, attributes, opened).upper() if self._currencies else ""
        reading.reported_currency = "" if currency == "USD" else currency

    def _read_response_id(self, reading: Reading, _facts: Facts, _name: str, attributes: Attributes, opened: Opened) -> None:
        reading.response_id = self._first_text(self._response_ids, attributes, opened)

    def _read_quoted_response_id(self, reading: Reading, _facts: Facts, _name: str, attributes: Attributes, _opened: Opened) -> None:
        if not reading.response_id:
            quoted = (values.quoted_response_id(self._decode(attributes[key])) for key in self._quoted_ids)
            reading.response_id = next(filter(None, quoted), "")

    def _read_agent(self, reading: Reading, facts: Facts, name: str, attributes: Attributes, opened: Opened) -> None:
        stated = self._first_text(self._agents, attributes, opened)
        if not stated and facts.entity == "agent":
            stated = self._first_text(self._entities, attributes, opened)
        reading.agent = stated or self._first_text(self._functions, attributes, opened) or facts.agent_of(name)

    def _read_workflow_name(self, reading: Reading, _facts: Facts, _name: str, attributes: Attributes, opened: Opened) -> None:
        reading.workflow_name = self._first_text(self._workflow_names, attributes, opened)

    def _read_tool(self, reading: Reading, facts: Facts, name: str, attributes: Attributes, opened: Opened) -> None:
        stated = self._first_text(self._tools, attributes, opened)
        if not stated and facts.entity == "tool":
            stated = self._first_text(self._entities, attributes, opened)
        reading.tool = stated or facts.tool_of(name)

    def _read_dimensions(self, reading: Reading, _facts: Facts, _name: str, attributes: Attributes, opened: Opened) -> None:
        reading.dims = self._find_dimensions(attributes, opened)

    def _read_task_type(self, reading: Reading, _facts: Facts, _name: str, attributes: Attributes, opened: Opened) -> None:
        reading.task_type = self._first_text(self._task_types, attributes, opened)

    def _find_dimensions(self, attributes: Attributes, opened: Opened) -> dict[str, str]:
        found: dict[str, str] = {}
        for dimension, sources in self._dims.items():
            value = self._first_text(sources, attributes, opened)
            if value:
                found[dimension] = value
        return found

    def _read_manner(self, reading: Reading, facts: Facts, _name: str, attributes: Attributes, opened: Opened) -> None:
        """What members of JSON say of how the call was served, where no attribute of its own does."""
        for name, meant in _MANNERS.items():
            if name in self._text_members and not getattr(facts, name):
                setattr(reading, name, meant(self._first_text(self._text_members[name], attributes, opened)))

    def _read_tool_fee(self, reading: Reading, _facts: Facts, _name: str, attributes: Attributes, _opened: Opened) -> None:
        """Whose own tool was called, where that has a price."""
        called = values.text(self._decode(attributes[table.TOOL_CALL_ID]))
        reading.tool_fee = next((each for each in answers.PROVIDER_TOOLS if called.startswith(each)), "")

    def _read_answers(self, reading: Reading, facts: Facts, _name: str, attributes: Attributes, _opened: Opened) -> None:
        """What the provider's own answer tells goes before what the emitter made of it."""
        found: answers.Told = {}
        kept = False
        for key, read in self._answers:
            if kept and is_content(key):
                continue  # as it was read when the content was there
            told = read(self._decode(attributes[key]))
            if not facts.is_own_name:
                told.pop(answers.MODEL, None)
            if key in table.PROVIDER_METADATA and "output_tokens" in told:  # of a stream it may be what the first event said
                shortened = told.get("compaction_output_tokens", 0)  # version 7 of the AI SDK counts it in, the provider does not
                told["output_tokens"] = max(told["output_tokens"], (reading.output_tokens or 0) - shortened)
            if told and key == table.ASKED:
                told = {name: text for name, text in told.items() if name not in found and not getattr(reading, name)}
            kept = kept or (key == table.ANSWER_FACTS and bool(told))
            if told and is_content(key):
                reading.told = answers.spelled(found | told)
            found = told | found
        if found and facts.verdict != "never":
            self._take(reading, facts, found)

    def _take(self, reading: Reading, facts: Facts, found: answers.Told) -> None:
        if facts.operation in _INPUT_ONLY and "input_tokens" not in found and answers.TOTAL in found:
            found = {**found, "input_tokens": found[answers.TOTAL]}
        if "input_tokens" in found and "output_tokens" in found:
            found = _told_by_the_total(reading, facts, found)
        _take_counts(reading, found)
        _take_units(reading, found)
        if answers.COST in found and (reading.reported_cost is None or reading.reported_by_book):
            reading.reported_cost, reading.reported_by_book = found[answers.COST], False
        if answers.MODEL in found:
            _take_model(reading, found[answers.MODEL])
        for name, meant in _MANNERS.items():
            if name in found:
                setattr(reading, name, meant(found[name]))

    def _settle(self, reading: Reading, facts: Facts, _name: str, _attributes: Attributes, _opened: Opened) -> None:
        """A prompt is never empty: a call that counts nothing at all tells nothing."""
        if not reading.input_tokens and not reading.output_tokens and facts.operation in _CHATS and reading.reported_cost is None:
            reading.input_tokens = reading.output_tokens = None
        if facts.operation == "transcription" and reading.input_audio_tokens is None:
            reading.input_audio_tokens = reading.input_tokens  # what is not split is what was heard
        if facts.operation == "image_generation" and reading.output_image_tokens is None:
            reading.output_image_tokens = reading.output_tokens  # and here what was drawn

    def _value(self, found: Source, attributes: Attributes, opened: Opened) -> Any:
        key, path = found
        return values.member(opened[key], path) if path else self._decode(attributes[key])

    def _all_values(self, found: Source, attributes: Attributes, opened: Opened) -> list[Any]:
        """The value of a source; of `key#*` every member."""
        key, path = found
        return list(opened[key].values()) if path == ("*",) else [self._value(found, attributes, opened)]

    def _first_text(self, sources: Sequence[Source], attributes: Attributes, opened: Opened) -> str:
        for key, path in sources:
            text = values.text(values.member(opened[key], path) if path else self._decode(attributes[key]))
            if text and (len(text) > NOTHING_CHARACTERS_MAX or not values.is_nothing(text)):
                return text
        return ""

    def _first_model(self, sources: Sequence[Source], attributes: Attributes) -> str:
        return self._first_text([found for found in sources if self._text(attributes[found[0]]) != _UNKNOWN], attributes, {})


def _opener(key: str) -> Open:
    """What makes members of a container."""
    if key in TAGS:
        return values.tags
    if key == table.LANGFUSE_USAGE:
        return _buckets
    return values.bounded_members if key in table.TOLD_IN_CONTENT else values.members


def _buckets(value: Any) -> Mapping[str, Any]:
    """Langfuse's buckets, where LangChain's and Vertex's names for them mean the usual ones.

    `input_flex`, `output_flex_reasoning` are filed under a service tier, and `input_modality_TEXT` under what was read.
    """
    held = values.members(value)
    filed = [(name, *found) for name in held if (found := _filed(name))]
    if not filed:
        return held
    names = {name for name, _, _ in filed}
    buckets: dict[str, Any] = {name: figure for name, figure in held.items() if name not in names}
    for whole in ("input", "output"):  # Langfuse leaves what has priority inside the whole, and other tiers outside
        inside = sum(values.count(held[name]) or 0 for name, _, under in filed if under and name.startswith(whole))
        if 0 < inside <= (values.count(buckets.get(whole)) or 0):
            buckets[whole] = (values.count(buckets[whole]) or 0) - inside
    for name, plain, filed_under in filed:
        buckets[plain] = (values.count(buckets.get(plain)) or 0) + (values.count(held[name]) or 0)
        if filed_under and values.count(held[name]):
            buckets.setdefault("service_tier", filed_under)
    return buckets


def _filed(name: str) -> tuple[str, str] | None:
    """The usual name of a bucket and the tier under which it is filed, '' where it is by modality; None for a usual name."""
    side, _, rest = name.partition("_")
    kind, _, part = rest.partition("_")
    if side in {"input", "output"} and kind in _TIERS:
        return f"{side}_{part}" if part else side, kind
    if kind == "modality" and side in {"input", "output", "cached"}:
        modality = part.lower()
        plain = "input_cache_read" if side == "cached" else f"{side}_{modality}" if modality in _MODALITIES else side
        return plain, ""
    return None


def answer_keys(given: frozenset[str]) -> list[tuple[str, Callable[[Any], answers.Told]]]:
    """What may quote an answer, and what reads it; first what an answer that is gone told."""
    readers: dict[str, Callable[[Any], answers.Told]] = {table.ANSWER_FACTS: answers.again}
    readers |= (
        dict.fromkeys(table.ANSWERS, answers.told)
        | {table.SAID: answers.said, table.CALLED: answers.tools_called, table.ASKED: answers.asked}
        | dict.fromkeys(table.OWN_USAGES, answers.own_usage)
        | dict.fromkeys(table.ITERATIONS, answers.iterations)
        | dict.fromkeys(table.PROVIDER_METADATA, answers.provider_metadata)
        | {table.STEP_ANSWER: answers.told_beside_tools, table.ABOVE: answers.told_above}
    )
    return [(key, read) for key, read in readers.items() if key in given]


def _told_by_the_total(reading: Reading, facts: Facts, found: answers.Told) -> answers.Told:
    """What the answer's total has beyond its counts: of Gemini it is what it thought, of others nobody knows what."""
    beyond = found.get(answers.TOTAL, 0) - found["input_tokens"] - found["output_tokens"]
    reading.is_partial = beyond > 0 and not facts.emitter.total_tells_reasoning
    if beyond > 0 and not reading.is_partial:
        thoughts = found.get("reasoning_tokens", 0) + beyond
        return {**found, "output_tokens": found["output_tokens"] + beyond, "reasoning_tokens": thoughts}
    return found


def _take_counts(reading: Reading, found: answers.Told) -> None:
    """All counts of the answer where it tells the wholes, else the parts that fit into what the emitter counted."""
    is_whole = "input_tokens" in found and ("output_tokens" in found or reading.output_tokens is None)
    for name in answers.COUNTS:
        if is_whole and name in found:
            setattr(reading, name, found[name])
        elif getattr(reading, name) is None and name in found:
            whole = reading.output_tokens if name.startswith(("output", "reasoning")) else reading.input_tokens
            if whole is None or found[name] <= whole:
                setattr(reading, name, found[name])
        elif is_whole and getattr(reading, name) and not _fits(reading, name, found):
            setattr(reading, name, None)


def _take_model(reading: Reading, answered: str) -> None:
    """What answered to a name of the company's own, which stays as what was asked for."""
    reading.request_model = reading.request_model or reading.model
    reading.model = answered
    reading.provider = biller(reading.provider, answered, "")


def _take_units(reading: Reading, found: answers.Told) -> None:
    units = {name: found[name] for name in _TOLD_UNITS if found.get(name)}
    if "search_queries" in found and "web_search_requests" not in units:
        units["web_search_requests"] = _searches(reading, found["search_queries"])
    if "map_prompts" in found:  # later models are billed by search, which the answer does not count
        units["map_prompts" if _is_billed_by_prompt(reading) else "map_searches"] = found["map_prompts"]
    if units:
        reading.units = {**units, **reading.units}


def _searches(reading: Reading, searches: int | Decimal) -> int | Decimal:
    """As they are billed: Google bills Gemini 2.5 and older by grounded prompt, later ones by search."""
    return min(searches, 1) if _is_billed_by_prompt(reading) else searches


def _is_billed_by_prompt(reading: Reading) -> bool:
    return reading.model.rpartition("/")[2].startswith(_BILLED_BY_PROMPT)


def _fits(reading: Reading, name: str, found: answers.Told) -> bool:
    """Whether a part that the answer does not tell can be one of the answer's whole."""
    whole = "output_tokens" if name.startswith(("output", "reasoning")) else "input_tokens"
    return bool(getattr(reading, name) <= found.get(whole, 0))
