// /// script
// dependencies = [
//   "genkit@1.42.0",
//   "@genkit-ai/compat-oai@1.42.0",
//   "@genkit-ai/google-genai@1.42.0",
//   "@genkit-ai/anthropic@0.3.0",
//   "@opentelemetry/api@1.10.0",
//   "@opentelemetry/sdk-trace-node@2.12.1",
//   "@opentelemetry/exporter-trace-otlp-http@0.223.1",
// ]
// ///
// emitter: Genkit
// The answer with its usage stands in `genkit:output`.
import { BASE, cases, main } from './case.mjs';
import { genkit, z } from 'genkit';
import { disableGenkitOTelInitialization } from 'genkit/tracing';
import { anthropic } from '@genkit-ai/anthropic';
import { openAI } from '@genkit-ai/compat-oai/openai';
import { googleAI } from '@genkit-ai/google-genai';

disableGenkitOTelInitialization();
const plugins = [anthropic(), openAI({ baseURL: `${BASE}/v1` }), googleAI({ apiKey: 'made-up', baseUrl: BASE })];
const ai = genkit({ plugins });
const schemas = { inputSchema: z.object({ city: z.string() }), outputSchema: z.string() };
const weather = ai.defineTool({ name: 'weather', description: 'Weather', ...schemas }, async () => 'Sun in Paris');
const prompt = 'Weather in Paris?';

cases.openai = () => ai.generate({ model: openAI.model('gpt-4o'), prompt, tools: [weather] });

cases.openai_stream = async () => {
  const { stream, response } = ai.generateStream({ model: openAI.model('gpt-4o'), prompt });
  for await (const _ of stream);
  await response;
};

cases.openai_flex = () => ai.generate({ model: openAI.model('gpt-5'), prompt, config: { service_tier: 'flex' } });

cases.anthropic = () => ai.generate({ model: anthropic.model('claude-sonnet-4-5'), prompt });

cases.google = () => ai.generate({ model: googleAI.model('gemini-2.5-flash'), prompt });

cases.embed = () => ai.embed({ embedder: openAI.embedder('text-embedding-3-small'), content: prompt });

await main();
