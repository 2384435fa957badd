#!/usr/bin/env bash
# Spans of LangChain for JavaScript are not current while the model is called: the span of the client below is in another trace, with the
# tokens once more.
#
# Packages: @arizeai/openinference-instrumentation-langchain 4.1.1, @arizeai/openinference-instrumentation-openai 4.2.7,
#           @traceloop/instrumentation-langchain 0.27.0, @traceloop/instrumentation-openai 0.27.0, @langchain/openai 1.5.8,
#           @langchain/core 1.4.0, openai 6.49.0, @opentelemetry/sdk-trace-node 2.12.1 (npm).
# Input:    one chat of `ChatOpenAI` with a local endpoint that answers in the shape that OpenAI documents, 1000 tokens in and 300 out;
#           LangChain and its client instrumented by packages of one vendor; alone, and within a span of the application.
# Expected: the client's span below LangChain's, in one trace: a reader can tell then that the inner span repeats the outer one.
# Seen:     two spans with 1000 tokens each that do not know of each other. Alone they are the roots of two traces; within a span of the
#           application they are siblings, as two calls are. OpenInference's quote one response id, OpenLLMetry's LangChain tells none.
#
#             openinference alone      2 traces, 2 roots    tokens in 2000 of 1000  response ids 1 on 2 spans
#             openinference in a span  1 trace, siblings    tokens in 2000 of 1000  response ids 1 on 2 spans
#             traceloop alone          2 traces, 2 roots    tokens in 2000 of 1000  response ids 1 on 1 span
#             traceloop in a span      1 trace, siblings    tokens in 2000 of 1000  response ids 1 on 1 span
#
# What helps: instrument LangChain or the client, not both; join the two by the response id where both quote it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --legacy-peer-deps --prefix "$work" '@arizeai/openinference-instrumentation-langchain@4.1.1' \
    '@arizeai/openinference-instrumentation-openai@4.2.7' '@traceloop/instrumentation-langchain@0.27.0' \
    '@traceloop/instrumentation-openai@0.27.0' '@langchain/openai@1.5.8' '@langchain/core@1.4.0' 'openai@6.49.0' \
    '@opentelemetry/sdk-trace-node@2.12.1' '@opentelemetry/api@1.10.0' '@opentelemetry/instrumentation@0.223.0'

cat >one.mjs <<'JS'
// Prints how the spans of one chat lie, and what they tell together; the vendor is named on the command line.
import http from "node:http";
import { trace } from "@opentelemetry/api";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import * as callbackManagerModule from "@langchain/core/callbacks/manager";
import { ChatOpenAI } from "@langchain/openai";
import OpenAI from "openai";

const vendor = process.argv[2];
const usage = { prompt_tokens: 1000, completion_tokens: 300, total_tokens: 1300 };
const message = { role: "assistant", content: "Rain tomorrow.", refusal: null };
const server = http.createServer((request, reply) => {
  request.resume().on("end", () => {
    const choices = [{ index: 0, message, finish_reason: "stop", logprobs: null }];
    reply.writeHead(200, { "content-type": "application/json" });
    reply.end(JSON.stringify({ id: "chatcmpl-local", object: "chat.completion", created: 1795831647, model: "gpt-4o-2024-08-06", choices, usage }));
  });
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));

const spans = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).register();
if (vendor === "openinference") {
  const { LangChainInstrumentation } = await import("@arizeai/openinference-instrumentation-langchain");
  const { OpenAIInstrumentation } = await import("@arizeai/openinference-instrumentation-openai");
  new LangChainInstrumentation().manuallyInstrument(callbackManagerModule);
  new OpenAIInstrumentation().manuallyInstrument(OpenAI);
} else {
  const { LangChainInstrumentation } = await import("@traceloop/instrumentation-langchain");
  const { OpenAIInstrumentation } = await import("@traceloop/instrumentation-openai");
  new LangChainInstrumentation().manuallyInstrument({ callbackManagerModule });
  new OpenAIInstrumentation().manuallyInstrument(OpenAI);
}

const baseURL = `http://127.0.0.1:${server.address().port}/v1`;
const ask = () => new ChatOpenAI({ model: "gpt-4o", apiKey: "local", maxRetries: 0, configuration: { baseURL } }).invoke("Will it rain?");
const tokens = (span) => span.attributes["llm.token_count.prompt"] ?? span.attributes["gen_ai.usage.input_tokens"];
const quoted = (span) => JSON.stringify(span.attributes).match(/chatcmpl-local/)?.[0];

for (const [name, call] of [
  ["alone", ask],
  ["in a span", () => trace.getTracer("application").startActiveSpan("answer", async (span) => (await ask(), span.end()))],
]) {
  spans.reset();
  await call();
  for (let waits = 0; waits < 100 && spans.getFinishedSpans().filter(tokens).length < 2; waits++) await new Promise((go) => setTimeout(go, 20));
  const told = spans.getFinishedSpans().filter(tokens);
  const traces = new Set(told.map((span) => span.spanContext().traceId)).size;
  const parents = new Set(told.map((span) => span.parentSpanContext?.spanId));
  const ids = told.map(quoted).filter(Boolean);
  const nested = told.some((span) => parents.has(span.spanContext().spanId));
  const roots = told.filter((span) => !span.parentSpanContext).length;
  const lie = nested ? "nested" : traces > 1 ? `${roots} roots` : "siblings";
  const sum = told.map(tokens).reduce((a, b) => a + b, 0);
  const places = `${traces} trace${traces > 1 ? "s" : ""}, ${lie}`;
  const known = `response ids ${new Set(ids).size} on ${ids.length} span${ids.length > 1 ? "s" : ""}`;
  console.log(`${`${vendor} ${name}`.padEnd(25)}${places.padEnd(21)}tokens in ${sum} of ${usage.prompt_tokens}  ${known}`);
}
server.close();
JS

cat >seen <<'TXT'
openinference alone      2 traces, 2 roots    tokens in 2000 of 1000  response ids 1 on 2 spans
openinference in a span  1 trace, siblings    tokens in 2000 of 1000  response ids 1 on 2 spans
traceloop alone          2 traces, 2 roots    tokens in 2000 of 1000  response ids 1 on 1 span
traceloop in a span      1 trace, siblings    tokens in 2000 of 1000  response ids 1 on 1 span
TXT
for name in @arizeai/openinference-instrumentation-langchain @traceloop/instrumentation-langchain @langchain/openai @langchain/core openai; do
    echo "$name $(node -p "JSON.parse(require('fs').readFileSync('./node_modules/$name/package.json')).version")"
done
for vendor in openinference traceloop; do NO_PROXY=127.0.0.1 node one.mjs "$vendor" 2>errors || { cat errors; exit 1; }; done | tee now
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
