// /// script
// dependencies = [
//   "ai@6.0.324",
//   "@ai-sdk/openai@3.0.141",
//   "@ai-sdk/anthropic@3.0.139",
//   "@ai-sdk/google@3.0.141",
//   "@opentelemetry/api@1.9.0",
//   "@opentelemetry/sdk-trace-node@2.12.0",
//   "@opentelemetry/exporter-trace-otlp-http@0.223.1",
//   "zod@4.6.7",
// ]
// ///
// emitter: Vercel AI SDK 4 to 6
// Version 6, experimental_telemetry: `ai.*` on the outer span, both `ai.*` and `gen_ai.*` on the inner one.
import { generateText, streamText, embedMany, stepCountIs, tool } from 'ai';
import { createOpenAI } from '@ai-sdk/openai';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { z } from 'zod';
import { BASE, cases, main } from './case.mjs';

const openai = createOpenAI({ baseURL: `${BASE}/v1` });
const anthropic = createAnthropic({ baseURL: `${BASE}/v1` });
const google = createGoogleGenerativeAI({ baseURL: `${BASE}/v1beta`, apiKey: 'made-up' });
const weather = tool({ description: 'Weather', inputSchema: z.object({ city: z.string() }), execute: async ({ city }) => `Sun in ${city}` });
const experimental_telemetry = {
  isEnabled: true,
  functionId: 'planner',
  metadata: { userId: 'ada', sessionId: 's-1', team: 'support' },
};
const prompt = 'Weather in Paris?';

cases.generate_text = async () => {
  await generateText({ model: openai.chat('gpt-4o'), prompt, tools: { weather }, stopWhen: stepCountIs(3), experimental_telemetry });
};

cases.responses = async () => {
  await generateText({ model: openai('gpt-5'), prompt, experimental_telemetry });
};

cases.stream_text = async () => {
  await streamText({ model: openai.chat('gpt-4o'), prompt, experimental_telemetry }).consumeStream();
};

cases.anthropic = async () => {
  await generateText({ model: anthropic('claude-sonnet-4-5'), prompt, experimental_telemetry });
};

cases.anthropic_stream = async () => {
  await streamText({ model: anthropic('claude-sonnet-4-5'), prompt, experimental_telemetry }).consumeStream();
};

cases.google = async () => {
  await generateText({ model: google('gemini-2.5-flash'), prompt, experimental_telemetry });
};

cases.flex = async () => {
  await streamText({ model: openai('gpt-5'), prompt, providerOptions: { openai: { serviceTier: 'flex' } }, experimental_telemetry }).consumeStream();
};

cases.web_search = async () => {
  await generateText({ model: openai('gpt-5'), prompt, tools: { web_search: openai.tools.webSearch({}) }, experimental_telemetry });
};

cases.embed_many = async () => {
  await embedMany({ model: openai.embedding('text-embedding-3-small'), values: ['Paris', 'Rome'], experimental_telemetry });
};

await main();
