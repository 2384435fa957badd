// /// script
// dependencies = [
//   "@arizeai/openinference-instrumentation-openai@4.2.7",
//   "@arizeai/openinference-instrumentation-anthropic@0.2.8",
//   "@arizeai/openinference-instrumentation-langchain@4.1.1",
//   "openai@6.49.0",
//   "@anthropic-ai/sdk@1.14.0",
//   "@langchain/core@1.4.0",
//   "@langchain/openai@1.5.8",
//   "@langchain/anthropic@1.5.11",
//   "@opentelemetry/instrumentation@0.223.0",
//   "@opentelemetry/api@1.10.0",
//   "@opentelemetry/sdk-trace-node@2.12.1",
//   "@opentelemetry/exporter-trace-otlp-http@0.223.1",
// ]
// ///
// emitter: OpenInference
// JavaScript's. The Anthropic SDK writes a span by itself; LangChain's spans are not current, so those of the SDK below are in other traces.
import { cases, drained, main } from './case.mjs';
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';
import { AnthropicInstrumentation } from '@arizeai/openinference-instrumentation-anthropic';
import { LangChainInstrumentation } from '@arizeai/openinference-instrumentation-langchain';
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import * as callbacks from '@langchain/core/callbacks/manager';
import { ChatOpenAI } from '@langchain/openai';
import { ChatAnthropic } from '@langchain/anthropic';

new OpenAIInstrumentation().manuallyInstrument(OpenAI);
new AnthropicInstrumentation().manuallyInstrument(Anthropic);
new LangChainInstrumentation().manuallyInstrument(callbacks);
const openai = new OpenAI();
const anthropic = new Anthropic();
const text = 'Weather in Paris?';
const messages = [{ role: 'user', content: text }];
const claude = { model: 'claude-sonnet-4-5', max_tokens: 99, messages };

cases.openai_chat = () => openai.chat.completions.create({ model: 'gpt-4o', messages });

cases.openai_stream = () =>
  drained(openai.chat.completions.create({ model: 'gpt-4o', messages, stream: true, stream_options: { include_usage: true } }));

cases.openai_responses = () => openai.responses.create({ model: 'gpt-5', input: text, service_tier: 'flex' });

cases.openai_responses_stream = () =>
  drained(openai.responses.create({ model: 'gpt-5', input: text, stream: true, tools: [{ type: 'web_search' }] }));

cases.openai_embeddings = () => openai.embeddings.create({ model: 'text-embedding-3-small', input: text });

cases.anthropic_messages = () => anthropic.messages.create(claude);

cases.anthropic_stream = () => drained(anthropic.messages.create({ ...claude, stream: true }));

cases.anthropic_stream_helper = () => anthropic.messages.stream(claude).finalMessage();

cases.anthropic_web_search = () =>
  anthropic.messages.create({ ...claude, model: 'claude-haiku-4-5', tools: [{ type: 'web_search_20250305', name: 'web_search' }] });

cases.langchain_openai = () => new ChatOpenAI({ model: 'gpt-4o' }).invoke(text);

cases.langchain_anthropic = () => new ChatAnthropic({ model: 'claude-sonnet-4-5' }).invoke(text);

cases.langchain_anthropic_stream = () => drained(new ChatAnthropic({ model: 'claude-sonnet-4-5' }).stream(text));

await main();
