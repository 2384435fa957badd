-- Purpose: what spans are charged for, to be looked up.
-- Grain:   charge.
-- Columns: repricing: from and to which price, '' where it was priced on receipt.
CREATE TABLE {charges:Identifier} ENGINE = Join(ANY, LEFT, charge) AS
SELECT
    charge_key AS charge,
    provider,
    model,
    bucket,
    repriced_at,
    if(repriced_at IS NULL, '', concat('from ', repriced_from, ' to ', priced_by)) AS repricing
FROM {found:Identifier}
LIMIT 1 BY charge
