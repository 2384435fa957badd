-- Purpose: what many spans have in common.
-- Grain:   profile; equal rows of one merge.
CREATE TABLE IF NOT EXISTS profiles
(
    profile              UInt64,
    usage                Enum8('none' = 0, 'leaf' = 1, 'aggregate' = 2),
    agent                String,
    workflow_name        String,
    service              String,
    provider             String,
    model                String,
    bucket               String,
    cost_source          String,
    price_id             String,
    is_fee               Bool,
    is_priced            Bool COMMENT 'the cost is known',
    has_request_fees     Bool COMMENT 'the cost has a part for more than tokens, such as web searches',
    own_time_rate        Nullable(Decimal(38, 18)),
    own_time_price_id    String,
    repriced_at          Nullable(DateTime64(9, 'UTC')),
    repriced_from        String,
    resource_team        String,
    resource_department  String,
    resource_cost_center String,
    resource_project     String,
    resource_environment String,
    resource_user        String,
    resource_session     String,
    resource_task        String,
    resource_workflow    String
)
ENGINE = ReplacingMergeTree
ORDER BY profile
SETTINGS index_granularity = 256
