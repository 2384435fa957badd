from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Delivery(_message.Message):
    __slots__ = ("resource_spans", "facts")
    RESOURCE_SPANS_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    resource_spans: _containers.RepeatedCompositeFieldContainer[ResourceSpans]
    facts: Facts
    def __init__(self, resource_spans: _Optional[_Iterable[_Union[ResourceSpans, _Mapping]]] = ..., facts: _Optional[_Union[Facts, _Mapping]] = ...) -> None: ...

class ResourceSpans(_message.Message):
    __slots__ = ("resource", "scope_spans")
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_SPANS_FIELD_NUMBER: _ClassVar[int]
    resource: Resource
    scope_spans: _containers.RepeatedCompositeFieldContainer[ScopeSpans]
    def __init__(self, resource: _Optional[_Union[Resource, _Mapping]] = ..., scope_spans: _Optional[_Iterable[_Union[ScopeSpans, _Mapping]]] = ...) -> None: ...

class Resource(_message.Message):
    __slots__ = ("attributes",)
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    attributes: _containers.RepeatedCompositeFieldContainer[KeyValue]
    def __init__(self, attributes: _Optional[_Iterable[_Union[KeyValue, _Mapping]]] = ...) -> None: ...

class ScopeSpans(_message.Message):
    __slots__ = ("scope", "spans")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    SPANS_FIELD_NUMBER: _ClassVar[int]
    scope: Scope
    spans: _containers.RepeatedCompositeFieldContainer[Span]
    def __init__(self, scope: _Optional[_Union[Scope, _Mapping]] = ..., spans: _Optional[_Iterable[_Union[Span, _Mapping]]] = ...) -> None: ...

class Scope(_message.Message):
    __slots__ = ("name", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...

class Span(_message.Message):
    __slots__ = ("trace_id", "span_id", "trace_state", "parent_span_id", "name", "kind", "start_time_unix_nano", "end_time_unix_nano", "attributes", "events", "links", "status")
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    SPAN_ID_FIELD_NUMBER: _ClassVar[int]
    TRACE_STATE_FIELD_NUMBER: _ClassVar[int]
    PARENT_SPAN_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    START_TIME_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    END_TIME_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    trace_id: bytes
    span_id: bytes
    trace_state: str
    parent_span_id: bytes
    name: str
    kind: int
    start_time_unix_nano: int
    end_time_unix_nano: int
    attributes: _containers.RepeatedCompositeFieldContainer[KeyValue]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    links: _containers.RepeatedCompositeFieldContainer[Link]
    status: Status
    def __init__(self, trace_id: _Optional[bytes] = ..., span_id: _Optional[bytes] = ..., trace_state: _Optional[str] = ..., parent_span_id: _Optional[bytes] = ..., name: _Optional[str] = ..., kind: _Optional[int] = ..., start_time_unix_nano: _Optional[int] = ..., end_time_unix_nano: _Optional[int] = ..., attributes: _Optional[_Iterable[_Union[KeyValue, _Mapping]]] = ..., events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., links: _Optional[_Iterable[_Union[Link, _Mapping]]] = ..., status: _Optional[_Union[Status, _Mapping]] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("time_unix_nano", "name", "attributes")
    TIME_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    time_unix_nano: int
    name: str
    attributes: _containers.RepeatedCompositeFieldContainer[KeyValue]
    def __init__(self, time_unix_nano: _Optional[int] = ..., name: _Optional[str] = ..., attributes: _Optional[_Iterable[_Union[KeyValue, _Mapping]]] = ...) -> None: ...

class Link(_message.Message):
    __slots__ = ("trace_id", "span_id", "trace_state", "attributes")
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    SPAN_ID_FIELD_NUMBER: _ClassVar[int]
    TRACE_STATE_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    trace_id: bytes
    span_id: bytes
    trace_state: str
    attributes: _containers.RepeatedCompositeFieldContainer[KeyValue]
    def __init__(self, trace_id: _Optional[bytes] = ..., span_id: _Optional[bytes] = ..., trace_state: _Optional[str] = ..., attributes: _Optional[_Iterable[_Union[KeyValue, _Mapping]]] = ...) -> None: ...

class Status(_message.Message):
    __slots__ = ("message", "code")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    message: str
    code: int
    def __init__(self, message: _Optional[str] = ..., code: _Optional[int] = ...) -> None: ...

class KeyValue(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: AnyValue
    def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[AnyValue, _Mapping]] = ...) -> None: ...

class AnyValue(_message.Message):
    __slots__ = ("string_value", "bool_value", "int_value", "double_value", "array_value", "kvlist_value", "bytes_value")
    STRING_VALUE_FIELD_NUMBER: _ClassVar[int]
    BOOL_VALUE_FIELD_NUMBER: _ClassVar[int]
    INT_VALUE_FIELD_NUMBER: _ClassVar[int]
    DOUBLE_VALUE_FIELD_NUMBER: _ClassVar[int]
    ARRAY_VALUE_FIELD_NUMBER: _ClassVar[int]
    KVLIST_VALUE_FIELD_NUMBER: _ClassVar[int]
    BYTES_VALUE_FIELD_NUMBER: _ClassVar[int]
    string_value: str
    bool_value: bool
    int_value: int
    double_value: float
    array_value: Values
    kvlist_value: Members
    bytes_value: bytes
    def __init__(self, string_value: _Optional[str] = ..., bool_value: _Optional[bool] = ..., int_value: _Optional[int] = ..., double_value: _Optional[float] = ..., array_value: _Optional[_Union[Values, _Mapping]] = ..., kvlist_value: _Optional[_Union[Members, _Mapping]] = ..., bytes_value: _Optional[bytes] = ...) -> None: ...

class Values(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[InnerValue]
    def __init__(self, values: _Optional[_Iterable[_Union[InnerValue, _Mapping]]] = ...) -> None: ...

class Members(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[Member]
    def __init__(self, values: _Optional[_Iterable[_Union[Member, _Mapping]]] = ...) -> None: ...

class Member(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: InnerValue
    def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[InnerValue, _Mapping]] = ...) -> None: ...

class InnerValue(_message.Message):
    __slots__ = ("string_value", "bool_value", "int_value", "double_value", "array_value", "kvlist_value", "bytes_value")
    STRING_VALUE_FIELD_NUMBER: _ClassVar[int]
    BOOL_VALUE_FIELD_NUMBER: _ClassVar[int]
    INT_VALUE_FIELD_NUMBER: _ClassVar[int]
    DOUBLE_VALUE_FIELD_NUMBER: _ClassVar[int]
    ARRAY_VALUE_FIELD_NUMBER: _ClassVar[int]
    KVLIST_VALUE_FIELD_NUMBER: _ClassVar[int]
    BYTES_VALUE_FIELD_NUMBER: _ClassVar[int]
    string_value: str
    bool_value: bool
    int_value: int
    double_value: float
    array_value: bytes
    kvlist_value: bytes
    bytes_value: bytes
    def __init__(self, string_value: _Optional[str] = ..., bool_value: _Optional[bool] = ..., int_value: _Optional[int] = ..., double_value: _Optional[float] = ..., array_value: _Optional[bytes] = ..., kvlist_value: _Optional[bytes] = ..., bytes_value: _Optional[bytes] = ...) -> None: ...

class Facts(_message.Message):
    __slots__ = ("usage", "provider", "model", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "response_id", "agent", "workflow_name", "bucket", "cost", "cost_source", "price_id", "reported_cost", "computed_cost", "own_time_rate", "team", "department", "cost_center", "project", "environment", "user", "session", "task", "workflow", "own_time_price_id", "resource_team", "resource_department", "resource_cost_center", "resource_project", "resource_environment", "resource_user", "resource_session", "resource_task", "resource_workflow", "request_fees", "task_type", "resource_task_type", "told", "nested", "knowledge", "sender", "tags", "signal", "event_nested", "resource_nested")
    USAGE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHE_READ_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHE_WRITE_TOKENS_FIELD_NUMBER: _ClassVar[int]
    REASONING_TOKENS_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    WORKFLOW_NAME_FIELD_NUMBER: _ClassVar[int]
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    COST_SOURCE_FIELD_NUMBER: _ClassVar[int]
    PRICE_ID_FIELD_NUMBER: _ClassVar[int]
    REPORTED_COST_FIELD_NUMBER: _ClassVar[int]
    COMPUTED_COST_FIELD_NUMBER: _ClassVar[int]
    OWN_TIME_RATE_FIELD_NUMBER: _ClassVar[int]
    TEAM_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENT_FIELD_NUMBER: _ClassVar[int]
    COST_CENTER_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    WORKFLOW_FIELD_NUMBER: _ClassVar[int]
    OWN_TIME_PRICE_ID_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_TEAM_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_DEPARTMENT_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_COST_CENTER_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_PROJECT_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_USER_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_SESSION_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_TASK_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_WORKFLOW_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FEES_FIELD_NUMBER: _ClassVar[int]
    TASK_TYPE_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_TASK_TYPE_FIELD_NUMBER: _ClassVar[int]
    TOLD_FIELD_NUMBER: _ClassVar[int]
    NESTED_FIELD_NUMBER: _ClassVar[int]
    KNOWLEDGE_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    EVENT_NESTED_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_NESTED_FIELD_NUMBER: _ClassVar[int]
    usage: _containers.RepeatedScalarFieldContainer[str]
    provider: _containers.RepeatedScalarFieldContainer[str]
    model: _containers.RepeatedScalarFieldContainer[str]
    input_tokens: _containers.RepeatedScalarFieldContainer[int]
    output_tokens: _containers.RepeatedScalarFieldContainer[int]
    cache_read_tokens: _containers.RepeatedScalarFieldContainer[int]
    cache_write_tokens: _containers.RepeatedScalarFieldContainer[int]
    reasoning_tokens: _containers.RepeatedScalarFieldContainer[int]
    response_id: _containers.RepeatedScalarFieldContainer[str]
    agent: _containers.RepeatedScalarFieldContainer[str]
    workflow_name: _containers.RepeatedScalarFieldContainer[str]
    bucket: _containers.RepeatedScalarFieldContainer[str]
    cost: _containers.RepeatedScalarFieldContainer[str]
    cost_source: _containers.RepeatedScalarFieldContainer[str]
    price_id: _containers.RepeatedScalarFieldContainer[str]
    reported_cost: _containers.RepeatedScalarFieldContainer[str]
    computed_cost: _containers.RepeatedScalarFieldContainer[str]
    own_time_rate: _containers.RepeatedScalarFieldContainer[str]
    team: _containers.RepeatedScalarFieldContainer[str]
    department: _containers.RepeatedScalarFieldContainer[str]
    cost_center: _containers.RepeatedScalarFieldContainer[str]
    project: _containers.RepeatedScalarFieldContainer[str]
    environment: _containers.RepeatedScalarFieldContainer[str]
    user: _containers.RepeatedScalarFieldContainer[str]
    session: _containers.RepeatedScalarFieldContainer[str]
    task: _containers.RepeatedScalarFieldContainer[str]
    workflow: _containers.RepeatedScalarFieldContainer[str]
    own_time_price_id: _containers.RepeatedScalarFieldContainer[str]
    resource_team: _containers.RepeatedScalarFieldContainer[str]
    resource_department: _containers.RepeatedScalarFieldContainer[str]
    resource_cost_center: _containers.RepeatedScalarFieldContainer[str]
    resource_project: _containers.RepeatedScalarFieldContainer[str]
    resource_environment: _containers.RepeatedScalarFieldContainer[str]
    resource_user: _containers.RepeatedScalarFieldContainer[str]
    resource_session: _containers.RepeatedScalarFieldContainer[str]
    resource_task: _containers.RepeatedScalarFieldContainer[str]
    resource_workflow: _containers.RepeatedScalarFieldContainer[str]
    request_fees: _containers.RepeatedScalarFieldContainer[str]
    task_type: _containers.RepeatedScalarFieldContainer[str]
    resource_task_type: _containers.RepeatedScalarFieldContainer[str]
    told: _containers.RepeatedScalarFieldContainer[str]
    nested: _containers.RepeatedScalarFieldContainer[str]
    knowledge: _containers.RepeatedScalarFieldContainer[int]
    sender: str
    tags: _containers.RepeatedScalarFieldContainer[str]
    signal: str
    event_nested: _containers.RepeatedScalarFieldContainer[str]
    resource_nested: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, usage: _Optional[_Iterable[str]] = ..., provider: _Optional[_Iterable[str]] = ..., model: _Optional[_Iterable[str]] = ..., input_tokens: _Optional[_Iterable[int]] = ..., output_tokens: _Optional[_Iterable[int]] = ..., cache_read_tokens: _Optional[_Iterable[int]] = ..., cache_write_tokens: _Optional[_Iterable[int]] = ..., reasoning_tokens: _Optional[_Iterable[int]] = ..., response_id: _Optional[_Iterable[str]] = ..., agent: _Optional[_Iterable[str]] = ..., workflow_name: _Optional[_Iterable[str]] = ..., bucket: _Optional[_Iterable[str]] = ..., cost: _Optional[_Iterable[str]] = ..., cost_source: _Optional[_Iterable[str]] = ..., price_id: _Optional[_Iterable[str]] = ..., reported_cost: _Optional[_Iterable[str]] = ..., computed_cost: _Optional[_Iterable[str]] = ..., own_time_rate: _Optional[_Iterable[str]] = ..., team: _Optional[_Iterable[str]] = ..., department: _Optional[_Iterable[str]] = ..., cost_center: _Optional[_Iterable[str]] = ..., project: _Optional[_Iterable[str]] = ..., environment: _Optional[_Iterable[str]] = ..., user: _Optional[_Iterable[str]] = ..., session: _Optional[_Iterable[str]] = ..., task: _Optional[_Iterable[str]] = ..., workflow: _Optional[_Iterable[str]] = ..., own_time_price_id: _Optional[_Iterable[str]] = ..., resource_team: _Optional[_Iterable[str]] = ..., resource_department: _Optional[_Iterable[str]] = ..., resource_cost_center: _Optional[_Iterable[str]] = ..., resource_project: _Optional[_Iterable[str]] = ..., resource_environment: _Optional[_Iterable[str]] = ..., resource_user: _Optional[_Iterable[str]] = ..., resource_session: _Optional[_Iterable[str]] = ..., resource_task: _Optional[_Iterable[str]] = ..., resource_workflow: _Optional[_Iterable[str]] = ..., request_fees: _Optional[_Iterable[str]] = ..., task_type: _Optional[_Iterable[str]] = ..., resource_task_type: _Optional[_Iterable[str]] = ..., told: _Optional[_Iterable[str]] = ..., nested: _Optional[_Iterable[str]] = ..., knowledge: _Optional[_Iterable[int]] = ..., sender: _Optional[str] = ..., tags: _Optional[_Iterable[str]] = ..., signal: _Optional[str] = ..., event_nested: _Optional[_Iterable[str]] = ..., resource_nested: _Optional[_Iterable[str]] = ...) -> None: ...
