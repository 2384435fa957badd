// /// script
// dependencies = [
//   "@openai/agents@0.20.0",
//   "@arizeai/openinference-instrumentation-openai-agents@0.2.15",
//   "@arizeai/openinference-instrumentation-openai@4.2.7",
//   "openai@7.59.0",
//   "@opentelemetry/api@1.10.0",
//   "@opentelemetry/sdk-trace-node@2.12.1",
//   "@opentelemetry/exporter-trace-otlp-http@0.223.1",
//   "zod@4.6.7",
// ]
// ///
// emitter: OpenAI Agents SDK
// JavaScript's through OpenInference, alone and with the client below instrumented too.
import { cases, main, provider } from './case.mjs';
import * as agents from '@openai/agents';
import OpenAI from 'openai';
import { z } from 'zod';
import { OpenAIAgentsInstrumentation } from '@arizeai/openinference-instrumentation-openai-agents';
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';

new OpenAIAgentsInstrumentation({ tracerProvider: provider }).manuallyInstrument(agents);
const { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, run, tool, webSearchTool } = agents;
const parameters = z.object({ city: z.string() });
const weather = tool({ name: 'weather', description: 'Weather', parameters, execute: async () => 'Sun in Paris' });
const client = new OpenAI();
const text = 'Weather in Paris?';
const agent = (model, tools = []) => new Agent({ name: 'planner', instructions: 'Plan.', model, tools });
const written = () => new Promise((done) => setTimeout(done, 300)); // spans end after the run

cases.responses = async () => {
  await run(agent(new OpenAIResponsesModel(client, 'gpt-5'), [weather]), text);
  await written();
};

cases.web_search = async () => {
  await run(agent(new OpenAIResponsesModel(client, 'gpt-5'), [webSearchTool()]), text);
  await written();
};

cases.chat = async () => {
  await run(agent(new OpenAIChatCompletionsModel(client, 'gpt-4o')), text);
  await written();
};

cases.nested = async () => {
  new OpenAIInstrumentation().manuallyInstrument(OpenAI);
  const answer = await run(agent(new OpenAIResponsesModel(client, 'gpt-5')), text, { stream: true });
  for await (const _ of answer);
  await answer.completed;
  await written();
};

await main();
