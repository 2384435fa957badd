//! Columns while they grow.

const std = @import("std");
const wire = @import("wire.zig");
const Bytes = wire.Bytes;
const Error = wire.Error;
const gpa = wire.gpa;
const writeInt = wire.writeInt;
const writeText = wire.writeText;

const OWN_KEYS: u64 = 1 << 9 | 1 << 10;

/// LowCardinality(String): the texts belong to the requests.
pub const Names = struct {
    places: std.ArrayList(u32) = .empty,
    place_of: std.StringHashMapUnmanaged(u32) = .empty,
    keys: Bytes = .empty,
    /// Most names follow themselves.
    last: ?struct { name: []const u8, place: u32 } = null,

    pub fn deinit(self: *Names) void {
        self.places.deinit(gpa);
        self.place_of.deinit(gpa);
        self.keys.deinit(gpa);
    }

    pub fn add(self: *Names, name: []const u8) Error!void {
        try self.places.append(gpa, try self.placeOf(name));
    }

    /// Its place among the different names.
    pub fn placeOf(self: *Names, name: []const u8) Error!u32 {
        if (self.last) |last| if (std.mem.eql(u8, last.name, name)) return last.place;
        const found = try self.place_of.getOrPut(gpa, name);
        if (!found.found_existing) {
            found.value_ptr.* = self.place_of.count() - 1;
            try writeText(&self.keys, name);
        }
        self.last = .{ .name = name, .place = found.value_ptr.* };
        return found.value_ptr.*;
    }

    pub fn write(self: *const Names, to: *Bytes) Error!void {
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
pub const Ends = struct {
    bytes: Bytes = .empty,
    end: u64 = 0,

    pub fn add(self: *Ends, size: usize) Error!void {
        self.end += size;
        try writeInt(u64, &self.bytes, self.end);
    }
};

pub const Place = struct { keys: usize, values: usize };

/// Maps of one shape: the keys as they came, which of them are kept, by key, and their places among the keys of the column.
pub const Known = struct { keys: []const []const u8, order: []const u32, places: []const u32 };

/// Map(LowCardinality(String), String).
pub const Maps = struct {
    /// Shapes that are remembered for a column: a sender that invents keys must not fill the memory.
    pub const KNOWN_MAX = 1024;

    ends: Ends = .{},
    keys: Names = .{},
    values: Bytes = .empty,
    known: std.AutoHashMapUnmanaged(u64, Known) = .empty,
    own: std.heap.ArenaAllocator = .init(gpa),

    pub fn deinit(self: *Maps) void {
        self.ends.bytes.deinit(gpa);
        self.keys.deinit();
        self.values.deinit(gpa);
        self.known.deinit(gpa);
        self.own.deinit();
    }

    /// Where the next map begins.
    pub fn place(self: *const Maps) Place {
        return .{ .keys = self.keys.places.items.len, .values = self.values.items.len };
    }

    /// The map from one place to another once more.
    pub fn repeat(self: *Maps, begin: Place, end: Place) Error!void {
        try self.keys.places.ensureUnusedCapacity(gpa, end.keys - begin.keys);
        try self.values.ensureUnusedCapacity(gpa, end.values - begin.values);
        self.keys.places.appendSliceAssumeCapacity(self.keys.places.items[begin.keys..end.keys]);
        self.values.appendSliceAssumeCapacity(self.values.items[begin.values..end.values]);
        try self.ends.add(end.keys - begin.keys);
    }

    pub fn write(self: *const Maps, to: *Bytes) Error!void {
        try to.appendSlice(gpa, self.ends.bytes.items);
        try self.keys.write(to);
        try to.appendSlice(gpa, self.values.items);
    }
};

/// How the values of a column are written, by the letters that Python has for them (core.py).
pub const Kind = enum(u8) {
    name = 'N',
    text = 'T',
    /// Whole numbers and amounts, of which some are unknown.
    count = 'C',
    amount = 'A',
    word = 'H',
    byte = 'b',

    pub fn of(letter: u8) Error!Kind {
        return std.enums.fromInt(Kind, letter) orelse error.Odd;
    }

    pub fn isNullable(self: Kind) bool {
        return self == .count or self == .amount;
    }

    pub fn width(self: Kind) usize {
        return switch (self) {
            .name, .text => 0,
            .count => 8,
            .amount => 16,
            .word => 2,
            .byte => 1,
        };
    }
};

/// A value of such a column: a text, or so many bytes.
pub const Cell = struct {
    bytes: []const u8,
    is_null: bool = false,
};

/// A column of what was read and what it costs.
pub const Facts = struct {
    kind: Kind,
    names: Names = .{},
    nulls: Bytes = .empty,
    bytes: Bytes = .empty,

    pub fn deinit(self: *Facts) void {
        self.names.deinit();
        self.nulls.deinit(gpa);
        self.bytes.deinit(gpa);
    }

    pub fn add(self: *Facts, cell: Cell) Error!void {
        switch (self.kind) {
            .name => try self.names.add(cell.bytes),
            .text => try writeText(&self.bytes, cell.bytes),
            else => {
                if (self.kind.isNullable()) try self.nulls.append(gpa, @intFromBool(cell.is_null));
                try self.bytes.appendSlice(gpa, cell.bytes);
            },
        }
    }

    pub fn write(self: *const Facts, to: *Bytes) Error!void {
        if (self.kind == .name) return self.names.write(to);
        try to.appendSlice(gpa, self.nulls.items);
        try to.appendSlice(gpa, self.bytes.items);
    }
};

/// A column of rows that Python has read, one value after the other; of numbers that can be unknown first which are.
pub const Read = struct {
    kind: Kind,
    bytes: []const u8,
    rows: usize,
    row: usize = 0,
    at: usize = 0,

    pub fn next(self: *Read) Error!Cell {
        if (self.row == self.rows) return error.Odd;
        defer self.row += 1;
        switch (self.kind) {
            .name, .text => {
                var wire_left: wire.Wire = .{ .bytes = self.bytes, .at = self.at };
                const found = try wire_left.text();
                self.at = wire_left.at;
                return .{ .bytes = found };
            },
            else => {
                const nulls = if (self.kind.isNullable()) self.rows else 0;
                const begin = nulls + self.row * self.kind.width();
                if (begin + self.kind.width() > self.bytes.len) return error.Odd;
                const is_null = nulls > 0 and self.bytes[self.row] != 0;
                return .{ .bytes = self.bytes[begin..][0..self.kind.width()], .is_null = is_null };
            },
        }
    }
};
