-- Purpose: what a profile says, to be looked up.
-- Grain:   profile.
-- Columns: flags, by bit: 0 leaf, 1 aggregate, 2 call (a leaf that is priced by what it used, no fee), 3 fee, 4 its cost is known,
--          5 its own time costs, 6 leaf of any price, 7 its cost without the time that is in it is known,
--          8 its cost has a part for more than tokens; tool: the price of a tool's fee, 0: it is none; in_cost: the cost holds the time
--          of the whole span.
CREATE TABLE {profiles:Identifier} ENGINE = Join(ANY, LEFT, profile) AS
SELECT
    profile,
    toUInt16(
        (usage = 'leaf') + 2 * (usage = 'aggregate') + 4 * is_call + 8 * is_fee + 16 * is_priced + 32 * (own_time_price_id != '')
        + 64 * (usage = 'leaf' AND cost_source != 'none')
        + 128 * (is_priced AND NOT (own_time_price_id != '' AND own_time_price_id = price_id AND own_time_rate IS NULL))
        + 256 * has_request_fees) AS flags,
    if(usage = 'leaf' AND is_fee AND startsWith(price_id, 'rule:tool/'), cityHash64(price_id), 0) AS tool,
    model_key AS model,
    agent_key AS agent,
    workflow_key AS workflow,
    service_key AS service,
    resource_key AS resource,
    charge_key AS charge,
    own_time_rate AS rate,
    own_time_price_id = price_id AS in_cost
FROM {found:Identifier}
