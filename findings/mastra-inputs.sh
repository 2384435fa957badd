#!/usr/bin/env bash
# The input of one call of Claude has four values in Mastra's spans, by the versions of Mastra and of the AI SDK's provider: 2800 tokens are
# 2000, 2300, 2800 or 3100.
#
# Packages: @mastra/core 1.71.0 with @mastra/observability 1.17.9 and @mastra/otel-exporter 1.4.0; @mastra/core 1.1.0 with 1.1.0 and 1.0.2;
#           @ai-sdk/anthropic 3.0.139 (AI SDK 6) and 2.0.112 (AI SDK 5), zod 4.6.7 (npm). Mastra takes models of both.
# Input:    an agent asks `claude-sonnet-4-5` on a local endpoint that answers in the shape that Anthropic documents: 2000 tokens, and beside
#           them 500 read from the cache and 300 written to it.
# Expected: `gen_ai.usage.input_tokens` 2800, the whole prompt, as OpenTelemetry defines it, whatever the versions.
# Seen:     models of the AI SDK 5 pass on Anthropic's count, which leaves the cache out, under the same key; core 1.1.0 adds what was written
#           to the cache once more. Nothing on the span says which it is; the answer's own usage stands on the `model_step` span above it,
#           or below it with core 1.1.0, and there only of what is not streamed.
#
#             core 1.71.0, AI SDK 6  input 2800  read 500  written 300
#             core 1.71.0, AI SDK 5  input 2000  read 500  written 300
#             core 1.1.0, AI SDK 6   input 3100  read 500  written 300
#             core 1.1.0, AI SDK 5   input 2300  read 500  written 300
#
#           The same tokens cost $0.00788 to $0.01118, where Anthropic bills $0.01028.
#
# What helps: providers of the AI SDK 6, with a core that is not 1.1; the usage in `mastra.metadata.body`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
install() {
    mkdir "$1"
    npm install --silent --no-audit --no-fund --legacy-peer-deps --prefix "$work/$1" "@mastra/core@$1" "@mastra/observability@$2" \
        "@mastra/otel-exporter@$3" 'ai-sdk-6@npm:@ai-sdk/anthropic@3.0.139' 'ai-sdk-5@npm:@ai-sdk/anthropic@2.0.112' 'zod@4.6.7'
}
install 1.71.0 1.17.9 1.4.0
install 1.1.0 1.1.0 1.0.2

cat >one.mjs <<'JS'
// Prints what the spans of one call tell of its input: once for each version of the AI SDK.
import http from "node:http";
import { Mastra } from "@mastra/core";
import { Agent } from "@mastra/core/agent";
import { Observability } from "@mastra/observability";
import { OtelExporter } from "@mastra/otel-exporter";

const usage = { input_tokens: 2000, cache_read_input_tokens: 500, cache_creation_input_tokens: 300, output_tokens: 200 };
const spans = [];
const server = http.createServer((request, reply) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    let answer = {};
    if (request.url.endsWith("/messages")) {
      const content = [{ type: "text", text: "Rain tomorrow." }];
      const head = { id: "msg_local", type: "message", role: "assistant", model: "claude-sonnet-4-5-20250929" };
      answer = { ...head, content, stop_reason: "end_turn", stop_sequence: null, usage };
    } else {
      for (const resource of JSON.parse(body).resourceSpans ?? []) for (const scope of resource.scopeSpans) spans.push(...scope.spans);
    }
    reply.writeHead(200, { "content-type": "application/json" });
    reply.end(JSON.stringify(answer));
  });
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const base = `http://127.0.0.1:${server.address().port}`;

for (const sdk of ["6", "5"]) {
  const { createAnthropic } = await import(`ai-sdk-${sdk}`);
  const model = createAnthropic({ apiKey: "local", baseURL: `${base}/v1` })("claude-sonnet-4-5");
  const agent = new Agent({ id: "planner", name: "planner", instructions: "Be short.", model });
  const custom = { endpoint: `${base}/v1/traces`, protocol: "http/json" };
  const exporters = [new OtelExporter({ provider: { custom }, batchSize: 1 })];
  const observability = new Observability({ configs: { otel: { serviceName: "finding", exporters } } });
  const mastra = new Mastra({ agents: { planner: agent }, logger: false, observability });
  spans.length = 0;
  await mastra.getAgent("planner").generate("Will it rain?");
  const read = (span) => Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
  const calls = () => spans.map(read).filter((attributes) => "gen_ai.usage.input_tokens" in attributes);
  for (let waits = 0; waits < 200 && !calls().length; waits++) await new Promise((go) => setTimeout(go, 50));
  await mastra.shutdown();
  const [told, ...others] = calls();
  if (others.length) throw new Error(`${others.length + 1} spans with usage`);
  const cached = told["gen_ai.usage.cache_read.input_tokens"] ?? told["gen_ai.usage.cached_input_tokens"];
  const written = told["gen_ai.usage.cache_creation.input_tokens"] ?? told["gen_ai.usage.cache_write_tokens"];
  const name = `core ${process.argv[2]}, AI SDK ${sdk}`;
  console.log(`${name.padEnd(23)}input ${told["gen_ai.usage.input_tokens"]}  read ${cached}  written ${written}`);
}
server.close();
JS

cat >seen <<'TXT'
core 1.71.0, AI SDK 6  input 2800  read 500  written 300
core 1.71.0, AI SDK 5  input 2000  read 500  written 300
core 1.1.0, AI SDK 6   input 3100  read 500  written 300
core 1.1.0, AI SDK 5   input 2300  read 500  written 300
TXT
for core in 1.71.0 1.1.0; do
    cp one.mjs "$core/one.mjs"
    (cd "$core" && NO_PROXY=127.0.0.1 node one.mjs "$core" 2>errors) || { cat "$core/errors"; exit 1; }
done | tee now
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
