// /// script
// dependencies = [
//   "@traceloop/instrumentation-openai@0.27.0",
//   "@traceloop/instrumentation-anthropic@0.27.0",
//   "@traceloop/instrumentation-langchain@0.27.0",
//   "openai@6.49.0",
//   "@anthropic-ai/sdk@1.14.0",
//   "@langchain/core@1.4.0",
//   "@langchain/openai@1.5.8",
//   "@langchain/anthropic@1.5.11",
//   "@opentelemetry/api@1.10.0",
//   "@opentelemetry/sdk-trace-node@2.12.1",
//   "@opentelemetry/exporter-trace-otlp-http@0.223.1",
// ]
// ///
// emitter: OpenLLMetry (Traceloop)
// JavaScript's: its counts of Anthropic leave the cache out, those of OpenAI tell none.
import { cases, drained, main } from './case.mjs';
import { OpenAIInstrumentation } from '@traceloop/instrumentation-openai';
import { AnthropicInstrumentation } from '@traceloop/instrumentation-anthropic';
import { LangChainInstrumentation } from '@traceloop/instrumentation-langchain';
import OpenAI from 'openai';
import Anthropic, * as sdk from '@anthropic-ai/sdk';
import * as callbackManagerModule from '@langchain/core/callbacks/manager';
import { ChatOpenAI } from '@langchain/openai';
import { ChatAnthropic } from '@langchain/anthropic';

new OpenAIInstrumentation().manuallyInstrument(OpenAI);
const Completions = { prototype: { create() {} } }; // which this SDK no longer has, and the instrumentation expects
new AnthropicInstrumentation().manuallyInstrument({ ...sdk, Anthropic: { Completions, Messages: Anthropic.Messages, Beta: Anthropic.Beta } });
new LangChainInstrumentation().manuallyInstrument({ callbackManagerModule });
const openai = new OpenAI();
const anthropic = new Anthropic();
const text = 'Weather in Paris?';
const messages = [{ role: 'user', content: text }];
const claude = { model: 'claude-sonnet-4-5', max_tokens: 99, messages };

cases.openai_chat = () => openai.chat.completions.create({ model: 'gpt-4o', messages });

cases.openai_stream = () =>
  drained(openai.chat.completions.create({ model: 'gpt-4o', messages, stream: true, stream_options: { include_usage: true } }));

cases.openai_responses = () => openai.responses.create({ model: 'gpt-5', input: text });

cases.anthropic_messages = () => anthropic.messages.create(claude);

cases.anthropic_stream = () => drained(anthropic.messages.create({ ...claude, stream: true }));

cases.langchain_openai = () => new ChatOpenAI({ model: 'gpt-4o' }).invoke(text);

cases.langchain_anthropic = () => new ChatAnthropic({ model: 'claude-sonnet-4-5' }).invoke(text);

await main();
