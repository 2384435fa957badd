-- Work table: batch_profiles
-- Purpose: The profiles of the spans of the batch, with hashes of their names.
-- Grain: a profile (profile)
-- Columns:
--     profile UInt64: hash of all that the spans of the profile have in common
--     usage Enum8('none' = 0, 'leaf' = 1, 'aggregate' = 2): what the figures are: of one call or totals (R4)
--     agent String: the agent that the span names
--     workflow_name String: stands in where no agent is named (R6)
--     service String: the span's own service
--     provider String: who bills
--     model String: the model
--     bucket String: kind of cost
--     cost_source String: what the cost comes from
--     price_id String: the price that was used
--     is_fee Bool: priced beside the calls, as a tool or a person's minute
--     is_priced Bool: the cost is known
--     has_request_fees Bool: the cost has a part for more than tokens, such as web searches
--     knowledge UInt16: how much a record knows of its call (R4)
--     own_time_rate Nullable(Decimal(38, 18)): USD a second of the span's own time
--     own_time_price_id String: the rule that prices the own time; empty: none does
--     repriced_at Nullable(DateTime64(9, 'UTC')): when a later price book priced the span again
--     repriced_from String: the price before that
--     resource_team String: team that is said of the sender: by the tags of its ingest key, else by the resource
--     resource_department String: department that is said of the sender: by the tags of its ingest key, else by the resource
--     resource_cost_center String: cost_center that is said of the sender: by the tags of its ingest key, else by the resource
--     resource_project String: project that is said of the sender: by the tags of its ingest key, else by the resource
--     resource_environment String: environment that is said of the sender: by the tags of its ingest key, else by the resource
--     resource_user String: user that is said of the sender: by the tags of its ingest key, else by the resource
--     resource_session String: session that is said of the sender: by the tags of its ingest key, else by the resource
--     resource_task String: task that is said of the sender: by the tags of its ingest key, else by the resource
--     resource_workflow String: workflow that is said of the sender: by the tags of its ingest key, else by the resource
--     sender String: who sent them
--     signal String: span, log or file
--     scope String: instrumentation scope
--     tags String: tags of the ingest key as JSON
--     is_gateway Bool: of a gateway: a sender that is one, or the scope of a known one (R16)
--     is_call Bool: a leaf that is priced by what it used, and no fee
--     priced_by String: all prices that were used, for a posting to name
--     agent_key UInt64: hash of the agent, 0: none
--     workflow_key UInt64: hash of the workflow name, 0: none
--     service_key UInt64: hash of the service, 0: none
--     model_key UInt64: hash of the model's plain name, 0: none
--     resource_key UInt64: hash of the sender and of what is said of it
--     charge_key UInt64: hash of who bills a span, for which model and kind of cost
-- Holds: An agent has the name that the configuration gives it, however it is spelled. Layers call one model by several names: `us.anthropic.claude-sonnet-4-5-20250929-v1:0`, `anthropic/claude-sonnet-4.5`. The plain
--        name, here `claude-sonnet-4-5`, is without prefixes, dates, versions and case (R1, attribution/conventions/models.py).
--        A tag cannot be overridden. Where a key is tagged with a team, department or cost center, blanks among the three are filled from the
--        organization, then by what the client says. A gateway's own resource names nobody: it is not who started the work (R8).
WITH
    replaceRegexpOne(lower(model), {model_prefix:String}, '') AS model_without_prefix,
    replaceRegexpOne(model_without_prefix, {model_version:String}, '\\1') AS model_without_version,
    replaceAll(model_without_version, '.', '-') AS plain_model
SELECT
    *,
    usage = 'leaf' AND cost_source != 'none' AND NOT is_fee AS is_call,
    concat(
        if(price_id != '', price_id, cost_source),
        if(own_time_price_id IN ('', price_id), '', concat('+', own_time_price_id))) AS priced_by,
    -- A hash stands for a name; 0 is none.
    if(agent = '', 0, cityHash64(agent)) AS agent_key,
    if(workflow_name = '', 0, cityHash64(workflow_name)) AS workflow_key,
    if(service = '', 0, cityHash64(service)) AS service_key,
    if(model = '', 0, cityHash64(plain_model)) AS model_key,
    cityHash64(
        sender, resource_team, resource_department, resource_cost_center, resource_project, resource_environment,
        resource_user, resource_session, resource_task, resource_workflow) AS resource_key,
    cityHash64(provider, model, bucket, if(repriced_at IS NULL, 0, cityHash64(assumeNotNull(repriced_at), repriced_from, priced_by))) AS charge_key
FROM
(
    WITH
        (dimension) -> JSONExtractString(tags, dimension) AS tag,
        transform(lowerUTF8(tag('team')), {team_spellings:Array(String)}, {spelled_teams:Array(String)}, tag('team')) AS tagged_team,
        (one, other) -> if(one != '', one, other) AS filled,
        sender IN {gateways:Array(String)} OR scope IN {proxy_scopes:Array(String)} AS is_proxy,
        (named) -> if(is_proxy, '', named) AS own,
        filled(tag('team'), filled(transform(tag('cost_center'), {cost_centers:Array(String)}, {teams:Array(String)}, ''),
            filled(tag('client_team'), own(profiles.resource_team)))) AS team_of_sender,
        filled(tag('department'), filled(transform(tagged_team, {teams:Array(String)}, {departments:Array(String)}, ''),
            filled(tag('client_department'), own(profiles.resource_department)))) AS department_of_sender,
        filled(tag('cost_center'), filled(transform(tagged_team, {teams:Array(String)}, {cost_centers:Array(String)}, ''),
            filled(tag('client_cost_center'), own(profiles.resource_cost_center)))) AS cost_center_of_sender
    SELECT
        * REPLACE
        (
            transform(lowerUTF8(profiles.agent), {agent_spellings:Array(String)}, {spelled_agents:Array(String)}, profiles.agent) AS agent,
            transform(lowerUTF8(profiles.workflow_name), {agent_spellings:Array(String)}, {spelled_agents:Array(String)}, profiles.workflow_name)
                AS workflow_name,
            team_of_sender AS resource_team,
            department_of_sender AS resource_department,
            cost_center_of_sender AS resource_cost_center,
            filled(tag('project'), own(profiles.resource_project)) AS resource_project,
            filled(tag('environment'), own(profiles.resource_environment)) AS resource_environment,
            filled(tag('user'), own(profiles.resource_user)) AS resource_user,
            filled(tag('session'), own(profiles.resource_session)) AS resource_session,
            filled(tag('task'), own(profiles.resource_task)) AS resource_task,
            filled(tag('workflow'), own(profiles.resource_workflow)) AS resource_workflow
        ),
        is_proxy OR scope IN {gateway_scopes:Array(String)} AS is_gateway
    FROM profiles
    WHERE profile IN (SELECT arrayJoin(span.profile) FROM {spans:Identifier})
    LIMIT 1 BY profile
)
