// /// script
// dependencies = [
//   "@langfuse/otel@5.11.1",
//   "@langfuse/tracing@5.11.1",
//   "@langfuse/openai@5.11.1",
//   "@langfuse/langchain@5.11.1",
//   "openai@6.49.0",
//   "@langchain/core@1.4.0",
//   "@langchain/openai@1.5.8",
//   "@langchain/anthropic@1.5.11",
//   "@langchain/google-genai@2.3.2",
//   "@opentelemetry/api@1.10.0",
//   "@opentelemetry/sdk-trace-node@2.12.1",
//   "@opentelemetry/exporter-trace-otlp-http@0.223.1",
// ]
// ///
// emitter: Langfuse
// JavaScript's.
import { BASE, cases, drained, main } from './case.mjs';
import { observeOpenAI } from '@langfuse/openai';
import { CallbackHandler } from '@langfuse/langchain';
import OpenAI from 'openai';
import { ChatOpenAI } from '@langchain/openai';
import { ChatAnthropic } from '@langchain/anthropic';
import { ChatGoogleGenerativeAI } from '@langchain/google-genai';

const openai = observeOpenAI(new OpenAI());
const text = 'Weather in Paris?';
const messages = [{ role: 'user', content: text }];
const observed = { callbacks: [new CallbackHandler()] };

cases.openai_chat = () => openai.chat.completions.create({ model: 'gpt-4o', messages });

cases.openai_stream = () =>
  drained(openai.chat.completions.create({ model: 'gpt-4o', messages, stream: true, stream_options: { include_usage: true } }));

cases.openai_responses = () => openai.responses.create({ model: 'gpt-5', input: text });

cases.openai_embeddings = () => openai.embeddings.create({ model: 'text-embedding-3-small', input: text });

cases.openai_web_search = () =>
  drained(openai.responses.create({ model: 'gpt-5', input: text, stream: true, tools: [{ type: 'web_search' }] }));

cases.langchain_openai = () => new ChatOpenAI({ model: 'gpt-4o' }).invoke(text, observed);

cases.langchain_anthropic = () => new ChatAnthropic({ model: 'claude-sonnet-4-5' }).invoke(text, observed);

cases.langchain_google = () => new ChatGoogleGenerativeAI({ model: 'gemini-2.5-flash', apiKey: 'made-up', baseUrl: BASE }).invoke(text, observed);

await main();
