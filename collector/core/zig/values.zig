//! Attributes and their values: which are content, and how they are spelled.

const std = @import("std");
const columns = @import("columns.zig");
const Known = columns.Known;
const Maps = columns.Maps;
const wire_of = @import("wire.zig");
const Bytes = wire_of.Bytes;
const Error = wire_of.Error;
const HEX = wire_of.HEX;
const Wire = wire_of.Wire;
const gpa = wire_of.gpa;
const writeText = wire_of.writeText;

const DEPTH_MAX = 64;
const FIGURE_MAX = 40;

pub const Content = struct {
    keep: bool,
    keys: std.StringHashMapUnmanaged(void) = .empty,
    prefixes: std.ArrayList([]const u8) = .empty,

    pub fn is(self: *const Content, key: []const u8) bool {
        if (self.keys.contains(key)) return true;
        for (self.prefixes.items) |prefix| {
            if (std.mem.startsWith(u8, key, prefix)) return true;
        }
        return false;
    }
};

pub const Kind = enum { none, text, boolean, whole, double, list, object, bytes };

pub const Any = struct {
    kind: Kind = .none,
    number: u64 = 0,
    bytes: []const u8 = "",

    pub fn read(raw: []const u8) Error!Any {
        var wire: Wire = .{ .bytes = raw };
        const field = try wire.next() orelse return .{};
        if (wire.at != raw.len) return error.Odd;
        return switch (field.number) {
            1 => .{ .kind = .text, .bytes = try field.text() },
            2 => .{ .kind = .boolean, .number = try field.count() },
            3 => .{ .kind = .whole, .number = try field.count() },
            4 => .{ .kind = .double, .number = try field.fixed() },
            5 => .{ .kind = .list, .bytes = try field.text() },
            6 => .{ .kind = .object, .bytes = try field.text() },
            7 => .{ .kind = .bytes, .bytes = try field.text() },
            else => error.Odd,
        };
    }

    /// Whether a member of an object that is called as content is counts something.
    pub fn isFigure(self: Any) bool {
        switch (self.kind) {
            .boolean, .whole, .double => return true,
            .text => {
                if (self.bytes.len == 0 or self.bytes.len > FIGURE_MAX) return false;
                for (self.bytes) |byte| {
                    if (std.mem.findScalar(u8, "-+0123456789.eE", byte) == null) return false;
                }
                return true;
            },
            else => return false,
        }
    }
};

/// Numbers as ClickHouse's toString spells them.
pub fn spellNumber(to: *Bytes, value: Any) Error!void {
    var buffer: [64]u8 = undefined;
    switch (value.kind) {
        .boolean => try to.appendSlice(gpa, if (value.number != 0) "true" else "false"),
        .whole => try to.appendSlice(gpa, std.fmt.bufPrint(&buffer, "{d}", .{@as(i64, @bitCast(value.number))}) catch return error.Odd),
        else => try spellDouble(to, @bitCast(value.number)),
    }
}

pub fn spellDouble(to: *Bytes, number: f64) Error!void {
    if (std.math.isNan(number)) return to.appendSlice(gpa, "nan");
    if (std.math.isInf(number)) return to.appendSlice(gpa, if (number < 0) "-inf" else "inf");
    var buffer: [64]u8 = undefined;
    var shortest = std.fmt.float.render(&buffer, number, .{ .mode = .scientific }) catch return error.Odd;
    if (shortest[0] == '-') {
        try to.append(gpa, '-');
        shortest = shortest[1..];
    }
    const mark = std.mem.findScalar(u8, shortest, 'e') orelse return error.Odd;
    const exponent = std.fmt.parseInt(i32, shortest[mark + 1 ..], 10) catch return error.Odd;
    if (exponent < -6 or exponent > 20) return to.appendSlice(gpa, shortest);
    const fraction = if (mark > 2) shortest[2..mark] else "";
    if (exponent < 0) {
        try to.appendSlice(gpa, "0.");
        try to.appendNTimes(gpa, '0', @intCast(-exponent - 1));
        try to.append(gpa, shortest[0]);
        return to.appendSlice(gpa, fraction);
    }
    const before: usize = @intCast(exponent);
    try to.append(gpa, shortest[0]);
    if (fraction.len <= before) {
        try to.appendSlice(gpa, fraction);
        return to.appendNTimes(gpa, '0', before - fraction.len);
    }
    try to.appendSlice(gpa, fraction[0..before]);
    try to.append(gpa, '.');
    try to.appendSlice(gpa, fraction[before..]);
}

pub fn spellBase64(to: *Bytes, raw: []const u8) Error!void {
    const encoder = std.base64.standard.Encoder;
    _ = encoder.encode(try to.addManyAsSlice(gpa, encoder.calcSize(raw.len)), raw);
}

pub fn spellQuoted(to: *Bytes, text: []const u8) Error!void {
    try to.append(gpa, '"');
    for (text) |byte| switch (byte) {
        '"' => try to.appendSlice(gpa, "\\\""),
        '\\' => try to.appendSlice(gpa, "\\\\"),
        '\n' => try to.appendSlice(gpa, "\\n"),
        '\r' => try to.appendSlice(gpa, "\\r"),
        '\t' => try to.appendSlice(gpa, "\\t"),
        8 => try to.appendSlice(gpa, "\\b"),
        12 => try to.appendSlice(gpa, "\\f"),
        0...7, 11, 14...31 => try to.appendSlice(gpa, &.{ '\\', 'u', '0', '0', HEX[byte >> 4], HEX[byte & 15] }),
        else => try to.append(gpa, byte),
    };
    try to.append(gpa, '"');
}

pub fn spellJson(to: *Bytes, value: Any, content: *const Content, depth: usize) Error!void {
    if (depth == DEPTH_MAX) return error.Odd;
    switch (value.kind) {
        .none => try to.appendSlice(gpa, "null"),
        .text => try spellQuoted(to, value.bytes),
        .bytes => {
            try to.append(gpa, '"');
            try spellBase64(to, value.bytes);
            try to.append(gpa, '"');
        },
        .double => {
            const number: f64 = @bitCast(value.number);
            if (std.math.isFinite(number)) try spellDouble(to, number) else try to.appendSlice(gpa, "null");
        },
        .boolean, .whole => try spellNumber(to, value),
        .list => {
            var wire: Wire = .{ .bytes = value.bytes };
            var is_first = true;
            try to.append(gpa, '[');
            while (try wire.next()) |field| {
                if (field.number != 1) return error.Odd;
                if (!is_first) try to.append(gpa, ',');
                is_first = false;
                try spellJson(to, try Any.read(try field.text()), content, depth + 1);
            }
            try to.append(gpa, ']');
        },
        .object => try spellObject(to, value.bytes, content, depth),
    }
}

pub fn spellObject(to: *Bytes, raw: []const u8, content: *const Content, depth: usize) Error!void {
    var names: std.StringHashMapUnmanaged(void) = .empty;
    defer names.deinit(gpa);
    var wire: Wire = .{ .bytes = raw };
    var is_first = true;
    try to.append(gpa, '{');
    while (try wire.next()) |field| {
        if (field.number != 1) return error.Odd;
        const pair = try Pair.read(try field.text());
        if (pair.has_many) return error.Odd;
        if ((try names.getOrPut(gpa, pair.key)).found_existing) return error.Odd;
        const inner = try Any.read(pair.value);
        if (!content.keep and content.is(pair.key) and !inner.isFigure()) continue;
        if (!is_first) try to.append(gpa, ',');
        is_first = false;
        try spellQuoted(to, pair.key);
        try to.append(gpa, ':');
        try spellJson(to, inner, content, depth + 1);
    }
    try to.append(gpa, '}');
}

/// A KeyValue, its value not decoded.
pub const Pair = struct {
    key: []const u8 = "",
    value: []const u8 = "",
    has_many: bool = false,
    place: usize = 0,

    pub fn read(raw: []const u8) Error!Pair {
        var pair: Pair = .{};
        var keys: usize = 0;
        var values: usize = 0;
        var wire: Wire = .{ .bytes = raw };
        while (try wire.next()) |field| switch (field.number) {
            1 => {
                pair.key = try field.text();
                keys += 1;
            },
            2 => {
                pair.value = try field.text();
                values += 1;
            },
            else => return error.Odd,
        };
        pair.has_many = keys > 1 or values > 1;
        return pair;
    }

    pub fn isBefore(_: void, one: Pair, other: Pair) bool {
        return switch (std.mem.order(u8, one.key, other.key)) {
            .lt => true,
            .gt => false,
            .eq => one.place < other.place,
        };
    }
};

/// The attributes of one thing while they are read.
pub const Attributes = struct {
    pairs: std.ArrayList(Pair) = .empty,
    scratch: Bytes = .empty,

    pub fn deinit(self: *Attributes) void {
        self.pairs.deinit(gpa);
        self.scratch.deinit(gpa);
    }

    pub fn clear(self: *Attributes) void {
        self.pairs.clearRetainingCapacity();
    }

    pub fn add(self: *Attributes, raw: []const u8) Error!void {
        var pair = try Pair.read(raw);
        pair.place = self.pairs.items.len;
        try self.pairs.append(gpa, pair);
    }

    /// The value under a key, as text; of several the last one counts. It is valid until the next one is asked.
    pub fn textOf(self: *Attributes, key: []const u8, content: *const Content) Error![]const u8 {
        var at = self.pairs.items.len;
        while (at > 0) {
            at -= 1;
            if (std.mem.eql(u8, self.pairs.items[at].key, key)) return self.spelled(try Any.read(self.pairs.items[at].value), content);
        }
        return "";
    }

    pub fn spelled(self: *Attributes, value: Any, content: *const Content) Error![]const u8 {
        self.scratch.clearRetainingCapacity();
        switch (value.kind) {
            .none => return "",
            .text => return value.bytes,
            .boolean, .whole, .double => try spellNumber(&self.scratch, value),
            .bytes => try spellBase64(&self.scratch, value.bytes),
            .list, .object => try spellJson(&self.scratch, value, content, 0),
        }
        return self.scratch.items;
    }

    /// Those that are kept, by key, then what is added, which replaces attributes of its names, if it does.
    ///
    /// What depends on the keys alone is found once for them; `shape` is a hash of them.
    pub fn writeTo(self: *Attributes, maps: *Maps, content: *const Content, shape: u64, added: []const Pair, replaces: bool) Error!void {
        if (replaces) return self.writeSorted(maps, content, added);
        const known = maps.known.getPtr(shape) orelse try self.learn(maps, content, shape) orelse return self.writeSorted(maps, content, added);
        if (!self.has(known.keys)) return self.writeSorted(maps, content, added);
        for (known.order) |at| try writeText(&maps.values, try self.spelled(try Any.read(self.pairs.items[at].value), content));
        try maps.keys.places.appendSlice(gpa, known.places);
        try self.finish(maps, known.order.len, added);
    }

    pub fn hash(self: *const Attributes, seed: u64) u64 {
        var found = seed;
        for (self.pairs.items) |pair| found = std.hash.Wyhash.hash(found, pair.key);
        return found;
    }

    fn has(self: *const Attributes, keys: []const []const u8) bool {
        if (keys.len != self.pairs.items.len) return false;
        for (keys, self.pairs.items) |key, pair| if (!std.mem.eql(u8, key, pair.key)) return false;
        return true;
    }

    fn learn(self: *const Attributes, maps: *Maps, content: *const Content, shape: u64) Error!?*Known {
        if (maps.known.count() == Maps.KNOWN_MAX) return null;
        const own = maps.own.allocator();
        const sorted = try own.dupe(Pair, self.pairs.items);
        std.mem.sortUnstable(Pair, sorted, {}, Pair.isBefore);
        const keys = try own.alloc([]const u8, sorted.len);
        for (keys, self.pairs.items) |*key, pair| key.* = pair.key;
        var order: std.ArrayList(u32) = .empty;
        var places: std.ArrayList(u32) = .empty;
        for (sorted, 0..) |pair, at| {
            if (at + 1 < sorted.len and std.mem.eql(u8, pair.key, sorted[at + 1].key)) continue;
            if (!content.keep and content.is(pair.key)) continue;
            try order.append(own, @intCast(pair.place));
            try places.append(own, try maps.keys.placeOf(pair.key));
        }
        try maps.known.put(gpa, shape, .{ .keys = keys, .order = order.items, .places = places.items });
        return maps.known.getPtr(shape);
    }

    fn writeSorted(self: *Attributes, maps: *Maps, content: *const Content, added: []const Pair) Error!void {
        std.mem.sortUnstable(Pair, self.pairs.items, {}, Pair.isBefore);
        var size: usize = 0;
        for (self.pairs.items, 0..) |pair, at| {
            if (at + 1 < self.pairs.items.len and std.mem.eql(u8, pair.key, self.pairs.items[at + 1].key)) continue;
            if (!content.keep and content.is(pair.key)) continue;
            if (isAmong(pair.key, added)) continue;
            try maps.keys.add(pair.key);
            try writeText(&maps.values, try self.spelled(try Any.read(pair.value), content));
            size += 1;
        }
        try self.finish(maps, size, added);
    }

    fn finish(_: *const Attributes, maps: *Maps, size: usize, added: []const Pair) Error!void {
        for (added) |pair| {
            try maps.keys.add(pair.key);
            try writeText(&maps.values, pair.value);
        }
        try maps.ends.add(size + added.len);
    }

    pub fn isAmong(key: []const u8, added: []const Pair) bool {
        for (added) |pair| {
            if (std.mem.eql(u8, pair.key, key)) return true;
        }
        return false;
    }
};
