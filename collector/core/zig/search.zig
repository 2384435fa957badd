//! The first look at a request: which of its spans follow recipes, and where spans and resources are.

const std = @import("std");
const messages = @import("messages.zig");
const recipes_of = @import("recipes.zig");
const values = @import("values.zig");
const wire_of = @import("wire.zig");
const Error = wire_of.Error;
const Pair = values.Pair;
const Recipes = recipes_of.Recipes;
const Scope = messages.Scope;
const Status = messages.Status;
const Wire = wire_of.Wire;
const gpa = wire_of.gpa;

/// A part of a request.
pub const Part = extern struct { begin: usize, size: usize };

/// Finds the recipe of each span of a request.
pub const Search = struct {
    recipes: *const Recipes,
    tags: u16,
    /// By span: the number of its recipe, from 1, or 0; and where it is.
    recipe_of: []u32,
    places: []Part,
    found: usize = 0,
    resources: []Part,
    seen: usize = 0,
    /// Where the request begins.
    body: []const u8,
    pairs: std.ArrayList(Pair) = .empty,

    pub fn request(self: *Search) Error!void {
        var wire: Wire = .{ .bytes = self.body };
        while (try wire.next()) |field| {
            if (field.number == 1) try self.resource(try field.text());
        }
        if (self.found != self.recipe_of.len) return error.Odd;
    }

    fn resource(self: *Search, raw: []const u8) Error!void {
        if (self.seen == self.resources.len) return error.Odd;
        var wire: Wire = .{ .bytes = raw };
        var own: ?[]const u8 = null;
        while (try wire.next()) |field| {
            if (field.number != 1) continue;
            if (own != null) return error.Odd;
            own = try field.text();
        }
        self.resources[self.seen] = self.part(own orelse self.body[0..0]);
        self.seen += 1;
        wire = .{ .bytes = raw };
        while (try wire.next()) |field| {
            if (field.number == 2) try self.scope(try field.text());
        }
    }

    fn scope(self: *Search, raw: []const u8) Error!void {
        const name = (try Scope.read(raw)).name;
        const hash = recipes_of.scopeHash(name);
        var wire: Wire = .{ .bytes = raw };
        while (try wire.next()) |field| {
            if (field.number == 2) try self.span(name, hash, try field.text());
        }
    }

    fn span(self: *Search, scope_name: []const u8, scope_hash: u64, raw: []const u8) Error!void {
        if (self.found == self.recipe_of.len) return error.Odd;
        var name: []const u8 = "";
        var start: u64 = 0;
        var status: ?Status = null;
        self.pairs.clearRetainingCapacity();
        var wire: Wire = .{ .bytes = raw };
        while (try wire.next()) |field| switch (field.number) {
            5 => name = try field.text(),
            7 => start = try field.fixed(),
            9 => try self.pairs.append(gpa, try Pair.read(try field.text())),
            15 => {
                if (status != null) return error.Odd;
                status = try Status.read(try field.text());
            },
            else => {},
        };
        const failed = if (status) |known| @as(u32, @truncate(known.code)) == messages.ERROR else false;
        const looked: recipes_of.Span = .{ .scope = scope_name, .scope_hash = scope_hash, .name = name, .failed = failed, .start = start, .pairs = self.pairs.items };
        const recipe = self.recipes.find(looked, self.tags);
        self.recipe_of[self.found] = if (recipe) |at| at + 1 else 0;
        self.places[self.found] = self.part(raw);
        self.found += 1;
    }

    fn part(self: *const Search, raw: []const u8) Part {
        return .{ .begin = @intFromPtr(raw.ptr) - @intFromPtr(self.body.ptr), .size = raw.len };
    }
};
