//! The columns of `span_records`, straight from the bytes of OTLP requests to ClickHouse's Native format: those that repeat what is on the
//! wire, and those that say what a span used and cost, where a recipe tells how they follow from it.
//!
//! What comes out is byte for byte what Python writes for the same requests (span_records.py). Where a request is `error.Odd`, Python
//! writes that batch.

const std = @import("std");
const columns_of = @import("columns.zig");
const messages = @import("messages.zig");
const recipes_of = @import("recipes.zig");
const search_of = @import("search.zig");
const values = @import("values.zig");
const wire_of = @import("wire.zig");
const Attributes = values.Attributes;
const Bytes = wire_of.Bytes;
const Content = values.Content;
const Ends = columns_of.Ends;
const Error = wire_of.Error;
const Facts = columns_of.Facts;
const Maps = columns_of.Maps;
const Names = columns_of.Names;
const Pair = values.Pair;
const Place = columns_of.Place;
const Read = columns_of.Read;
const Recipe = recipes_of.Recipe;
const Recipes = recipes_of.Recipes;
const Scope = messages.Scope;
const Search = search_of.Search;
const Status = messages.Status;
const Wire = wire_of.Wire;
const gpa = wire_of.gpa;
const writeHex = wire_of.writeHex;
const writeInt = wire_of.writeInt;
const writeText = wire_of.writeText;

const COLUMNS = 22;
const TIME_MAX: u64 = std.math.maxInt(i64);
const KINDS = [_][]const u8{ "Unspecified", "Internal", "Server", "Client", "Producer", "Consumer" };
const STATUSES = [_][]const u8{ "Unset", "Ok", "Error" };

/// How many texts a delivery is given, and then each of its resources (recipes.py).
const OF_DELIVERY = 3;
const OF_RESOURCE = recipes_of.DIMENSIONS + 1;

/// One request and what Python knows of it; without recipes all of its spans are read by Python.
const Request = extern struct {
    body: [*]const u8,
    size: usize,
    recipes: ?*const Recipes,
    /// By span: the number of its recipe, from 1; 0: Python has read it.
    recipe_of: [*]const u32,
    spans: usize,
    given: [*]const u8,
    given_size: usize,
    tags: u32,
};

const Spans = struct {
    content: *const Content,
    /// Of the spans that Python has read: what is added to each, and their columns.
    added: Wire,
    read: []Read,
    facts: []Facts,
    recipes: ?*const Recipes = null,
    recipe_of: []const u32 = &.{},
    given: Wire = .{ .bytes = "" },
    texts: [OF_DELIVERY + OF_RESOURCE][]const u8 = @splat(""),
    tags: u16 = 0,
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
    /// Texts that are on no wire: names of services, annotations.
    texts_made: std.heap.ArenaAllocator = .init(gpa),

    fn deinit(self: *Spans) void {
        inline for (.{ "trace_id", "span_id", "parent_span_id", "trace_state", "start_time", "duration_ns", "status_message", "event_times", "link_trace_ids", "link_span_ids", "link_trace_states", "annotation" }) |column| @field(self, column).deinit(gpa);
        inline for (.{ "name", "kind", "service", "status", "scope_name", "scope_version", "resource", "attributes", "event_names", "event_attributes", "link_attributes", "of_resource", "of_span", "of_part" }) |column| @field(self, column).deinit();
        for (self.facts) |*column| column.deinit();
        self.event_ends.bytes.deinit(gpa);
        self.link_ends.bytes.deinit(gpa);
        self.texts_made.deinit();
    }

    fn addRequest(self: *Spans, request: Request) Error!void {
        self.recipes = request.recipes;
        self.recipe_of = request.recipe_of[0..request.spans];
        self.given = .{ .bytes = request.given[0..request.given_size] };
        self.tags = @truncate(request.tags);
        if (self.recipes != null) try self.take(0, OF_DELIVERY);
        var wire: Wire = .{ .bytes = request.body[0..request.size] };
        while (try wire.next()) |field| {
            if (field.number == 1) try self.addResource(try field.text());
        }
        if (self.recipe_of.len > 0 or self.given.at != self.given.bytes.len) return error.Odd;
    }

    /// The next of the given texts.
    fn take(self: *Spans, begin: usize, size: usize) Error!void {
        for (self.texts[begin..][0..size]) |*text| text.* = try self.given.text();
    }

    fn addResource(self: *Spans, raw: []const u8) Error!void {
        var wire: Wire = .{ .bytes = raw };
        var resource: ?[]const u8 = null;
        while (try wire.next()) |field| {
            if (field.number != 1) continue;
            if (resource != null) return error.Odd;
            resource = try field.text();
        }
        if (self.recipes != null) try self.take(OF_DELIVERY, OF_RESOURCE);
        self.of_resource.clear();
        wire = .{ .bytes = resource orelse "" };
        while (try wire.next()) |field| {
            if (field.number == 1) try self.of_resource.add(try field.text());
        }
        const service = try self.texts_made.allocator().dupe(u8, try self.of_resource.textOf("service.name", self.content));
        wire = .{ .bytes = raw };
        while (try wire.next()) |field| {
            if (field.number == 2) try self.addScope(try field.text(), service);
        }
    }

    fn addScope(self: *Spans, raw: []const u8, service: []const u8) Error!void {
        const of_spans = try Scope.read(raw);
        var wire: Wire = .{ .bytes = raw };
        const begin = self.resource.place();
        var end: ?Place = null;
        while (try wire.next()) |field| {
            if (field.number != 2) continue;
            try self.addSpan(try field.text());
            try self.service.add(service);
            try self.scope_name.add(of_spans.name);
            try self.scope_version.add(of_spans.version);
            if (end) |known| {
                try self.resource.repeat(begin, known);
            } else {
                try self.of_resource.writeTo(&self.resource, self.content, self.of_resource.hash(0), &.{}, false);
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
        const recipe = try self.addFacts();
        const shape = if (recipe) |followed| followed.shape else self.of_span.hash(0);
        const replaces = if (recipe) |followed| followed.replaces else self.annotation.items.len > 0;
        try self.of_span.writeTo(&self.attributes, self.content, shape, self.annotation.items, replaces);
    }

    /// What was read and what it costs: by the recipe of the span, or as Python has read it.
    fn addFacts(self: *Spans) Error!?*const Recipe {
        self.annotation.clearRetainingCapacity();
        var recipe: u32 = 0;
        if (self.recipes != null) {
            if (self.recipe_of.len == 0) return error.Odd;
            recipe = self.recipe_of[0];
            self.recipe_of = self.recipe_of[1..];
        }
        if (recipe > 0) {
            const given: recipes_of.Given = .{ .texts = &self.texts, .resource = OF_DELIVERY, .tags = self.tags };
            return try self.recipes.?.follow(recipe - 1, self.of_span.pairs.items, given, self.facts, &self.annotation, self.texts_made.allocator());
        }
        for (self.facts, self.read) |*column, *read| try column.add(try read.next());
        try self.readAnnotation();
        return null;
    }

    /// What pricing adds to the next span: how many pairs, then each as two texts.
    fn readAnnotation(self: *Spans) Error!void {
        for (0..@intCast(try self.added.varint())) |_| {
            const key = try self.added.text();
            try self.annotation.append(gpa, .{ .key = key, .value = try self.added.text() });
        }
    }

    fn addStatus(self: *Spans, raw: []const u8) Error!void {
        const status = try Status.read(raw);
        try self.status.add(called(&STATUSES, status.code));
        try writeText(&self.status_message, status.message);
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
        try self.of_part.writeTo(&self.event_attributes, self.content, self.of_part.hash(0), &.{}, false);
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
        try self.of_part.writeTo(&self.link_attributes, self.content, self.of_part.hash(0), &.{}, false);
    }

    /// All columns, one after the other, in the order of span_records.py; `ends` is where each ends.
    fn write(self: *const Spans, to: *Bytes, ends: []u64) Error!void {
        var at: usize = 0;
        inline for (.{ "trace_id", "span_id", "parent_span_id", "trace_state", "name", "kind", "service", "start_time", "duration_ns", "status", "status_message", "scope_name", "scope_version", "resource", "attributes", "event_times", "event_names", "event_attributes", "link_trace_ids", "link_span_ids", "link_trace_states", "link_attributes" }) |column| {
            if (comptime std.mem.startsWith(u8, column, "event_")) try to.appendSlice(gpa, self.event_ends.bytes.items);
            if (comptime std.mem.startsWith(u8, column, "link_")) try to.appendSlice(gpa, self.link_ends.bytes.items);
            const value = &@field(self, column);
            if (@TypeOf(value) == *const Bytes) try to.appendSlice(gpa, value.items) else try value.write(to);
            ends[at] = to.items.len;
            at += 1;
        }
        for (self.facts) |*column| {
            try column.write(to);
            ends[at] = to.items.len;
            at += 1;
        }
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
};

/// 0: done; 1: Python has to do it; 2: there is no memory.
fn answer(problem: Error) c_int {
    return if (problem == error.Odd) 1 else 2;
}

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

/// Recipes without any yet; null where there is no memory.
export fn spanledger_recipes(raw: [*]const u8, size: usize) ?*Recipes {
    const recipes = gpa.create(Recipes) catch return null;
    recipes.* = .{};
    recipes.begin(raw[0..size]) catch {
        spanledger_forget_recipes(recipes);
        return null;
    };
    return recipes;
}

export fn spanledger_forget_recipes(recipes: ?*Recipes) void {
    const known = recipes orelse return;
    known.deinit();
    gpa.destroy(known);
}

export fn spanledger_learn(recipes: *Recipes, raw: [*]const u8, size: usize) c_int {
    recipes.learn(raw[0..size]) catch |problem| return answer(problem);
    return 0;
}

/// Which recipes the spans of a request follow; `resources` holds so many places, and then where its resources are.
export fn spanledger_find(recipes: *const Recipes, body: [*]const u8, size: usize, tags: u32, recipe_of: [*]u32, places: [*]search_of.Part, count: usize, resources: [*]search_of.Part, resources_count: *usize) c_int {
    var search: Search = .{ .recipes = recipes, .tags = @truncate(tags), .recipe_of = recipe_of[0..count], .places = places[0..count], .resources = resources[0..resources_count.*], .body = body[0..size] };
    defer search.pairs.deinit(gpa);
    search.request() catch |problem| return answer(problem);
    resources_count.* = search.seen;
    return 0;
}

/// All columns of the spans of some requests, one after the other; `ends` is where each ends.
///
/// `letters` are the kinds of the columns that are not on the wire. `read` holds these columns for the spans that Python has read, so many
/// rows, one after the other, each ending at its place in `read_ends`; `added` their annotations.
export fn spanledger_columns(content: *const Content, requests: [*]const Request, count: usize, letters: [*]const u8, letters_size: usize, read: [*]const u8, read_ends: [*]const usize, read_rows: usize, added: [*]const u8, added_size: usize, ends: [*]u64, into: *Columns) c_int {
    var arena: std.heap.ArenaAllocator = .init(gpa);
    defer arena.deinit();
    const own = arena.allocator();
    const facts = own.alloc(Facts, letters_size) catch return 2;
    const columns = own.alloc(Read, letters_size) catch return 2;
    var begin: usize = 0;
    for (facts, columns, letters[0..letters_size], read_ends[0..letters_size]) |*column, *of_read, letter, end| {
        const kind = columns_of.Kind.of(letter) catch return 1;
        column.* = .{ .kind = kind };
        of_read.* = .{ .kind = kind, .bytes = read[begin..end], .rows = read_rows };
        begin = end;
    }
    var spans: Spans = .{ .content = content, .added = .{ .bytes = added[0..added_size] }, .read = columns, .facts = facts };
    defer spans.deinit();
    var data: Bytes = .empty;
    convert(&spans, requests[0..count], &data, ends[0 .. COLUMNS + letters_size]) catch |problem| {
        data.deinit(gpa);
        return answer(problem);
    };
    into.data = if (data.capacity > 0) data.items.ptr else null;
    into.size = data.items.len;
    into.capacity = data.capacity;
    into.rows = spans.rows;
    return 0;
}

fn convert(spans: *Spans, requests: []const Request, data: *Bytes, ends: []u64) Error!void {
    for (requests) |request| try spans.addRequest(request);
    if (spans.added.at != spans.added.bytes.len) return error.Odd;
    for (spans.read) |column| if (column.row != column.rows) return error.Odd;
    try spans.write(data, ends);
}

export fn spanledger_release(columns: *const Columns) void {
    if (columns.data) |data| gpa.free(data[0..columns.capacity]);
}
