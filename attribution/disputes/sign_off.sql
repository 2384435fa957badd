-- Purpose: Keeps that somebody agreed to what a team is charged in a month.
-- Grain: one row
INSERT INTO sign_offs (at, period, team, amount, who, note)
SELECT now64(9), {period:String}, {team:String}, toDecimal128({amount:String}, 12), {who:String}, {note:String}
