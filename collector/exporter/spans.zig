//! The columns of `span_records` that repeat what is on the wire, straight from the bytes of OTLP requests to ClickHouse's Native format.
//!
//! What comes out is byte for byte what span_records.py writes for the same requests. What is not plain (fields that are given twice, members
//! of one name, values that are no values) is `error.Odd`, and Python writes that batch. Nothing here trusts a length that it reads.

const std = @import("std");

const Allocator = std.mem.Allocator;
const Bytes = std.ArrayList(u8);
const gpa = std.heap.smp_allocator;

const Error = error{ Odd, OutOfMemory };

const COLUMNS = 22;
const DEPTH_MAX = 64;
const TIME_MAX: u64 = std.math.maxInt(i64);
const OWN_KEYS: u64 = 1 << 9 | 1 << 10;
const FIGURE_MAX = 40;
const KINDS = [_][]const u8{ "Unspecified", "Internal", "Server", "Client", "Producer", "Consumer" };
const STATUSES = [_][]const u8{ "Unset", "Ok", "Error" };

// ---- Reading protobuf ----

const Value = union(enum) { varint: u64, fixed64: u64, bytes: []const u8, fixed32: u32 };

const Field = struct {
    number: u64,
    value: Value,

    fn text(self: Field) Error![]const u8 {
        return switch (self.value) {
            .bytes => |bytes| bytes,
            else => error.Odd,
        };
    }

    fn count(self: Field) Error!u64 {
        return switch (self.value) {
            .varint => |number| number,
            else => error.Odd,
        };
    }

    fn fixed(self: Field) Error!u64 {
        return switch (self.value) {
            .fixed64 => |number| number,
            else => error.Odd,
        };
    }
};

const Wire = struct {
    bytes: []const u8,
    at: usize = 0,

    fn next(self: *Wire) Error!?Field {
        if (self.at == self.bytes.len) return null;
        const tag = try self.varint();
        return .{ .number = tag >> 3, .value = switch (tag & 7) {
            0 => .{ .varint = try self.varint() },
            1 => .{ .fixed64 = std.mem.readInt(u64, (try self.take(8))[0..8], .little) },
            2 => .{ .bytes = try self.text() },
            5 => .{ .fixed32 = std.mem.readInt(u32, (try self.take(4))[0..4], .little) },
            else => return error.Odd,
        } };
    }

    fn text(self: *Wire) Error![]const u8 {
        return self.take(try self.varint());
    }

    fn take(self: *Wire, size: u64) Error![]const u8 {
        if (size > self.bytes.len - self.at) return error.Odd;
        const begin = self.at;
        self.at += @intCast(size);
        return self.bytes[begin..self.at];
    }

    fn varint(self: *Wire) Error!u64 {
        var number: u64 = 0;
        for (0..10) |place| {
            if (self.at == self.bytes.len) return error.Odd;
            const byte = self.bytes[self.at];
            self.at += 1;
            if (place == 9 and byte > 1) return error.Odd;
            number |= @as(u64, byte & 0x7F) << @intCast(7 * place);
            if (byte < 0x80) return number;
        }
        return error.Odd;
    }
};

// ---- Writing columns ----

fn writeVarint(to: *Bytes, number: u64) Error!void {
    var rest = number;
    while (rest >= 0x80) : (rest >>= 7) try to.append(gpa, @intCast(rest & 0x7F | 0x80));
    try to.append(gpa, @intCast(rest));
}

fn writeText(to: *Bytes, text: []const u8) Error!void {
    try writeVarint(to, text.len);
    try to.appendSlice(gpa, text);
}

fn writeHex(to: *Bytes, id: []const u8) Error!void {
    try writeVarint(to, 2 * id.len);
    for (id) |byte| try to.appendSlice(gpa, &.{ HEX[byte >> 4], HEX[byte & 15] });
}
const HEX = "0123456789abcdef";

fn writeInt(comptime T: type, to: *Bytes, number: T) Error!void {
    var raw: [@sizeOf(T)]u8 = undefined;
    std.mem.writeInt(T, &raw, number, .little);
    try to.appendSlice(gpa, &raw);
}

/// LowCardinality(String): the texts belong to the requests.
const Names = struct {
    places: std.ArrayList(u32) = .empty,
    place_of: std.StringHashMapUnmanaged(u32) = .empty,
    keys: Bytes = .empty,

    fn deinit(self: *Names) void {
        self.places.deinit(gpa);
        self.place_of.deinit(gpa);
        self.keys.deinit(gpa);
    }

    fn add(self: *Names, name: []const u8) Error!void {
        const found = try self.place_of.getOrPut(gpa, name);
        if (!found.found_existing) {
            found.value_ptr.* = self.place_of.count() - 1;
            try writeText(&self.keys, name);
        }
        try self.places.append(gpa, found.value_ptr.*);
    }

    fn write(self: *const Names, to: *Bytes) Error!void {
        if (self.places.items.len == 0) return;
        const different = self.place_of.count();
        const width: u64 = if (different <= 1 << 8) 0 else if (different <= 1 << 16) 1 else 2;
        try writeInt(u64, to, OWN_KEYS | width);
        try writeInt(u64, to, different);
        try to.appendSlice(gpa, self.keys.items);
        try writeInt(u64, to, self.places.items.len);
        for (self.places.items) |place| switch (width) {
            0 => try to.append(gpa, @intCast(place)),
            1 => try writeInt(u16, to, @intCast(place)),
            else => try writeInt(u32, to, place),
        };
    }
};

/// Where each list of a column ends.
const Ends = struct {
    bytes: Bytes = .empty,
    end: u64 = 0,

    fn add(self: *Ends, size: usize) Error!void {
        self.end += size;
        try writeInt(u64, &self.bytes, self.end);
    }
};

const Place = struct { keys: usize, values: usize };

/// Map(LowCardinality(String), String).
const Maps = struct {
    ends: Ends = .{},
    keys: Names = .{},
    values: Bytes = .empty,

    fn deinit(self: *Maps) void {
        self.ends.bytes.deinit(gpa);
        self.keys.deinit();
        self.values.deinit(gpa);
    }

    /// Where the next map begins.
    fn place(self: *const Maps) Place {
        return .{ .keys = self.keys.places.items.len, .values = self.values.items.len };
    }

    /// The map from one place to another once more.
    fn repeat(self: *Maps, begin: Place, end: Place) Error!void {
        try self.keys.places.ensureUnusedCapacity(gpa, end.keys - begin.keys);
        try self.values.ensureUnusedCapacity(gpa, end.values - begin.values);
        self.keys.places.appendSliceAssumeCapacity(self.keys.places.items[begin.keys..end.keys]);
        self.values.appendSliceAssumeCapacity(self.values.items[begin.values..end.values]);
        try self.ends.add(end.keys - begin.keys);
    }

    fn write(self: *const Maps, to: *Bytes) Error!void {
        try to.appendSlice(gpa, self.ends.bytes.items);
        try self.keys.write(to);
        try to.appendSlice(gpa, self.values.items);
    }
};

// ---- Content ----

const Content = struct {
    keep: bool,
    keys: std.StringHashMapUnmanaged(void) = .empty,
    prefixes: std.ArrayList([]const u8) = .empty,

    fn is(self: *const Content, key: []const u8) bool {
        if (self.keys.contains(key)) return true;
        for (self.prefixes.items) |prefix| {
            if (std.mem.startsWith(u8, key, prefix)) return true;
        }
        return false;
    }
};

// ---- Values ----

const Kind = enum { none, text, boolean, whole, double, list, object, bytes };

const Any = struct {
    kind: Kind = .none,
    number: u64 = 0,
    bytes: []const u8 = "",

    fn read(raw: []const u8) Error!Any {
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
    fn isFigure(self: Any) bool {
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
fn spellNumber(to: *Bytes, value: Any) Error!void {
    var buffer: [64]u8 = undefined;
    switch (value.kind) {
        .boolean => try to.appendSlice(gpa, if (value.number != 0) "true" else "false"),
        .whole => try to.appendSlice(gpa, std.fmt.bufPrint(&buffer, "{d}", .{@as(i64, @bitCast(value.number))}) catch return error.Odd),
        else => try spellDouble(to, @bitCast(value.number)),
    }
}

fn spellDouble(to: *Bytes, number: f64) Error!void {
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

fn spellBase64(to: *Bytes, raw: []const u8) Error!void {
    const encoder = std.base64.standard.Encoder;
    _ = encoder.encode(try to.addManyAsSlice(gpa, encoder.calcSize(raw.len)), raw);
}

fn spellQuoted(to: *Bytes, text: []const u8) Error!void {
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

fn spellJson(to: *Bytes, value: Any, content: *const Content, depth: usize) Error!void {
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

fn spellObject(to: *Bytes, raw: []const u8, content: *const Content, depth: usize) Error!void {
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
const Pair = struct {
    key: []const u8 = "",
    value: []const u8 = "",
    has_many: bool = false,
    place: usize = 0,

    fn read(raw: []const u8) Error!Pair {
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

    fn isBefore(_: void, one: Pair, other: Pair) bool {
        return switch (std.mem.order(u8, one.key, other.key)) {
            .lt => true,
            .gt => false,
            .eq => one.place < other.place,
        };
    }
};

// ---- Attributes ----

/// The attributes of one thing while they are read.
const Attributes = struct {
    pairs: std.ArrayList(Pair) = .empty,
    scratch: Bytes = .empty,

    fn deinit(self: *Attributes) void {
        self.pairs.deinit(gpa);
        self.scratch.deinit(gpa);
    }

    fn clear(self: *Attributes) void {
        self.pairs.clearRetainingCapacity();
    }

    fn add(self: *Attributes, raw: []const u8) Error!void {
        var pair = try Pair.read(raw);
        pair.place = self.pairs.items.len;
        try self.pairs.append(gpa, pair);
    }

    /// The value under a key, as text; of several the last one counts. It is valid until the next one is asked.
    fn textOf(self: *Attributes, key: []const u8, content: *const Content) Error![]const u8 {
        var at = self.pairs.items.len;
        while (at > 0) {
            at -= 1;
            if (std.mem.eql(u8, self.pairs.items[at].key, key)) return self.spelled(try Any.read(self.pairs.items[at].value), content);
        }
        return "";
    }

    fn spelled(self: *Attributes, value: Any, content: *const Content) Error![]const u8 {
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

    /// Those that are kept, by key, then what is added, which replaces attributes of its names.
    fn writeTo(self: *Attributes, maps: *Maps, content: *const Content, added: []const Pair) Error!void {
        std.mem.sortUnstable(Pair, self.pairs.items, {}, Pair.isBefore);
        var size = added.len;
        for (self.pairs.items, 0..) |pair, at| {
            if (at + 1 < self.pairs.items.len and std.mem.eql(u8, pair.key, self.pairs.items[at + 1].key)) continue;
            if (!content.keep and content.is(pair.key)) continue;
            if (isAmong(pair.key, added)) continue;
            try maps.keys.add(pair.key);
            try writeText(&maps.values, try self.spelled(try Any.read(pair.value), content));
            size += 1;
        }
        for (added) |pair| {
            try maps.keys.add(pair.key);
            try writeText(&maps.values, pair.value);
        }
        try maps.ends.add(size);
    }

    fn isAmong(key: []const u8, added: []const Pair) bool {
        for (added) |pair| {
            if (std.mem.eql(u8, pair.key, key)) return true;
        }
        return false;
    }
};

// ---- Spans ----

const Spans = struct {
    content: *const Content,
    added: Wire,
    rows: u64 = 0,
    trace_id: Bytes = .empty,
    span_id: Bytes = .empty,
    parent_span_id: Bytes = .empty,
    trace_state: Bytes = .empty,
    name: Names = .{},
    kind: Names = .{},
    service: Names = .{},
    start_time: Bytes = .empty,
    duration_ns: Bytes = .empty,
    status: Names = .{},
    status_message: Bytes = .empty,
    scope_name: Names = .{},
    scope_version: Names = .{},
    resource: Maps = .{},
    attributes: Maps = .{},
    event_ends: Ends = .{},
    event_times: Bytes = .empty,
    event_names: Names = .{},
    event_attributes: Maps = .{},
    link_ends: Ends = .{},
    link_trace_ids: Bytes = .empty,
    link_span_ids: Bytes = .empty,
    link_trace_states: Bytes = .empty,
    link_attributes: Maps = .{},
    /// Of the resource, of the span, and of an event or link.
    of_resource: Attributes = .{},
    of_span: Attributes = .{},
    of_part: Attributes = .{},
    annotation: std.ArrayList(Pair) = .empty,
    services: std.heap.ArenaAllocator = .init(gpa),

    fn deinit(self: *Spans) void {
        inline for (.{ "trace_id", "span_id", "parent_span_id", "trace_state", "start_time", "duration_ns", "status_message", "event_times", "link_trace_ids", "link_span_ids", "link_trace_states", "annotation" }) |column| @field(self, column).deinit(gpa);
        inline for (.{ "name", "kind", "service", "status", "scope_name", "scope_version", "resource", "attributes", "event_names", "event_attributes", "link_attributes", "of_resource", "of_span", "of_part" }) |column| @field(self, column).deinit();
        self.event_ends.bytes.deinit(gpa);
        self.link_ends.bytes.deinit(gpa);
        self.services.deinit();
    }

    fn addRequest(self: *Spans, body: []const u8) Error!void {
        var wire: Wire = .{ .bytes = body };
        while (try wire.next()) |field| {
            if (field.number == 1) try self.addResource(try field.text());
        }
    }

    fn addResource(self: *Spans, raw: []const u8) Error!void {
        var wire: Wire = .{ .bytes = raw };
        var resource: ?[]const u8 = null;
        while (try wire.next()) |field| {
            if (field.number != 1) continue;
            if (resource != null) return error.Odd;
            resource = try field.text();
        }
        self.of_resource.clear();
        wire = .{ .bytes = resource orelse "" };
        while (try wire.next()) |field| {
            if (field.number == 1) try self.of_resource.add(try field.text());
        }
        const service = try self.services.allocator().dupe(u8, try self.of_resource.textOf("service.name", self.content));
        wire = .{ .bytes = raw };
        while (try wire.next()) |field| {
            if (field.number == 2) try self.addScope(try field.text(), service);
        }
    }

    fn addScope(self: *Spans, raw: []const u8, service: []const u8) Error!void {
        var name: []const u8 = "";
        var version: []const u8 = "";
        var has_scope = false;
        var wire: Wire = .{ .bytes = raw };
        while (try wire.next()) |field| {
            if (field.number != 1) continue;
            if (has_scope) return error.Odd;
            has_scope = true;
            var scope: Wire = .{ .bytes = try field.text() };
            while (try scope.next()) |inner| switch (inner.number) {
                1 => name = try inner.text(),
                2 => version = try inner.text(),
                else => {},
            };
        }
        const begin = self.resource.place();
        var end: ?Place = null;
        wire = .{ .bytes = raw };
        while (try wire.next()) |field| {
            if (field.number != 2) continue;
            try self.addSpan(try field.text());
            try self.service.add(service);
            try self.scope_name.add(name);
            try self.scope_version.add(version);
            if (end) |known| {
                try self.resource.repeat(begin, known);
            } else {
                try self.of_resource.writeTo(&self.resource, self.content, &.{});
                end = self.resource.place();
            }
            self.rows += 1;
        }
    }

    fn addSpan(self: *Spans, raw: []const u8) Error!void {
        var ids = [_][]const u8{ "", "", "" };
        var texts = [_][]const u8{ "", "" };
        var kind: u64 = 0;
        var start: u64 = 0;
        var end: u64 = 0;
        var status: ?[]const u8 = null;
        var events: usize = 0;
        var links: usize = 0;
        self.of_span.clear();
        var wire: Wire = .{ .bytes = raw };
        while (try wire.next()) |field| switch (field.number) {
            1 => ids[0] = try field.text(),
            2 => ids[1] = try field.text(),
            3 => texts[0] = try field.text(),
            4 => ids[2] = try field.text(),
            5 => texts[1] = try field.text(),
            6 => kind = try field.count(),
            7 => start = try field.fixed(),
            8 => end = try field.fixed(),
            9 => try self.of_span.add(try field.text()),
            11 => {
                try self.addEvent(try field.text());
                events += 1;
            },
            13 => {
                try self.addLink(try field.text());
                links += 1;
            },
            15 => {
                if (status != null) return error.Odd;
                status = try field.text();
            },
            else => {},
        };
        try writeHex(&self.trace_id, ids[0]);
        try writeHex(&self.span_id, ids[1]);
        try writeHex(&self.parent_span_id, ids[2]);
        try writeText(&self.trace_state, texts[0]);
        try self.name.add(texts[1]);
        try self.kind.add(called(&KINDS, kind));
        start = @min(start, TIME_MAX);
        try writeInt(u64, &self.start_time, start);
        try writeInt(u64, &self.duration_ns, @min(end, TIME_MAX) -| start);
        try self.addStatus(status orelse "");
        try self.event_ends.add(events);
        try self.link_ends.add(links);
        try self.readAnnotation();
        try self.of_span.writeTo(&self.attributes, self.content, self.annotation.items);
    }

    /// What pricing adds to the next span: how many pairs, then each as two texts.
    fn readAnnotation(self: *Spans) Error!void {
        self.annotation.clearRetainingCapacity();
        for (0..@intCast(try self.added.varint())) |_| {
            const key = try self.added.text();
            try self.annotation.append(gpa, .{ .key = key, .value = try self.added.text() });
        }
    }

    fn addStatus(self: *Spans, raw: []const u8) Error!void {
        var message: []const u8 = "";
        var code: u64 = 0;
        var wire: Wire = .{ .bytes = raw };
        while (try wire.next()) |field| switch (field.number) {
            2 => message = try field.text(),
            3 => code = try field.count(),
            else => {},
        };
        try self.status.add(called(&STATUSES, code));
        try writeText(&self.status_message, message);
    }

    fn addEvent(self: *Spans, raw: []const u8) Error!void {
        var time: u64 = 0;
        var name: []const u8 = "";
        self.of_part.clear();
        var wire: Wire = .{ .bytes = raw };
        while (try wire.next()) |field| switch (field.number) {
            1 => time = try field.fixed(),
            2 => name = try field.text(),
            3 => try self.of_part.add(try field.text()),
            else => {},
        };
        try writeInt(u64, &self.event_times, @min(time, TIME_MAX));
        try self.event_names.add(name);
        try self.of_part.writeTo(&self.event_attributes, self.content, &.{});
    }

    fn addLink(self: *Spans, raw: []const u8) Error!void {
        var ids = [_][]const u8{ "", "" };
        var state: []const u8 = "";
        self.of_part.clear();
        var wire: Wire = .{ .bytes = raw };
        while (try wire.next()) |field| switch (field.number) {
            1 => ids[0] = try field.text(),
            2 => ids[1] = try field.text(),
            3 => state = try field.text(),
            4 => try self.of_part.add(try field.text()),
            else => {},
        };
        try writeHex(&self.link_trace_ids, ids[0]);
        try writeHex(&self.link_span_ids, ids[1]);
        try writeText(&self.link_trace_states, state);
        try self.of_part.writeTo(&self.link_attributes, self.content, &.{});
    }

    /// All columns, one after the other, in the order of span_records.py; `ends` is where each ends.
    fn write(self: *const Spans, to: *Bytes, ends: *[COLUMNS]u64) Error!void {
        var at: usize = 0;
        inline for (.{ "trace_id", "span_id", "parent_span_id", "trace_state", "name", "kind", "service", "start_time", "duration_ns", "status", "status_message", "scope_name", "scope_version", "resource", "attributes", "event_times", "event_names", "event_attributes", "link_trace_ids", "link_span_ids", "link_trace_states", "link_attributes" }) |column| {
            if (comptime std.mem.startsWith(u8, column, "event_")) try to.appendSlice(gpa, self.event_ends.bytes.items);
            if (comptime std.mem.startsWith(u8, column, "link_")) try to.appendSlice(gpa, self.link_ends.bytes.items);
            const value = &@field(self, column);
            if (@TypeOf(value) == *const Bytes) try to.appendSlice(gpa, value.items) else try value.write(to);
            ends[at] = to.items.len;
            at += 1;
        }
        if (at != COLUMNS) return error.Odd;
    }
};

/// What the wire calls by its number, an int32; what is not known is the first.
fn called(names: []const []const u8, number: u64) []const u8 {
    const low: u32 = @truncate(number);
    return if (low < names.len) names[low] else names[0];
}

// ---- The door ----

/// What a conversion gives back; `data` is to be released.
pub const Columns = extern struct {
    data: ?[*]u8,
    size: usize,
    capacity: usize,
    rows: u64,
    ends: [COLUMNS]u64,
};

/// Keys and beginnings of keys that are content, each followed by a zero. They are not copied. Null where there is no memory.
export fn spanledger_content(keys: [*]const u8, keys_size: usize, prefixes: [*]const u8, prefixes_size: usize, keep: bool) ?*Content {
    const content = gpa.create(Content) catch return null;
    content.* = .{ .keep = keep };
    fill(content, keys[0..keys_size], prefixes[0..prefixes_size]) catch {
        spanledger_forget(content);
        return null;
    };
    return content;
}

fn fill(content: *Content, keys: []const u8, prefixes: []const u8) Error!void {
    var texts = std.mem.splitScalar(u8, keys, 0);
    while (texts.next()) |text| if (text.len > 0) try content.keys.put(gpa, text, {});
    texts = std.mem.splitScalar(u8, prefixes, 0);
    while (texts.next()) |text| if (text.len > 0) try content.prefixes.append(gpa, text);
}

export fn spanledger_forget(content: ?*Content) void {
    const known = content orelse return;
    known.keys.deinit(gpa);
    known.prefixes.deinit(gpa);
    gpa.destroy(known);
}

/// 0: `into` holds the columns; 1: Python has to do it; 2: there is no memory.
export fn spanledger_columns(content: *const Content, bodies: [*]const [*]const u8, sizes: [*]const usize, requests: usize, added: [*]const u8, added_size: usize, into: *Columns) c_int {
    var spans: Spans = .{ .content = content, .added = .{ .bytes = added[0..added_size] } };
    defer spans.deinit();
    var data: Bytes = .empty;
    convert(&spans, bodies[0..requests], sizes[0..requests], &data, &into.ends) catch |problem| {
        data.deinit(gpa);
        return if (problem == error.Odd) 1 else 2;
    };
    into.data = if (data.capacity > 0) data.items.ptr else null;
    into.size = data.items.len;
    into.capacity = data.capacity;
    into.rows = spans.rows;
    return 0;
}

fn convert(spans: *Spans, bodies: []const [*]const u8, sizes: []const usize, data: *Bytes, ends: *[COLUMNS]u64) Error!void {
    for (bodies, sizes) |body, size| try spans.addRequest(body[0..size]);
    if (spans.added.at != spans.added.bytes.len) return error.Odd;
    try spans.write(data, ends);
}

export fn spanledger_release(columns: *const Columns) void {
    if (columns.data) |data| gpa.free(data[0..columns.capacity]);
}
