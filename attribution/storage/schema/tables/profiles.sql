-- Purpose: What many spans have in common.
-- Grain: a profile; equal rows are merged.
CREATE TABLE IF NOT EXISTS profiles
(
    profile              UInt64 COMMENT 'hash of the other columns',
    usage                Enum8('none' = 0, 'leaf' = 1, 'aggregate' = 2) COMMENT 'what the figures are: none, leaf or aggregate (R4)',
    agent                String COMMENT 'the agent',
    workflow_name        String COMMENT 'stands in where no agent is named (R6)',
    service              String COMMENT 'service.name of the resource',
    provider             String COMMENT 'who bills',
    model                String COMMENT 'the model',
    bucket               String COMMENT 'kind of cost',
    cost_source          String COMMENT 'reported, contract, priced, rule, unpriced or none',
    price_id             String COMMENT 'the price that was used',
    is_fee               Bool COMMENT 'the price is a fee beside the calls',
    is_priced            Bool COMMENT 'the cost is known',
    has_request_fees     Bool COMMENT 'the cost has a part for more than tokens, such as web searches',
    knowledge            UInt16 DEFAULT if(has_request_fees, 128, 0) COMMENT 'how much a record knows of its call (R4)',
    own_time_rate        Nullable(Decimal(38, 18)) COMMENT 'USD a second of the own time',
    own_time_price_id    String COMMENT 'the rule that prices the own time; empty: none',
    repriced_at          Nullable(DateTime64(9, 'UTC')) COMMENT 'when a later price book priced it again',
    repriced_from        String COMMENT 'the price before that',
    resource_team        String COMMENT 'team that the resource names (R8)',
    resource_department  String COMMENT 'department that the resource names (R8)',
    resource_cost_center String COMMENT 'cost_center that the resource names (R8)',
    resource_project     String COMMENT 'project that the resource names (R8)',
    resource_environment String COMMENT 'environment that the resource names (R8)',
    resource_user        String COMMENT 'user that the resource names (R8)',
    resource_session     String COMMENT 'session that the resource names (R8)',
    resource_task        String COMMENT 'task that the resource names (R8)',
    resource_workflow    String COMMENT 'workflow that the resource names (R8)',
    sender               String COMMENT 'who sent it, by the ingest key; empty: there are no keys',
    signal               String DEFAULT 'span' COMMENT 'span, log, file',
    scope                String COMMENT 'instrumentation scope',
    tags                 String COMMENT 'tags of the ingest key as JSON'
)
ENGINE = ReplacingMergeTree
ORDER BY profile
SETTINGS index_granularity = 256
