// /// script
// dependencies = [
//   "@strands-agents/sdk@1.16.0",
//   "openai@6.49.0",
//   "@anthropic-ai/sdk@1.14.0",
//   "@modelcontextprotocol/sdk@1.32.2",
//   "@opentelemetry/api@1.10.0",
//   "@opentelemetry/sdk-trace-node@2.12.1",
//   "@opentelemetry/exporter-trace-otlp-http@0.223.1",
//   "zod@4.6.7",
// ]
// ///
// emitter: Strands Agents
// TypeScript's: it passes on the provider's counts, without the response's id.
import { cases, main } from './case.mjs';
import { Agent, tool } from '@strands-agents/sdk';
import { OpenAIModel } from '@strands-agents/sdk/models/openai';
import { AnthropicModel } from '@strands-agents/sdk/models/anthropic';
import { z } from 'zod';

const apiKey = 'made-up';
const inputSchema = z.object({ city: z.string() });
const weather = tool({ name: 'weather', description: 'Weather', inputSchema, callback: () => 'Sun in Paris' });
const run = (model, tools = []) => new Agent({ model, tools, printer: false }).invoke('Weather in Paris?');

cases.openai = () => run(new OpenAIModel({ api: 'chat', modelId: 'gpt-4o', apiKey }), [weather]);

cases.responses = () => run(new OpenAIModel({ modelId: 'gpt-5', apiKey }));

cases.anthropic = () => run(new AnthropicModel({ modelId: 'claude-sonnet-4-5', apiKey, maxTokens: 99 }));

await main();
