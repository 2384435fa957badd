-- Work table: charge_lookup
-- Purpose: Who bills a span, for which model and which kind of cost, looked up by a hash.
-- Grain: a charge (charge)
-- Engine: Join(ANY, LEFT, charge)
-- Columns:
--     charge UInt64: hash of the other columns
--     provider String: who bills
--     model String: the model
--     bucket String: kind of cost
--     repriced_at Nullable(DateTime64(9, 'UTC')): when a later price book priced it; NULL: it was priced on receipt
--     repricing String: from and to which price; empty: it was priced on receipt
SELECT
    charge_key AS charge,
    provider,
    model,
    bucket,
    repriced_at,
    if(repriced_at IS NULL, '', concat('from ', repriced_from, ' to ', priced_by)) AS repricing
FROM {batch_profiles:Identifier}
LIMIT 1 BY charge
