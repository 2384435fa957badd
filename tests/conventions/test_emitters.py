"""One real span of each emitter of ATTRIBUTES.md, and what must be read from it."""

from decimal import Decimal

import pytest

from attribution.conventions import Conventions

CASES = {
    "OpenTelemetry GenAI": (
        ("opentelemetry.instrumentation.openai_v2", "chat gpt-4o"),
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.response.id": "chatcmpl-1",
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.usage.output_tokens": 100,
            "gen_ai.usage.cache_read.input_tokens": 300,
            "gen_ai.usage.cache_write.input_tokens": 50,
            "gen_ai.usage.reasoning.output_tokens": 40,
            "gen_ai.usage.audio.input_tokens": 20,
            "openai.response.service_tier": "priority",
            "server.address": "api.openai.com",
            "gen_ai.conversation.id": "c1",
        },
        {
            "usage": "leaf",
            "operation": "chat",
            "provider": "openai",
            "model": "gpt-4o-2024-08-06",
            "request_model": "gpt-4o",
            "input_tokens": 1000,
            "output_tokens": 100,
            "cache_read_tokens": 300,
            "cache_write_tokens": 50,
            "reasoning_tokens": 40,
            "input_audio_tokens": 20,
            "service_tier": "priority",
            "response_id": "chatcmpl-1",
            "dims": {"session": "c1"},
        },
    ),
    "OpenTelemetry embeddings, deprecated names": (
        ("x", "embeddings text-embedding-3-small"),
        {
            "gen_ai.operation.name": "embeddings",
            "gen_ai.system": "az.ai.openai",
            "gen_ai.request.model": "m",
            "gen_ai.usage.prompt_tokens": 12,
        },
        {
            "usage": "leaf",
            "operation": "embeddings",
            "provider": "azure.ai.openai",
            "model": "m",
            "input_tokens": 12,
            "output_tokens": None,
        },
    ),
    "OpenTelemetry agent": (
        ("x", "invoke_agent planner"),
        {"gen_ai.operation.name": "invoke_agent"},
        {"usage": "none", "operation": "invoke_agent", "agent": "planner"},
    ),
    "OpenTelemetry workflow": (
        ("x", "invoke_workflow triage"),
        {"gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": "triage"},
        {"usage": "none", "workflow_name": "triage", "agent": "", "dims": {"workflow": "triage"}},
    ),
    "OpenTelemetry tool, over MCP": (
        ("x", "execute_tool search"),
        {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search", "mcp.method.name": "tools/call"},
        {"usage": "none", "operation": "execute_tool", "tool": "search", "agent": ""},
    ),
    "OpenInference LLM": (
        ("openinference.instrumentation.anthropic", "Messages"),
        {
            "openinference.span.kind": "LLM",
            "llm.model_name": "claude-sonnet-4-5",
            "llm.provider": "anthropic",
            "llm.token_count.prompt": 1000,
            "llm.token_count.completion": 50,
            "llm.token_count.total": 1050,
            "llm.token_count.prompt_details.cache_read": 400,
            "llm.token_count.prompt_details.cache_write": 100,
            "llm.token_count.completion_details.reasoning": 10,
            "llm.cost.total": 0.1,
            "metadata": '{"server_tool_use": {"web_search_requests": 2}, "team": "search"}',
            "user.id": "u",
        },
        {
            "usage": "leaf",
            "provider": "anthropic",
            "input_tokens": 1000,
            "output_tokens": 50,
            "cache_read_tokens": 400,
            "cache_write_tokens": 100,
            "reasoning_tokens": 10,
            "reported_cost": Decimal("0.1"),
            "units": {"web_search_requests": 2},
            "dims": {"user": "u", "team": "search"},
        },
    ),
    "OpenInference agent": (("x", "CodeAgent.run"), {"openinference.span.kind": "AGENT"}, {"usage": "none", "agent": "CodeAgent.run"}),
    "OpenInference decision": (
        ("x", "d"),
        {
            "openinference.span.kind": "DECISION",
            "decision.model_name": "jev-1",
            "decision.token_count.input": 7,
            "decision.token_count.output": 1,
        },
        {"usage": "leaf", "model": "jev-1", "input_tokens": 7, "output_tokens": 1},
    ),
    "Langfuse generation": (
        ("langfuse-sdk", "answer"),
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.model.name": "gpt-4o",
            "langfuse.observation.model.parameters": '{"service_tier": "flex"}',
            "langfuse.observation.usage_details": '{"input": 700, "output": 80, "input_cache_read": 300,'
            ' "output_reasoning": 20, "total": 1100}',
            "langfuse.observation.cost_details": '{"input": 0.001, "output": 0.002, "total": 0.0030000000000000001}',
            "langfuse.trace.metadata.team": '"support"',
            "langfuse.environment": "prod",
            "session.id": "s",
        },
        {
            "usage": "leaf",
            "provider": "openai",
            "service_tier": "flex",
            "input_tokens": 1000,
            "cache_read_tokens": 300,
            "output_tokens": 100,
            "reasoning_tokens": 20,
            "reported_cost": Decimal("0.0030000000000000001"),
            "dims": {"team": "support", "environment": "prod", "session": "s"},
        },
    ),
    "Langfuse generation in OpenAI's shape": (
        ("langfuse-sdk", "answer"),
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.usage_details": '{"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100,'
            ' "prompt_tokens_details": {"cached_tokens": 300}, "completion_tokens_details": {"reasoning_tokens": 20}}',
        },
        {"usage": "leaf", "input_tokens": 1000, "cache_read_tokens": 300, "output_tokens": 100, "reasoning_tokens": 20},
    ),
    "Langfuse agent": (("langfuse-sdk", "planner"), {"langfuse.observation.type": "agent"}, {"usage": "none", "agent": "planner"}),
    "Langfuse tool": (("langfuse-sdk", "search"), {"langfuse.observation.type": "tool"}, {"usage": "none", "tool": "search"}),
    "OpenLLMetry": (
        ("opentelemetry.instrumentation.openai.v1", "openai.chat"),
        {
            "llm.request.type": "chat",
            "gen_ai.system": "OpenAI",
            "gen_ai.request.model": "o3",
            "gen_ai.usage.prompt_tokens": 100,
            "gen_ai.usage.completion_tokens": 60,
            "llm.usage.total_tokens": 160,
            "gen_ai.usage.reasoning_tokens": 30,
            "gen_ai.usage.cache_read_input_tokens": 10,
            "traceloop.association.properties.user_id": "u",
            "traceloop.association.properties.team": "t",
            "traceloop.workflow.name": "w",
        },
        {
            "usage": "leaf",
            "provider": "openai",
            "input_tokens": 100,
            "output_tokens": 60,
            "reasoning_tokens": 30,
            "cache_read_tokens": 10,
            "workflow_name": "w",
            "dims": {"user": "u", "team": "t", "workflow": "w"},
        },
    ),
    "OpenLLMetry agent": (
        ("traceloop", "planner.agent"),
        {"traceloop.span.kind": "agent", "traceloop.entity.name": "planner"},
        {"usage": "none", "agent": "planner"},
    ),
    "OpenLLMetry task names no agent": (
        ("traceloop", "step.task"),
        {"traceloop.span.kind": "task", "traceloop.entity.name": "step"},
        {"usage": "none", "agent": "", "tool": ""},
    ),
    "OpenLIT": (
        ("openlit.otel.tracing", "chat gpt-4o"),
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "openai",
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.output_tokens": 5,
            "gen_ai.usage.cost": 0.0025,
            "gen_ai.environment": "dev",
        },
        {"usage": "leaf", "reported_cost": Decimal("0.0025"), "dims": {"environment": "dev"}},
    ),
    "Vercel AI SDK 6": (
        ("ai", "ai.generateText.doGenerate"),
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.model.provider": "openai.responses",
            "ai.model.id": "gpt-4o",
            "ai.usage.inputTokens": 100,
            "ai.usage.outputTokens": 20,
            "ai.usage.cachedInputTokens": 40,
            "ai.usage.reasoningTokens": 5,
            "ai.telemetry.functionId": "support-bot",
            "ai.telemetry.metadata.userId": "u",
            "ai.telemetry.metadata.sessionId": "s",
            "ai.response.id": "r",
        },
        {
            "usage": "leaf",
            "provider": "openai",
            "model": "gpt-4o",
            "input_tokens": 100,
            "cache_read_tokens": 40,
            "reasoning_tokens": 5,
            "agent": "support-bot",
            "response_id": "r",
            "dims": {"user": "u", "session": "s", "workflow": "support-bot"},
        },
    ),
    "Vercel AI SDK 6, Anthropic's cache split": (
        ("ai", "ai.generateText.doGenerate"),
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.model.provider": "anthropic.messages",
            "ai.usage.inputTokens": 1000,
            "ai.usage.outputTokens": 20,
            "ai.response.providerMetadata": '{"anthropic": {"usage": {"service_tier": "batch", "cache_creation":'
            ' {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200}}}}',
        },
        {"provider": "anthropic", "input_tokens": 1000, "cache_write_tokens": 300, "cache_write_1h_tokens": 200, "service_tier": "batch"},
    ),
    "Vercel AI SDK embedding": (
        ("ai", "ai.embed.doEmbed"),
        {"ai.operationId": "ai.embed.doEmbed", "ai.model.id": "text-embedding-3-small", "ai.usage.tokens": 9},
        {"usage": "leaf", "operation": "embeddings", "input_tokens": 9},
    ),
    "Vercel AI SDK tool": (
        ("ai", "ai.toolCall"),
        {"ai.operationId": "ai.toolCall", "ai.toolCall.name": "weather"},
        {"usage": "none", "operation": "execute_tool", "tool": "weather"},
    ),
    "pydantic-ai": (
        ("pydantic-ai", "chat claude"),
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "anthropic",
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.usage.output_tokens": 10,
            "gen_ai.usage.cache_creation.input_tokens": 300,
            "gen_ai.usage.details.ephemeral_1h_input_tokens": 200,
            "gen_ai.usage.details.web_search_requests": 1,
            "gen_ai.usage.details.input_tokens": 99999,
            "operation.cost": 0.02,
        },
        {
            "usage": "leaf",
            "input_tokens": 1000,
            "cache_write_tokens": 300,
            "cache_write_1h_tokens": 200,
            "units": {"web_search_requests": 1},
            "reported_cost": Decimal("0.02"),
        },
    ),
    "LiteLLM": (
        ("litellm", "litellm_request"),
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "litellm",
            "litellm.provider.model": "bedrock/anthropic.claude-3-haiku",
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.output_tokens": 1,
            "litellm.cost.total": 0.001,
            "litellm.cost.input": 0.0009,
            "litellm.team.alias": "sales",
            "litellm.team.id": "t-1",
            "litellm.end_user.id": "u",
            "litellm.cache_hit": True,
        },
        {
            "usage": "leaf",
            "provider": "aws.bedrock",
            "cache_hit": True,
            "reported_cost": Decimal("0.001"),
            "dims": {"team": "sales", "user": "u"},
        },
    ),
    "OpenLLMetry JS, Bedrock's Converse, which it cannot read": (
        ("@traceloop/instrumentation-bedrock", "bedrock.completion"),
        {"gen_ai.provider.name": "aws.bedrock", "gen_ai.request.model": "claude-sonnet-4-5-20250929-v1:0"},
        {"usage": "leaf", "operation": "chat", "provider": "aws.bedrock", "input_tokens": None},
    ),
    "Genkit, a plugin that serves others' models": (
        ("genkit-tracer", "groq/openai/gpt-oss-120b"),
        {
            "genkit:metadata:subtype": "model",
            "genkit:name": "groq/openai/gpt-oss-120b",
            "genkit:output": '{"usage": {"inputTokens": 10, "outputTokens": 1}}',
        },
        {"usage": "leaf", "provider": "groq", "model": "groq/openai/gpt-oss-120b", "input_tokens": 10},
    ),
    "Genkit, open weights through OpenAI's client": (
        ("genkit-tracer", "openai/gpt-oss-120b"),
        {
            "genkit:metadata:subtype": "model",
            "genkit:name": "openai/gpt-oss-120b",
            "genkit:output": '{"usage": {"inputTokens": 10, "outputTokens": 1}}',
        },
        {"usage": "leaf", "provider": "", "input_tokens": 10},
    ),
    "Mastra, a call of OpenAI's own tool": (
        ("@mastra/otel-exporter", "execute_tool web_search"),
        {
            "gen_ai.operation.name": "execute_tool",
            "mastra.span.type": "provider_tool_call",
            "gen_ai.tool.name": "web_search",
            "gen_ai.tool.call.id": "ws_68",
        },
        {"usage": "none", "tool": "web_search", "tool_fee": "ws_"},
    ),
    "Mastra, a call of one's own tool": (
        ("@mastra/otel-exporter", "execute_tool weather"),
        {
            "gen_ai.operation.name": "execute_tool",
            "mastra.span.type": "tool_call",
            "gen_ai.tool.name": "weather",
            "gen_ai.tool.call.id": "call_68",
        },
        {"usage": "none", "tool": "weather", "tool_fee": ""},
    ),
    "MLflow": (
        ("mlflow", "predict"),
        {
            "mlflow.spanType": '"CHAT_MODEL"',
            "mlflow.llm.model": '"gpt-4o"',
            "mlflow.llm.provider": '"openai"',
            "mlflow.chat.tokenUsage": '{"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "cache_read_input_tokens": 4}',
            "mlflow.llm.cost": '{"input_cost": 0.1, "output_cost": 0.2, "total_cost": 0.3}',
        },
        {
            "usage": "leaf",
            "provider": "openai",
            "model": "gpt-4o",
            "input_tokens": 10,
            "cache_read_tokens": 4,
            "reported_cost": Decimal("0.3"),
        },
    ),
    "Claude Code": (
        ("com.anthropic.claude_code.tracing", "claude_code.llm_request"),
        {
            "span.type": "llm_request",
            "model": "claude-sonnet-4-5",
            "input_tokens": 10,
            "output_tokens": 20,
            "cache_read_tokens": 1000,
            "cache_creation_tokens": 100,
            "speed": "fast",
            "request_id": "req_1",
            "agent_id": "a1",
            "user.id": "device",
            "team": "web",
        },
        {
            "usage": "leaf",
            "provider": "anthropic",
            "input_tokens": 1110,
            "cache_read_tokens": 1000,
            "cache_write_tokens": 100,
            "speed": "fast",
            "response_id": "req_1",
            "agent": "a1",
            "dims": {"user": "device", "team": "web"},
        },
    ),
    "CrewAI": (
        ("crewai.telemetry", "chat gpt-4o"),
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "crewai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 9,
            "gen_ai.usage.output_tokens": 8,
            "gen_ai.usage.reasoning_tokens": 3,
            "crewai.agent.role": "Researcher",
            "crewai.task.id": "t9",
        },
        {"usage": "leaf", "provider": "openai", "output_tokens": 8, "agent": "Researcher", "dims": {"task": "t9"}},
    ),
    "Strands": (
        ("strands.telemetry.tracer", "chat"),
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "strands-agents",
            "gen_ai.request.model": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "gen_ai.usage.prompt_tokens": 5,
            "gen_ai.usage.input_tokens": 5,
            "gen_ai.usage.output_tokens": 2,
        },
        {"usage": "leaf", "provider": "aws.bedrock", "input_tokens": 5},
    ),
    "LangSmith": (
        ("langsmith", "ChatOpenAI"),
        {
            "langsmith.span.kind": "llm",
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "langchain",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 5,
            "gen_ai.usage.output_tokens": 2,
            "langsmith.metadata.team": "t",
            "langsmith.span.tags": "a,department:sales",
        },
        {"usage": "leaf", "provider": "openai", "dims": {"team": "t", "department": "sales"}},
    ),
    "n8n": (
        ("n8n", "node"),
        {"n8n.workflow.name": "nightly"},
        {"usage": "none", "workflow_name": "nightly", "dims": {"workflow": "nightly"}},
    ),
    "Dify": (
        ("dify", "llm"),
        {"gen_ai.span.kind": "LLM", "gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 3, "gen_ai.user.id": "u"},
        {"usage": "leaf", "input_tokens": 3, "dims": {"user": "u"}},
    ),
    "vLLM": (
        ("vllm.llm_engine", "llm_request"),
        {"gen_ai.usage.prompt_tokens": 3, "gen_ai.usage.completion_tokens": 4, "gen_ai.request.id": "chatcmpl-7"},
        {"usage": "leaf", "model": "", "input_tokens": 3, "response_id": "chatcmpl-7"},
    ),
    "no convention at all": (("http", "GET /"), {}, {"usage": "none", "operation": "", "dims": {}, "units": {}}),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.replace(" ", "-"))
def test_emitter(case):
    (scope, name), attributes, expected = CASES[case]
    conventions = Conventions()
    assert all(conventions.wanted(key) for key in attributes if key not in {"mcp.method.name", "gen_ai.usage.details.input_tokens"})
    for _ in range(2):  # the second time by the remembered plan
        reading = conventions.read_span(scope, name, attributes)
        assert {field: getattr(reading, field) for field in expected} == expected


def test_unwanted_attributes_change_nothing():
    (scope, name), attributes, _ = CASES["OpenTelemetry GenAI"]
    conventions = Conventions()
    more = {"http.route": "/x", **attributes, "gen_ai.input.messages": "[]"}
    assert not conventions.wanted("http.route")
    assert conventions.read_span(scope, name, more) == conventions.read_span(scope, name, attributes)
