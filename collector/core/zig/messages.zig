//! Messages of OTLP that are read in more than one place.

const wire_of = @import("wire.zig");
const Error = wire_of.Error;
const Wire = wire_of.Wire;

pub const ERROR = 2;

pub const Status = struct {
    message: []const u8 = "",
    code: u64 = 0,

    pub fn read(raw: []const u8) Error!Status {
        var found: Status = .{};
        var wire: Wire = .{ .bytes = raw };
        while (try wire.next()) |field| switch (field.number) {
            2 => found.message = try field.text(),
            3 => found.code = try field.count(),
            else => {},
        };
        return found;
    }
};

pub const Scope = struct {
    name: []const u8 = "",
    version: []const u8 = "",

    /// That of the spans of one scope.
    pub fn read(raw: []const u8) Error!Scope {
        var found: Scope = .{};
        var has_scope = false;
        var wire: Wire = .{ .bytes = raw };
        while (try wire.next()) |field| {
            if (field.number != 1) continue;
            if (has_scope) return error.Odd;
            has_scope = true;
            var scope: Wire = .{ .bytes = try field.text() };
            while (try scope.next()) |inner| switch (inner.number) {
                1 => found.name = try inner.text(),
                2 => found.version = try inner.text(),
                else => {},
            };
        }
        return found;
    }
};
