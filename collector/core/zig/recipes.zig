//! Recipes: how what spans of one kind used and cost follows from their attributes. Python finds them (recipes.py), span by span of a new
//! kind; here they are looked up and followed.
//!
//! A span fits a recipe where nothing about it needs judgement. All others are Python's.

const std = @import("std");
const columns = @import("columns.zig");
const values = @import("values.zig");
const wire_of = @import("wire.zig");
const Bytes = wire_of.Bytes;
const Cell = columns.Cell;
const Error = wire_of.Error;
const Kind = columns.Kind;
const Pair = values.Pair;
const Wire = wire_of.Wire;
const gpa = wire_of.gpa;

const hash = std.hash.Wyhash.hash;

/// Counts of a call: input, output, read from and written to the cache, written for an hour, reasoning; then the total.
pub const COUNTS = 6;
const TOTAL = COUNTS;
const INPUT = 0;
const OUTPUT = 1;
const READ = 2;
const WRITE = 3;
const WRITE_1H = 4;
const REASONING = 5;
/// Larger counts are Python's: sums of these fit 128 bits.
const COUNT_MAX: u64 = 1_000_000_000_000;
/// 10^15 USD in units of 10^-12: what no store can hold.
const COST_MAX: i128 = 1_000_000_000_000_000_000_000_000_000;
const DIGITS = 12;
/// The first dimensions name who pays: they come from one place (PAYER in dimensions.py).
const PAYERS = 3;
pub const DIMENSIONS = 9;
const NOBODY = std.math.maxInt(u32);
/// Recipes of one shape with the same names, which differ in prices and counts: more are not looked through.
const ALIKE_MAX = 64;

pub const Counts = [COUNTS + 1]u64;

const Count = struct { which: usize, position: usize, is_zero: bool };
const Text = struct { column: usize, position: usize };
const Dimension = struct { dimension: u4, column: usize, position: usize };
const Limit = [COUNTS]i64;

/// What stands in a column of a span that follows the recipe.
const Source = union(enum) { constant: Cell, given: usize, text: usize, dimension, count: usize, cost };

const Added = struct {
    key: []const u8,
    what: enum(u8) { constant = 0, count = 1, cost = 2, double = 3 },
    which: usize = 0,
    text: []const u8 = "",
};

const Price = struct { base: i128, weights: [COUNTS]i128, divisor: i128 };

pub const Recipe = struct {
    /// A hash of the scope and the keys of its spans.
    shape: u64 = 0,
    /// An attribute of its spans has the name of one that is added.
    replaces: bool = false,
    equal: []const []const u8,
    name: ?[]const u8,
    failed: bool,
    counts: []const Count,
    texts: []const Text,
    dimensions: []const Dimension,
    slack: u64,
    from: u64,
    until: u64,
    input_least: u64,
    input_most: u64,
    limits: []const Limit,
    price: ?Price,
    sources: []Source,
    added: []const Added,
    next: u32 = NOBODY,

    /// Whether a span is one of those that the recipe is for.
    fn fits(self: *const Recipe, recipes: *const Recipes, positions: []const usize, span: Span, tags: u16) bool {
        if (span.failed != self.failed) return false;
        if (span.start < self.from or span.start >= self.until) return false;
        if (self.name) |name| {
            if (!std.mem.eql(u8, name, span.name)) return false;
        } else if (recipes.telling.contains(span.name)) return false;
        for (positions, self.equal) |position, value| {
            if (!std.mem.eql(u8, span.pairs[position].value, value)) return false;
        }
        for (self.texts) |text| if (!recipes.isPlain(span.pairs[text.position])) return false;
        const bound = tags & (1 << PAYERS) - 1 != 0;
        for (self.dimensions) |each| {
            if (!recipes.isPlain(span.pairs[each.position])) return false;
            // What the tags of a key leave blank is told with them.
            if (bound and each.dimension < PAYERS and tags >> each.dimension & 1 == 0) return false;
        }
        return self.fitsCounts(span.pairs);
    }

    fn fitsCounts(self: *const Recipe, pairs: []const Pair) bool {
        const found = self.countsOf(pairs) orelse return false;
        for (self.counts) |each| if ((found[each.which] == 0) != each.is_zero) return false;
        const cached = found[READ] + found[WRITE];
        if (cached > found[INPUT] or found[WRITE_1H] > found[WRITE] or found[REASONING] > found[OUTPUT]) return false;
        if (self.has(TOTAL)) {
            const beyond = @as(i128, found[TOTAL]) - found[INPUT] - found[OUTPUT];
            if (beyond > self.slack) return false;
            if (cached > 0 and beyond == cached) return false;
            if (found[REASONING] > 0 and @abs(beyond) == found[REASONING]) return false;
        }
        if (found[INPUT] < self.input_least or found[INPUT] > self.input_most) return false;
        for (self.limits) |limit| {
            var sum: i128 = 0;
            for (limit, found[0..COUNTS]) |factor, count| sum += @as(i128, factor) * count;
            if (sum < 0) return false;
        }
        const price = self.price orelse return true;
        return @abs(costOf(price, found)) < COST_MAX;
    }

    fn has(self: *const Recipe, which: usize) bool {
        for (self.counts) |each| if (each.which == which) return true;
        return false;
    }

    fn countsOf(self: *const Recipe, pairs: []const Pair) ?Counts {
        var found: Counts = @splat(0);
        for (self.counts) |each| {
            const value = values.Any.read(pairs[each.position].value) catch return null;
            if (value.kind != .whole or value.number >= COUNT_MAX) return null;
            found[each.which] = value.number;
        }
        return found;
    }
};

/// In units of 10^-12 USD, half to even.
fn costOf(price: Price, counts: Counts) i128 {
    var sum = price.base;
    for (price.weights, counts[0..COUNTS]) |weight, count| sum += weight * count;
    const whole = @divFloor(sum, price.divisor);
    const twice = 2 * (sum - whole * price.divisor);
    const is_more = twice > price.divisor or (twice == price.divisor and @mod(whole, 2) == 1);
    return if (is_more) whole + 1 else whole;
}

/// Without zeros at its end.
fn spellCost(to: *Bytes, cost: i128) Error!void {
    var buffer: [64]u8 = undefined;
    const unit = std.math.pow(i128, 10, DIGITS);
    if (cost < 0) return error.Odd;
    const spelled = std.fmt.bufPrint(&buffer, "{d}.{d:0>12}", .{ @as(u128, @intCast(@divFloor(cost, unit))), @as(u64, @intCast(@mod(cost, unit))) }) catch return error.Odd;
    try to.appendSlice(gpa, std.mem.trimEnd(u8, std.mem.trimEnd(u8, spelled, "0"), "."));
}

const Shape = struct {
    scope: []const u8,
    keys: []const []const u8,
    /// Of the attributes whose values choose among its recipes.
    positions: []const usize,

    fn is(self: *const Shape, scope: []const u8, pairs: []const Pair) bool {
        if (self.keys.len != pairs.len or !std.mem.eql(u8, self.scope, scope)) return false;
        for (self.keys, pairs) |key, pair| if (pair.has_many or !std.mem.eql(u8, key, pair.key)) return false;
        return true;
    }
};

/// What of a span a recipe looks at; `pairs` in the order of the wire.
pub const Span = struct { scope: []const u8, scope_hash: u64, name: []const u8, failed: bool, start: u64, pairs: []const Pair };

/// The texts that are the same for all spans of a delivery, then those of their resource.
pub const Given = struct {
    texts: []const []const u8,
    /// Where those of the resource begin.
    resource: usize,
    /// Which dimensions the ingest key is tagged with.
    tags: u16,
};

pub const Recipes = struct {
    arena: std.heap.ArenaAllocator = .init(gpa),
    kinds: []const Kind = &.{},
    /// By column: which of the given texts stands in it, from 1; 0: none.
    given: []const u8 = &.{},
    telling: std.StringHashMapUnmanaged(void) = .empty,
    nothing: std.ArrayList([]const u8) = .empty,
    list: std.ArrayList(Recipe) = .empty,
    shapes: std.AutoHashMapUnmanaged(u64, Shape) = .empty,
    by_names: std.AutoHashMapUnmanaged(u64, u32) = .empty,

    pub fn deinit(self: *Recipes) void {
        self.telling.deinit(gpa);
        self.nothing.deinit(gpa);
        self.list.deinit(gpa);
        self.shapes.deinit(gpa);
        self.by_names.deinit(gpa);
        self.arena.deinit();
    }

    /// Columns by letter, the given text of each, span names that tell something, and spellings of nothing.
    pub fn begin(self: *Recipes, raw: []const u8) Error!void {
        const own = self.arena.allocator();
        var wire: Wire = .{ .bytes = try own.dupe(u8, raw) };
        const letters = try wire.text();
        const kinds = try own.alloc(Kind, letters.len);
        for (kinds, letters) |*kind, letter| kind.* = try Kind.of(letter);
        self.kinds = kinds;
        self.given = try wire.text();
        if (self.given.len != kinds.len) return error.Odd;
        for (0..@intCast(try wire.varint())) |_| try self.telling.put(gpa, try wire.text(), {});
        for (0..@intCast(try wire.varint())) |_| try self.nothing.append(gpa, try wire.text());
    }

    /// The recipe of a span; null where it has none.
    pub fn find(self: *const Recipes, span: Span, tags: u16) ?u32 {
        const of_shape = shapeHash(span.scope_hash, span.pairs);
        const shape = self.shapes.getPtr(of_shape) orelse return null;
        if (!shape.is(span.scope, span.pairs)) return null;
        var of_names = of_shape;
        for (shape.positions) |position| of_names = hash(of_names, span.pairs[position].value);
        var at = self.by_names.get(of_names) orelse return null;
        for (0..ALIKE_MAX) |_| {
            const recipe = &self.list.items[at];
            if (recipe.equal.len == shape.positions.len and recipe.fits(self, shape.positions, span, tags)) return at;
            at = recipe.next;
            if (at == NOBODY) return null;
        }
        return null;
    }

    /// Whether a value is text that is taken as it is: without blanks or quotes around it, and no spelling of nothing.
    fn isPlain(self: *const Recipes, pair: Pair) bool {
        const value = values.Any.read(pair.value) catch return false;
        const text = value.bytes;
        if (value.kind != .text or text.len == 0) return false;
        for ([_]u8{ text[0], text[text.len - 1] }) |edge| if (edge <= ' ' or edge >= 0x7F) return false;
        if (text[0] == '"') return false;
        for (self.nothing.items) |word| if (std.ascii.eqlIgnoreCase(word, text)) return false;
        return true;
    }

    /// Keep a recipe, as recipes.py spells it. Odd: it cannot be told apart from what is known.
    pub fn learn(self: *Recipes, raw: []const u8) Error!void {
        const own = self.arena.allocator();
        var wire: Wire = .{ .bytes = try own.dupe(u8, raw) };
        const scope = try wire.text();
        const pairs = try own.alloc(Pair, @intCast(try wire.varint()));
        for (pairs) |*pair| pair.* = .{ .key = try wire.text() };
        const size: usize = @intCast(try wire.varint());
        const positions = try own.alloc(usize, size);
        const equal = try own.alloc([]const u8, size);
        const of_shape = shapeHash(hash(0, scope), pairs);
        var of_names = of_shape;
        for (positions, equal) |*position, *value| {
            position.* = try place(&wire, pairs.len);
            value.* = try wire.text();
            of_names = hash(of_names, value.*);
        }
        var recipe = try self.read(&wire, equal, pairs.len);
        recipe.shape = of_shape;
        for (recipe.added) |each| for (pairs) |pair| {
            if (std.mem.eql(u8, each.key, pair.key)) recipe.replaces = true;
        };
        const shape = try self.shapes.getOrPut(gpa, of_shape);
        if (!shape.found_existing) {
            const keys = try own.alloc([]const u8, pairs.len);
            for (keys, pairs) |*key, pair| key.* = pair.key;
            shape.value_ptr.* = .{ .scope = scope, .keys = keys, .positions = positions };
        }
        if (!shape.value_ptr.is(scope, pairs) or !std.mem.eql(usize, shape.value_ptr.positions, positions)) return error.Odd;
        const first = try self.by_names.getOrPut(gpa, of_names);
        try self.list.append(gpa, recipe);
        const at: u32 = @intCast(self.list.items.len - 1);
        if (first.found_existing) self.list.items[at].next = first.value_ptr.*;
        first.value_ptr.* = at;
    }

    fn read(self: *Recipes, wire: *Wire, equal: []const []const u8, keys: usize) Error!Recipe {
        const own = self.arena.allocator();
        const is_named = try wire.varint() == 1;
        const name = try wire.text();
        const failed = try wire.varint() == 1;
        const counts = try own.alloc(Count, @intCast(try wire.varint()));
        for (counts) |*each| each.* = .{ .which = try place(wire, COUNTS + 1), .position = try place(wire, keys), .is_zero = try wire.varint() == 1 };
        const texts = try own.alloc(Text, @intCast(try wire.varint()));
        for (texts) |*each| each.* = .{ .column = try place(wire, self.kinds.len), .position = try place(wire, keys) };
        const dimensions = try own.alloc(Dimension, @intCast(try wire.varint()));
        for (dimensions) |*each| each.* = .{ .dimension = @intCast(try place(wire, DIMENSIONS)), .column = try place(wire, self.kinds.len), .position = try place(wire, keys) };
        const slack = try wire.varint();
        const from = try wire.varint();
        const until = try wire.varint();
        const least = try wire.varint();
        const most = try wire.varint();
        const limits = try own.alloc(Limit, @intCast(try wire.varint()));
        for (limits) |*limit| for (limit) |*factor| {
            factor.* = try number(i64, wire);
        };
        var price: ?Price = null;
        if (try wire.varint() == 1) {
            var found: Price = .{ .base = try number(i128, wire), .weights = undefined, .divisor = undefined };
            for (&found.weights) |*weight| weight.* = try number(i128, wire);
            found.divisor = try number(i128, wire);
            if (found.divisor <= 0) return error.Odd;
            price = found;
        }
        const sources = try self.readSources(wire);
        for (texts) |each| sources[each.column] = .{ .text = each.position };
        for (dimensions) |each| sources[each.column] = .dimension;
        return .{
            .equal = equal,
            .name = if (is_named) name else null,
            .failed = failed,
            .counts = counts,
            .texts = texts,
            .dimensions = dimensions,
            .slack = slack,
            .from = from,
            .until = until,
            .input_least = least,
            .input_most = most,
            .limits = limits,
            .price = price,
            .sources = sources,
            .added = try self.readAdded(wire),
        };
    }

    /// The row of the span by which the recipe was found, then which of its columns follow from counts.
    fn readSources(self: *Recipes, wire: *Wire) Error![]Source {
        const sources = try self.arena.allocator().alloc(Source, self.kinds.len);
        for (sources, self.kinds, self.given) |*source, kind, given| {
            const is_null = kind.isNullable() and (try wire.take(1))[0] != 0;
            const bytes = if (kind == .name or kind == .text) try wire.text() else try wire.take(kind.width());
            source.* = if (given > 0) .{ .given = given - 1 } else .{ .constant = .{ .bytes = bytes, .is_null = is_null } };
        }
        for (0..@intCast(try wire.varint())) |_| sources[try place(wire, sources.len)] = .cost;
        for (0..@intCast(try wire.varint())) |_| {
            const column = try place(wire, sources.len);
            sources[column] = .{ .count = try place(wire, COUNTS) };
        }
        return sources;
    }

    fn readAdded(self: *Recipes, wire: *Wire) Error![]const Added {
        const added = try self.arena.allocator().alloc(Added, @intCast(try wire.varint()));
        for (added) |*each| {
            each.* = .{ .key = try wire.text(), .what = std.enums.fromInt(@FieldType(Added, "what"), try wire.varint()) orelse return error.Odd };
            switch (each.what) {
                .constant => each.text = try wire.text(),
                .count => each.which = try place(wire, COUNTS),
                else => {},
            }
        }
        return added;
    }

    /// Add the row of a span that fits a recipe to its columns, and its annotation, whose texts are put into `scratch`.
    pub fn follow(self: *const Recipes, at: u32, pairs: []const Pair, given: Given, facts: []columns.Facts, annotation: *std.ArrayList(Pair), scratch: std.mem.Allocator) Error!*const Recipe {
        if (at >= self.list.items.len or facts.len != self.kinds.len) return error.Odd;
        const recipe = &self.list.items[at];
        const counts = recipe.countsOf(pairs) orelse return error.Odd;
        const cost = if (recipe.price) |price| costOf(price, counts) else 0;
        for (recipe.sources, facts) |source, *column| switch (source) {
            .constant => |cell| try column.add(cell),
            .given => |which| try column.add(.{ .bytes = given.texts[which] }),
            .text => |position| try column.add(.{ .bytes = (try values.Any.read(pairs[position].value)).bytes }),
            .count => |which| try column.add(.{ .bytes = &std.mem.toBytes(std.mem.nativeToLittle(u64, counts[which])) }),
            .cost => try column.add(.{ .bytes = &std.mem.toBytes(std.mem.nativeToLittle(i128, cost)) }),
            .dimension => {},
        };
        try sayWork(recipe, pairs, given, facts);
        var spelled: Bytes = .empty;
        defer spelled.deinit(gpa);
        if (recipe.price != null and recipe.added.len > 0) try spellCost(&spelled, cost);
        for (recipe.added) |each| {
            var text: Bytes = .empty;
            defer text.deinit(gpa);
            switch (each.what) {
                .constant => {
                    try annotation.append(gpa, .{ .key = each.key, .value = each.text });
                    continue;
                },
                .count => try values.spellNumber(&text, .{ .kind = .whole, .number = counts[each.which] }),
                .cost => try text.appendSlice(gpa, spelled.items),
                .double => try values.spellDouble(&text, std.fmt.parseFloat(f64, spelled.items) catch return error.Odd),
            }
            try annotation.append(gpa, .{ .key = each.key, .value = try scratch.dupe(u8, text.items) });
        }
        return recipe;
    }
};

/// What the span says of the work: not what only repeats its resource, and nothing that its key is tagged with (said_of_work in
/// dimensions.py).
fn sayWork(recipe: *const Recipe, pairs: []const Pair, given: Given, facts: []columns.Facts) Error!void {
    var is_repeated = true;
    for (recipe.dimensions) |each| {
        if (each.dimension >= PAYERS) continue;
        const value = (try values.Any.read(pairs[each.position].value)).bytes;
        if (!std.mem.eql(u8, given.texts[given.resource + each.dimension], value)) is_repeated = false;
    }
    const bound = given.tags & (1 << PAYERS) - 1 != 0;
    for (recipe.dimensions) |each| {
        const value = (try values.Any.read(pairs[each.position].value)).bytes;
        const is_said = if (each.dimension < PAYERS)
            !bound and !is_repeated
        else
            given.tags >> each.dimension & 1 == 0 and !std.mem.eql(u8, given.texts[given.resource + each.dimension], value);
        try facts[each.column].add(.{ .bytes = if (is_said) value else "" });
    }
}

fn shapeHash(of_scope: u64, pairs: []const Pair) u64 {
    var found = of_scope;
    for (pairs) |pair| found = hash(found, pair.key);
    return found;
}

pub fn scopeHash(scope: []const u8) u64 {
    return hash(0, scope);
}

fn place(wire: *Wire, most: usize) Error!usize {
    const found = try wire.varint();
    return if (found < most) @intCast(found) else error.Odd;
}

fn number(comptime T: type, wire: *Wire) Error!T {
    return std.mem.readInt(T, (try wire.take(@sizeOf(T)))[0..@sizeOf(T)], .little);
}
