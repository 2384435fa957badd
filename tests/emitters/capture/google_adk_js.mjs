// /// script
// dependencies = [
//   "@google/adk@2.0.0",
//   "@opentelemetry/api@1.10.0",
//   "@opentelemetry/sdk-trace-node@2.12.1",
//   "@opentelemetry/exporter-trace-otlp-http@0.223.1",
//   "zod@4.6.7",
// ]
// ///
// emitter: Google ADK
// JavaScript's: `call_llm` alone tells the call, its cache and thoughts only in the answer that it quotes.
import { cases, drained, main } from './case.mjs';
import { z } from 'zod';

const { FunctionTool, InMemoryRunner, LlmAgent, StreamingMode } = await import('@google/adk');
const parameters = z.object({ city: z.string() });
const weather = new FunctionTool({ name: 'weather', description: 'Weather', parameters, execute: async () => ({ said: 'Sun in Paris' }) });

async function run(tools, runConfig) {
  const agent = new LlmAgent({ name: 'planner', model: 'gemini-2.5-flash', instruction: 'Plan.', tools });
  const runner = new InMemoryRunner({ agent, appName: 'capture' });
  const session = await runner.sessionService.createSession({ appName: 'capture', userId: 'ada' });
  const newMessage = { role: 'user', parts: [{ text: 'Weather in Paris?' }] };
  await drained(runner.runAsync({ userId: 'ada', sessionId: session.id, newMessage, runConfig }));
}

cases.agent = () => run([weather]);

cases.stream = () => run([], { streamingMode: StreamingMode.SSE });

await main();
