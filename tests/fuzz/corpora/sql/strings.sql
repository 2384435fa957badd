SELECT 'it''s', 'a\\'' b', "quo\"ted", `tick`, $tag$ any ' text $tag$, 0x1F, 1e-3, /* a /* nested */ comment */ 1 -- the end
