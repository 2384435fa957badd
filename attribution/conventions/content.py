"""Attributes that hold what people and models said: dropped at storage unless the configuration keeps content."""

from __future__ import annotations

_MASTRA_KINDS: tuple[str, ...] = (
    *("agent_run", "agent_signal", "classifier_evaluation", "client_tool_call", "generic", "graph_action", "mapping", "mcp_server_request"),
    *("memory_operation", "model_chunk", "model_generation", "model_inference", "model_step", "processor_run", "scorer_run", "scorer_step"),
    *("rag_action", "rag_embedding", "rag_ingestion", "rag_vector_operation", "skill_action", "skill_resolution", "workspace_action"),
    *(f"workflow_{part}" for part in ("run", "step", "conditional", "conditional_eval", "parallel", "loop", "sleep", "wait_event")),
)
"""Types of Mastra's spans that write what went in and came out under keys of their own."""

CONTENT_KEYS: frozenset[str] = frozenset({
    # OpenTelemetry GenAI, and what its older versions and instrumentations wrote
    *("gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions", "gen_ai.tool.definitions"),
    *("gen_ai.tool.call.arguments", "gen_ai.tool.call.result", "gen_ai.tool.description", "gen_ai.event.content"),
    *("gen_ai.prompt", "gen_ai.completion", "gen_ai.input", "gen_ai.output", "gen_ai.content.prompt", "gen_ai.content.completion"),
    *("gen_ai.retrieval.documents", "gen_ai.retrieval.query.text", "gen_ai.evaluation.explanation", "gen_ai.memory.records"),
    *("gen_ai.tool.message", "gen_ai.choice", "gen_ai.content.revised_prompt", "gen_ai.content.reasoning"),
    *("gen_ai.tool.input", "gen_ai.tool.output", "gen_ai.tool.args", "gen_ai.input_messages", "gen_ai.output_messages"),
    # Sentry
    *("gen_ai.request.messages", "gen_ai.request.available_tools", "gen_ai.embeddings.input"),
    *("gen_ai.response.text", "gen_ai.response.tool_calls", "gen_ai.response.object"),
    # OpenInference
    *("input.value", "output.value", "llm.prompts", "llm.completions", "llm.input_messages", "llm.output_messages"),
    *("llm.prompt_template.template", "llm.prompt_template.variables", "llm.function_call", "llm.tools", "tool.parameters"),
    *("embedding.text", "embedding.vector", "retrieval.documents", "reranker.query", "tool.json_schema", "exception.message_content"),
    # Langfuse
    *("langfuse.observation.input", "langfuse.observation.output", "langfuse.trace.input", "langfuse.trace.output"),
    *("langfuse.experiment.item.expected_output",),
    # OpenLLMetry
    *("traceloop.entity.input", "traceloop.entity.output", "gen_ai.task.input", "gen_ai.task.output"),
    # LiteLLM's copy of the request and the answer
    *("llm.openai.choices", "llm.openai.output", "llm.anthropic.content", "llm.anthropic.system"),
    # logfire's OpenAI Agents; the events of Strands and LlamaIndex
    *("input", "output", "raw_input", "response", "content", "message", "messages", "tool.result"),
    # Vercel AI SDK
    *("ai.prompt", "ai.prompt.messages", "ai.prompt.tools", "ai.response.text", "ai.response.object", "ai.response.toolCalls"),
    *("ai.response.reasoning", "ai.response.files", "ai.result.text", "ai.result.object", "ai.result.toolCalls"),
    *("ai.toolCall.args", "ai.toolCall.result", "ai.toolCall.input", "ai.toolCall.output", "ai.value", "ai.values"),
    *("ai.embedding", "ai.embeddings", "ai.documents", "ai.schema"),
    # Frameworks
    *("mlflow.spanInputs", "mlflow.spanOutputs", "mlflow.trace.inputs", "mlflow.trace.outputs", "mlflow.chat.messages"),
    *("all_messages_events", "pydantic_ai.all_messages", "pydantic_ai.new_messages", "events", "final_result", "tool_arguments"),
    *("tool_response", "request_data", "response_data", "agent_messages", "model_request_parameters"),
    *("crewai.task.description", "crewai.task.expected_output", "crewai.task.output", "crewai.crew.inputs", "crewai.crew.output"),
    *("crewai.agent.goal", "crewai.agent.backstory", "crewai.tool.input", "crewai.tool.output", "crew_inputs", "crew_tasks"),
    *("gcp.vertex.agent.llm_request", "gcp.vertex.agent.llm_response"),
    *("gcp.vertex.agent.tool_call_args", "gcp.vertex.agent.tool_response", "gcp.vertex.agent.data"),
    *("haystack.component.input", "haystack.component.output", "haystack.pipeline.input_data", "haystack.pipeline.output_data"),
    *("haystack.agent.input", "haystack.agent.output", "haystack.agent.step.llm.input", "haystack.agent.step.llm.output"),
    *("haystack.agent.step.tool.input", "haystack.agent.step.tool.output"),
    *("llamaindex.step.input_summary", "tags.llamaindex.step.input_summary", "prompt", "response.text", "chunks", "embeddings"),
    *("user_prompt", "new_context", "response.model_output", "system_prompt_preview", "tool_input", "tool_output"),
    *("genkit:input", "genkit:output", "lmnr.span.input", "lmnr.span.output", "llm.raw_response", "gen_ai.response.raw"),
    *("smolagents.task", "dspy.inputs", "dspy.outputs", "agno.input", "agno.output"),
    *("copilot_chat.reasoning_content", "copilot_chat.user_request"),
    # Mastra: by the type of the span; the body of the provider's answer, also before version 1
    *(f"mastra.{kind}.{side}" for kind in _MASTRA_KINDS for side in ("input", "output")),
    *("mastra.metadata.body", "body"),
    # MCP and vector stores
    *("mcp.request.argument", "mcp.response.value", "mcp.request.params", "mcp.tool.arguments", "mcp.tool.result"),
    *("db.query.result", "db.vector.query.text"),
})  # fmt: skip
"""Keys whose whole value is content."""

CONTENT_PREFIXES: tuple[str, ...] = (
    "gen_ai.prompt.",
    "gen_ai.completion.",
    "gen_ai.input.messages.",
    "gen_ai.output.messages.",
    "gen_ai.system_instructions.",
    "llm.input_messages.",
    "llm.output_messages.",
    "llm.prompts.",
    "llm.completions.",
    "llm.tools.",
    "llm.request.functions.",
    "embedding.embeddings.",
    "retrieval.documents.",
    "reranker.input_documents.",
    "reranker.output_documents.",
    "message.content",
    "message_content.",
    "langfuse.observation.input.",
    "langfuse.observation.output.",
    "langfuse.trace.input.",
    "langfuse.trace.output.",
    "langfuse.experiment.item.expected_output.",
    "mlflow.spanInputs.",
    "mlflow.spanOutputs.",
    "haystack.component.input.",
    "haystack.component.output.",
    "response.message.",  # LlamaIndex's events
    "response.raw.choices",
    "response.raw.content",
    "response.raw.output",
    "llm.None.",  # LiteLLM's copy of what is no chat
    "llm.openai.messages",
    "llm.anthropic.messages",
    "llm.openai.input",
)
"""Beginnings of keys that are flattened content: `llm.input_messages.0.message.content`."""


def is_content(key: str) -> bool:
    """Whether an attribute of this key holds a prompt, a completion, or a tool's arguments or result."""
    return key in CONTENT_KEYS or key.startswith(CONTENT_PREFIXES)
