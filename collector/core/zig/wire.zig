//! Reading protobuf, and writing numbers and texts as a block of ClickHouse's Native format has them. Nothing here trusts a length that it reads.

const std = @import("std");

pub const Bytes = std.ArrayList(u8);
pub const gpa = std.heap.smp_allocator;

/// Odd: what is not plain (fields that are given twice, members of one name, values that are no values), which Python reads and writes.
pub const Error = error{ Odd, OutOfMemory };

pub const Value = union(enum) { varint: u64, fixed64: u64, bytes: []const u8, fixed32: u32 };

pub const Field = struct {
    number: u64,
    value: Value,

    pub fn text(self: Field) Error![]const u8 {
        return switch (self.value) {
            .bytes => |bytes| bytes,
            else => error.Odd,
        };
    }

    pub fn count(self: Field) Error!u64 {
        return switch (self.value) {
            .varint => |number| number,
            else => error.Odd,
        };
    }

    pub fn fixed(self: Field) Error!u64 {
        return switch (self.value) {
            .fixed64 => |number| number,
            else => error.Odd,
        };
    }
};

pub const Wire = struct {
    bytes: []const u8,
    at: usize = 0,

    pub fn next(self: *Wire) Error!?Field {
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

    pub fn text(self: *Wire) Error![]const u8 {
        return self.take(try self.varint());
    }

    pub fn take(self: *Wire, size: u64) Error![]const u8 {
        if (size > self.bytes.len - self.at) return error.Odd;
        const begin = self.at;
        self.at += @intCast(size);
        return self.bytes[begin..self.at];
    }

    pub fn varint(self: *Wire) Error!u64 {
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

pub fn writeVarint(to: *Bytes, number: u64) Error!void {
    var rest = number;
    while (rest >= 0x80) : (rest >>= 7) try to.append(gpa, @intCast(rest & 0x7F | 0x80));
    try to.append(gpa, @intCast(rest));
}

pub fn writeText(to: *Bytes, text: []const u8) Error!void {
    try writeVarint(to, text.len);
    try to.appendSlice(gpa, text);
}

pub fn writeHex(to: *Bytes, id: []const u8) Error!void {
    try writeVarint(to, 2 * id.len);
    for (id) |byte| try to.appendSlice(gpa, &.{ HEX[byte >> 4], HEX[byte & 15] });
}
pub const HEX = "0123456789abcdef";

pub fn writeInt(comptime T: type, to: *Bytes, number: T) Error!void {
    var raw: [@sizeOf(T)]u8 = undefined;
    std.mem.writeInt(T, &raw, number, .little);
    try to.appendSlice(gpa, &raw);
}
