// /// script
// dependencies = [
//   "@mastra/core@1.71.0",
//   "@mastra/observability@1.17.9",
//   "@mastra/otel-exporter@1.4.0",
//   "@ai-sdk/openai@3.0.141",
//   "@ai-sdk/anthropic@3.0.139",
//   "@ai-sdk/google@3.0.141",
//   "@opentelemetry/api@1.10.0",
//   "@opentelemetry/sdk-trace-node@2.12.1",
//   "@opentelemetry/exporter-trace-otlp-http@0.223.1",
//   "zod@4.6.7",
// ]
// ///
// emitter: Mastra
// Two spans tell each call: `model_inference` its counts, and `model_step` above it, of what is not streamed, the provider's whole answer.
import { BASE, SINK, cases } from './case.mjs';
import { Mastra } from '@mastra/core';
import { Agent } from '@mastra/core/agent';
import { createTool } from '@mastra/core/tools';
import { Observability } from '@mastra/observability';
import { OtelExporter } from '@mastra/otel-exporter';
import { createOpenAI } from '@ai-sdk/openai';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { z } from 'zod';

const openai = createOpenAI({ baseURL: `${BASE}/v1` });
const anthropic = createAnthropic({ baseURL: `${BASE}/v1` });
const google = createGoogleGenerativeAI({ baseURL: `${BASE}/v1beta`, apiKey: 'made-up' });
const inputSchema = z.object({ city: z.string() });
const weather = createTool({ id: 'weather', description: 'Weather', inputSchema, execute: async () => 'Sun in Paris' });
const prompt = 'Weather in Paris?';
let mastra;

function agent(model, tools = {}) {
  const planner = new Agent({ id: 'planner', name: 'planner', instructions: 'Plan.', model, tools });
  const endpoint = `${SINK}/v1/traces`;
  const exporters = [new OtelExporter({ provider: { custom: { endpoint, protocol: 'http/json' } } })];
  const observability = new Observability({ configs: { otel: { serviceName: 'capture', exporters } } });
  mastra = new Mastra({ agents: { planner }, logger: false, observability });
  return mastra.getAgent('planner');
}

cases.openai = () => agent(openai.chat('gpt-4o'), { weather }).generate(prompt);

cases.stream = async () => {
  const answer = await agent(openai.chat('gpt-4o')).stream(prompt);
  await answer.text;
};

cases.responses = () => agent(openai('gpt-5')).generate(prompt, { providerOptions: { openai: { serviceTier: 'flex' } } });

cases.anthropic = () => agent(anthropic('claude-sonnet-4-5')).generate(prompt);

cases.anthropic_stream = async () => {
  const answer = await agent(anthropic('claude-sonnet-4-5')).stream(prompt);
  await answer.text;
};

cases.web_search = () =>
  agent(anthropic('claude-haiku-4-5'), { web_search: anthropic.tools.webSearch_20250305({}) }).generate(prompt);

cases.google = () => agent(google('gemini-2.5-flash')).generate(prompt);

await cases[process.argv[2]]();
await mastra.shutdown();
