-- Purpose: Drops settled changes at once. Without it every search for pending changes reads over them until a merge drops them.
-- Grain: a change
OPTIMIZE TABLE changes FINAL
