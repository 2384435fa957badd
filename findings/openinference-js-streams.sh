#!/usr/bin/env bash
# OpenInference for JavaScript tells the tokens of a chat, and none when the same chat is a stream that ends with them.
#
# Packages: @arizeai/openinference-instrumentation-openai 4.2.7, openai 6.49.0, @opentelemetry/sdk-trace-node 2.12.0 (npm).
# Input:    calls to a local endpoint that answers in the shape that OpenAI documents: 1000 tokens in, half of them from the cache, and
#           300 out; embeddings read 500. Streams of chats ask for it by `stream_options: {include_usage: true}`, and their last chunk,
#           which has no choices, brings the usage.
# Expected: on every span what the caller reads from the same answer, as it is for streams of the Responses API.
# Seen:     streams of chats end without an error, with the text and the model as it was asked for, an alias, and without any count;
#           by `create` and by the helper `stream`. So do embeddings, which are no streams.
#
#             chat.completions.create                  caller 1000/300  span 1000/300
#             chat.completions.create, a stream        caller 1000/300  span -/-
#             chat.completions.stream                  caller 1000/300  span -/-
#             responses.create                         caller 1000/300  span 1000/300
#             responses.create, a stream               caller 1000/300  span 1000/300
#             embeddings.create                        caller 500/-     span -/-
#
# What helps: the Responses API for streams; the usage on a span of one's own, from the last chunk; calls without counts, counted.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --prefix "$work" '@arizeai/openinference-instrumentation-openai@4.2.7' 'openai@6.49.0' \
    '@opentelemetry/sdk-trace-node@2.12.0' '@opentelemetry/api@1.9.1'

cat >one.mjs <<'JS'
// Prints what each way of calling tells the caller, and what it tells the span.
import http from "node:http";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { OpenAIInstrumentation } from "@arizeai/openinference-instrumentation-openai";
import OpenAI from "openai";

const CHAT = {
  prompt_tokens: 1000,
  completion_tokens: 300,
  total_tokens: 1300,
  prompt_tokens_details: { cached_tokens: 500, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 192, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
};
const RESPONSE = {
  id: "resp_local",
  object: "response",
  created_at: 1795831647,
  status: "completed",
  model: "gpt-5-2025-08-07",
  output: [
    {
      type: "message",
      id: "msg_local",
      status: "completed",
      role: "assistant",
      content: [{ type: "output_text", text: "Rain tomorrow.", annotations: [], logprobs: [] }],
    },
  ],
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  tools: [],
  parallel_tool_calls: true,
  temperature: 1,
  tool_choice: "auto",
  top_p: 1,
  usage: {
    input_tokens: 1000,
    input_tokens_details: { cached_tokens: 500, cache_write_tokens: 0 },
    output_tokens: 300,
    output_tokens_details: { reasoning_tokens: 192 },
    total_tokens: 1300,
  },
};

function answer(path, asked) {
  if (path.endsWith("/embeddings")) {
    const bytes = Buffer.from(new Float32Array([0.25, -0.5]).buffer);
    const embedding = asked.encoding_format === "base64" ? bytes.toString("base64") : [0.25, -0.5];
    const data = [{ object: "embedding", index: 0, embedding }];
    return { object: "list", model: asked.model, data, usage: { prompt_tokens: 500, total_tokens: 500 } };
  }
  if (path.endsWith("/responses")) {
    const begun = { ...RESPONSE, status: "in_progress", output: [], usage: null };
    const events = [
      { type: "response.created", sequence_number: 0, response: begun },
      { type: "response.completed", sequence_number: 1, response: RESPONSE },
    ];
    return asked.stream ? events : RESPONSE;
  }
  const head = { id: "chatcmpl-local", created: 1795831647, model: "gpt-5-2025-08-07" };
  if (!asked.stream) {
    const message = { role: "assistant", content: "Rain tomorrow.", refusal: null };
    const choices = [{ index: 0, message, finish_reason: "stop", logprobs: null }];
    return { ...head, object: "chat.completion", choices, usage: CHAT };
  }
  const delta = { role: "assistant", content: "Rain tomorrow." };
  const chunks = [
    { ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: null }], usage: null },
    { ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage: null },
  ];
  if (asked.stream_options?.include_usage) chunks.push({ ...head, object: "chat.completion.chunk", choices: [], usage: CHAT });
  return [...chunks, "[DONE]"];
}

const server = http.createServer((request, reply) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    const told = answer(request.url, JSON.parse(body));
    const lines = (event) =>
      (event.type ? `event: ${event.type}\n` : "") + `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`;
    reply.writeHead(200, { "content-type": Array.isArray(told) ? "text/event-stream" : "application/json" });
    reply.end(Array.isArray(told) ? told.map(lines).join("") : JSON.stringify(told));
  });
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));

const spans = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
const instrumentation = new OpenAIInstrumentation();
instrumentation.setTracerProvider(provider);
instrumentation.manuallyInstrument(OpenAI);
const client = new OpenAI({ apiKey: "local", baseURL: `http://127.0.0.1:${server.address().port}/v1`, maxRetries: 0 });
const chat = { model: "gpt-5", messages: [{ role: "user", content: "Will it rain?" }] };
const counted = { stream: true, stream_options: { include_usage: true } };
const response = { model: "gpt-5", input: "Will it rain?" };

async function last(stream) {
  let usage;
  for await (const event of stream) usage = event.usage ?? event.response?.usage ?? usage;
  return usage;
}

for (const [name, call] of [
  ["chat.completions.create", async () => (await client.chat.completions.create(chat)).usage],
  ["chat.completions.create, a stream", async () => last(await client.chat.completions.create({ ...chat, ...counted }))],
  ["chat.completions.stream", async () => client.chat.completions.stream({ ...chat, ...counted }).totalUsage()],
  ["responses.create", async () => (await client.responses.create(response)).usage],
  ["responses.create, a stream", async () => last(await client.responses.create({ ...response, stream: true }))],
  ["embeddings.create", async () => (await client.embeddings.create({ model: "text-embedding-3-small", input: "Rain" })).usage],
]) {
  spans.reset();
  const usage = await call();
  for (let waits = 0; waits < 100 && !spans.getFinishedSpans().length; waits++) await new Promise((go) => setTimeout(go, 50));
  const [span, ...others] = spans.getFinishedSpans();
  if (others.length || span.status.code === 2) throw new Error(`${name}: ${others.length + 1} spans, status ${span.status.code}`);
  const told = span.attributes;
  const caller = `${usage.prompt_tokens ?? usage.input_tokens}/${usage.completion_tokens ?? usage.output_tokens ?? "-"}`;
  const seen = `${told["llm.token_count.prompt"] ?? "-"}/${told["llm.token_count.completion"] ?? "-"}`;
  console.log(`${name.padEnd(41)}caller ${caller.padEnd(10)}span ${seen}`);
}
server.close();
await provider.shutdown();
JS

cat >seen <<'TXT'
chat.completions.create                  caller 1000/300  span 1000/300
chat.completions.create, a stream        caller 1000/300  span -/-
chat.completions.stream                  caller 1000/300  span -/-
responses.create                         caller 1000/300  span 1000/300
responses.create, a stream               caller 1000/300  span 1000/300
embeddings.create                        caller 500/-     span -/-
TXT
for name in @arizeai/openinference-instrumentation-openai openai @opentelemetry/sdk-trace-node; do
    echo "$name $(node -p "require('./node_modules/$name/package.json').version")"
done
NO_PROXY=127.0.0.1 node one.mjs 2>errors | tee now || { cat errors; exit 1; }
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
