// /// script
// dependencies = [
//   "ai@7.0.173",
//   "@ai-sdk/openai@4.0.118",
//   "@ai-sdk/anthropic@4.0.105",
//   "@ai-sdk/google@3.0.141",
//   "@ai-sdk/cohere@4.0.52",
//   "@ai-sdk/otel@1.0.173",
//   "@opentelemetry/api@1.9.1",
//   "@opentelemetry/sdk-trace-node@2.12.0",
//   "@opentelemetry/exporter-trace-otlp-http@0.223.1",
//   "zod@4.6.7",
// ]
// ///
// emitter: Vercel AI SDK 7
// Version 7 with @ai-sdk/otel: `gen_ai.usage.*` on `invoke_agent` and again on the `chat` spans below it.
import { BASE, cases, main } from './case.mjs';
import { generateText, streamText, embedMany, registerTelemetry, rerank, stepCountIs, tool } from 'ai';
import { createOpenAI } from '@ai-sdk/openai';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createCohere } from '@ai-sdk/cohere';
import { OpenTelemetry } from '@ai-sdk/otel';
import { z } from 'zod';

const openai = createOpenAI({ baseURL: `${BASE}/v1` });
const anthropic = createAnthropic({ baseURL: `${BASE}/v1` });
const google = createGoogleGenerativeAI({ baseURL: `${BASE}/v1beta`, apiKey: 'made-up' });
const weather = tool({ description: 'Weather', inputSchema: z.object({ city: z.string() }), execute: async ({ city }) => `Sun in ${city}` });
const cohere = createCohere({ baseURL: `${BASE}/v2` });
const telemetry = { functionId: 'planner', includeRuntimeContext: { userId: true, team: true } };
const runtimeContext = { userId: 'ada', team: 'support' };
registerTelemetry(new OpenTelemetry({ usage: true, providerMetadata: true, runtimeContext: true }));
const prompt = 'Weather in Paris?';

cases.generate_text = async () => {
  await generateText({ model: openai.chat('gpt-4o'), prompt, tools: { weather }, stopWhen: stepCountIs(3), telemetry, runtimeContext });
};

cases.responses = async () => {
  await generateText({ model: openai('gpt-5'), prompt, telemetry, runtimeContext });
};

cases.stream_text = async () => {
  await streamText({ model: openai.chat('gpt-4o'), prompt, telemetry, runtimeContext }).consumeStream();
};

cases.anthropic = async () => {
  await generateText({ model: anthropic('claude-sonnet-4-5'), prompt, telemetry, runtimeContext });
};

cases.anthropic_stream = async () => {
  await streamText({ model: anthropic('claude-sonnet-4-5'), prompt, telemetry, runtimeContext }).consumeStream();
};

cases.google = async () => {
  await generateText({ model: google('gemini-2.5-flash'), prompt, telemetry, runtimeContext });
};

cases.flex = async () => {
  await streamText({ model: openai('gpt-5'), prompt, providerOptions: { openai: { serviceTier: 'flex' } }, telemetry, runtimeContext }).consumeStream();
};

cases.web_search = async () => {
  await generateText({ model: openai('gpt-5'), prompt, tools: { web_search: openai.tools.webSearch({}) }, telemetry, runtimeContext });
};

cases.embed_many = async () => {
  await embedMany({ model: openai.embedding('text-embedding-3-small'), values: ['Paris', 'Rome'], telemetry });
};

cases.rerank = async () => {
  await rerank({ model: cohere.reranking('rerank-v3.5'), documents: ['Paris', 'Rome'], query: 'sun', telemetry });
};

await main();
