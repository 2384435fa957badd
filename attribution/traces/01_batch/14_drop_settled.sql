-- Purpose: drops changes that are settled: whoever looks for pending ones reads over them until a merge does.
-- Grain:   change.
OPTIMIZE TABLE changes FINAL
