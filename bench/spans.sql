-- Purpose: spans of a made-up company, priced: agents that call agents, every other span a model call.
-- Grain:   span. {width} spans a trace, each with three below it or, where {chain}, one; {traces} traces evenly over {days} days from 2026-09-21 on.
INSERT INTO span_records
(
    version, trace_id, span_id, parent_span_id, name, kind, service, start_time, duration_ns, usage, provider, model,
    input_tokens, output_tokens, response_id, agent, span_team, span_user, resource_environment, bucket, cost, cost_source, price_id,
    computed_cost
)
WITH
    toUInt64(intDiv(number, {width:UInt64})) AS nth_trace,
    toUInt64(number % {width:UInt64}) AS nth,
    cityHash64(nth_trace, nth, {seed:UInt64}) AS random,
    (k) -> leftPad(lower(hex(cityHash64(nth_trace, toUInt64(k), {seed:UInt64}))), 16, '0') AS span_id_of,
    nth % 2 = 1 AS is_call,
    100 + random % 5000 AS input,
    10 + intDiv(random, 5000) % 500 AS output
SELECT
    1,
    lower(hex(sipHash128(nth_trace, {seed:UInt64}))),
    span_id_of(nth),
    multiIf(nth = 0, '', {chain:Bool}, span_id_of(nth - 1), span_id_of(intDiv(nth - 1, 3))),
    if(is_call, 'chat gpt-4o', 'invoke_agent'),
    'Internal',
    'agents',
    fromUnixTimestamp64Nano(
        toInt64(1789948800000000000 + nth_trace * intDiv({days:UInt64} * 86400000000000, {traces:UInt64}) + nth * 1000000), 'UTC'),
    900000,
    if(is_call, 'leaf', 'none'),
    if(is_call, 'openai', ''),
    if(is_call, 'gpt-4o-2024-08-06', ''),
    if(is_call, input, NULL),
    if(is_call, output, NULL),
    if(is_call, concat('chatcmpl-', lower(hex(random))), ''),
    if(is_call, '', ['planner', 'researcher', 'guardrail', 'writer'][1 + random % 4]),
    if(nth = 0, ['sales', 'support', 'data', 'platform'][1 + random % 4], ''),
    if(nth = 0, concat('user-', toString(random % 1000)), ''),
    'prod',
    if(is_call, 'llm', ''),
    if(is_call, CAST(input * 25 + output * 100 AS Decimal(38, 12)) / 10000000, NULL) AS usd,
    if(is_call, 'priced', 'none'),
    if(is_call, 'genai-prices:openai:gpt-4o', ''),
    usd
FROM numbers({first:UInt64}, {count:UInt64})
