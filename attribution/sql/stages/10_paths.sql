-- Purpose: whose agent, which entry, whose pool, and who started it, as far as the trace itself says (R6, R7, R8, R9).
-- Grain:   trace; columns are arrays over its spans.
-- Columns: path_agents: distinct agents at or above the span; owner_team: team that owns the topmost owned agent of the path.
-- Holds:   a dimension comes from the topmost span attribute of the path, else the topmost resource attribute, else the first span
--          of the trace that has it as either; team, department and cost_center always from one place.
CREATE TABLE {paths:Identifier} ENGINE = Memory AS
WITH
    arrayEnumerate(s) AS indices,
    -- Up the path from each span: the lowest span that has it, the topmost one, and the root.
    (ladder, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), ladder, has_it) AS nearest,
    (ladder, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(v[p] > 0, v[p], x), v, jump), ladder, has_it) AS topmost,
    (value) -> arrayMap((x, i) -> if(x != '', toUInt32(i), 0), value, arrayEnumerate(value)) AS where_set,
    (place) -> if(arrayExists(i -> i > 0, place), jumps, []) AS if_any,

    where_set(s.agent) AS agent_at,
    where_set(s.workflow_name) AS workflow_at,
    arrayMap(
        (a, w, service) -> multiIf(a > 0, s.agent[a], w > 0, s.workflow_name[w], service),
        nearest(if_any(agent_at), agent_at), nearest(if_any(workflow_at), workflow_at), s.service) AS agents,
    arrayEnumerateDense(agents) AS code,
    arrayMap((c, p, name) -> name != '' AND (p = 0 OR c != code[p]), code, parent, agents) AS entry,
    -- Which agents lie on the path: one bit an agent, in words of 64.
    (c) -> toUInt64(bitShiftLeft(toUInt64(1), toUInt8((c - 1) % 64))) AS bit,
    (c) -> intDiv(c - 1, 64) AS word_of,
    if(arrayMax(code) = 1, [], jumps) AS agent_ladder,
    arrayMap(
        word -> arrayFold(
            (v, jump) -> arrayMap((x, p) -> bitOr(x, v[p]), v, jump),
            agent_ladder,
            arrayMap(c -> if(word_of(c) = word, bit(c), toUInt64(0)), code)),
        range(word_of(arrayMax(code)) + 1)) AS words,
    -- Every agent once, but for the nameless.
    arrayFilter((name, nth) -> nth = 1 AND name != '', agents, arrayEnumerateUniq(code)) AS named_agents,
    arrayFilter((c, name, nth) -> nth = 1 AND name != '', code, agents, arrayEnumerateUniq(code)) AS named_codes,
    arrayMap(
        (e, c, p) -> e AND p > 0 AND bitAnd(words[word_of(c) + 1][p], bit(c)) != 0, entry, code, parent) AS reentrant,
    arrayMap(
        (name, i) -> if(name != '' AND arrayExists(pattern -> match(name, pattern), {shared:Array(String)}), toUInt32(i), 0),
        agents, indices) AS shared_at,
    nearest(if_any(shared_at), shared_at) AS pool_at,
    where_set(arrayMap(a -> transform(a, {owned_agents:Array(String)}, {owner_teams:Array(String)}, ''), agents)) AS owned_at,
    topmost(if_any(owned_at), owned_at) AS owner_at,

    -- The place a value comes from: a positive index is a span attribute, a negative one a resource attribute, 0 none.
    (on_span, on_resource) -> arrayMap(
        (a, b) -> multiIf(
            a > 0, toInt64(a),
            b > 0, -toInt64(b),
            arrayFirst(i -> i > 0, on_span) > 0, toInt64(arrayFirst(i -> i > 0, on_span)),
            -toInt64(arrayFirst(i -> i > 0, on_resource))),
        topmost(if_any(on_span), on_span), topmost(if_any(on_resource), on_resource)) AS places,
    (place, of_span, of_resource) -> arrayMap(i -> if(i > 0, of_span[i], of_resource[-i]), place) AS values_at,
    (a, b, c) -> arrayMap((x, y, z, i) -> if(x != '' OR y != '' OR z != '', toUInt32(i), 0), a, b, c, arrayEnumerate(a)) AS where_any_set,
    places(
        where_any_set(s.span_team, s.span_department, s.span_cost_center),
        where_any_set(s.resource_team, s.resource_department, s.resource_cost_center)) AS payer_at
SELECT
    trace_id,
    topmost(jumps, arrayMap(i -> toUInt32(i), indices)) AS root_at,
    agents AS agent,
    entry AS agent_entry,
    reentrant,
    arrayMap(
        i -> arrayFilter((name, c) -> bitAnd(words[word_of(c) + 1][i], bit(c)) != 0, named_agents, named_codes), indices) AS path_agents,
    arrayMap(i -> agents[i], pool_at) AS pool,
    arrayMap(i -> transform(agents[i], {owned_agents:Array(String)}, {owner_teams:Array(String)}, ''), owner_at) AS owner_team,
    values_at(payer_at, s.span_team, s.resource_team) AS team,
    values_at(payer_at, s.span_department, s.resource_department) AS department,
    values_at(payer_at, s.span_cost_center, s.resource_cost_center) AS cost_center,
    values_at(places(where_set(s.span_project), where_set(s.resource_project)), s.span_project, s.resource_project) AS project,
    values_at(
        places(where_set(s.span_environment), where_set(s.resource_environment)), s.span_environment, s.resource_environment) AS environment,
    values_at(places(where_set(s.span_user), where_set(s.resource_user)), s.span_user, s.resource_user) AS user,
    values_at(places(where_set(s.span_session), where_set(s.resource_session)), s.span_session, s.resource_session) AS session,
    values_at(places(where_set(s.span_task), where_set(s.resource_task)), s.span_task, s.resource_task) AS task,
    values_at(places(where_set(s.span_workflow), where_set(s.resource_workflow)), s.span_workflow, s.resource_workflow) AS workflow
FROM {trees:Identifier}
