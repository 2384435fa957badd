-- Work table: profile_lookup
-- Purpose: What the spans of a profile have in common, as numbers, looked up by the profile.
-- Grain: a profile (profile)
-- Engine: Join(ANY, LEFT, profile)
-- Columns:
--     profile UInt64: the profile
--     flags UInt16: bits: 0 leaf, 1 aggregate, 2 record of a call (a leaf that is priced by what it used, and no fee), 3 fee, 4 the cost
--         is known, 5 the own time costs, 6 leaf with any price, 7 the cost without the time in it is known, 8 of a gateway, 9 a tool's
--         span and no record, 10 it tells usage, whatever its tokens: a cost, a cache hit, web searches and the like, 11 its sender is a
--         gateway, 12 a log event, 13 what its totals tell beyond is billed, 14 kept in a file
--     rank UInt32: of two records of a call the one with the higher rank is billed: a known cost goes before all else that one knows
--     tool UInt64: hash of the price of a tool's fee; 0: no such fee
--     model UInt64: hash of the model's plain name, 0: none
--     price UInt64: hash of the entry of the price book, 0: none
--     emitter UInt64: hash of all that tells emitters apart
--     sender UInt64: hash of the sender
--     agent UInt64: hash of the agent, 0: none
--     workflow UInt64: hash of the workflow name, 0: none
--     service UInt64: hash of the service, 0: none
--     resource UInt64: key in `resource_lookup`
--     charge UInt64: key in `charge_lookup`
--     rate Nullable(Decimal(38, 18)): USD a second of the own time
--     in_cost UInt8: the cost holds the time of the whole span
SELECT
    profile,
    toUInt16(
        (usage = 'leaf') + 2 * (usage = 'aggregate') + 4 * is_call + 8 * is_fee + 16 * is_priced + 32 * (own_time_price_id != '')
        + 64 * (usage = 'leaf' AND cost_source != 'none')
        + 128 * (is_priced AND NOT (own_time_price_id != '' AND own_time_price_id = price_id AND own_time_rate IS NULL))
        + 256 * is_gateway
        + 512 * (bucket = 'tool' AND NOT is_call)
        + 1024 * (is_priced OR bitAnd(knowledge, 1920) != 0)
        + 2048 * (batch_profiles.sender IN {gateways:Array(String)})
        + 4096 * (signal = 'log')
        + 8192 * match(scope, {billed_totals:String})
        + 16384 * (signal = 'file')) AS flags,
    toUInt32(65536 * is_priced + knowledge) AS rank,
    if(usage = 'leaf' AND is_fee AND startsWith(price_id, 'rule:tool/'), cityHash64(price_id), 0) AS tool,
    model_key AS model,
    if(startsWith(price_id, 'genai-prices:'), cityHash64(price_id), 0) AS price,
    cityHash64(sender, service, scope, signal) AS emitter,
    cityHash64(batch_profiles.sender) AS sender,
    agent_key AS agent,
    workflow_key AS workflow,
    service_key AS service,
    resource_key AS resource,
    charge_key AS charge,
    own_time_rate AS rate,
    own_time_price_id = price_id AS in_cost
FROM {batch_profiles:Identifier} AS batch_profiles
