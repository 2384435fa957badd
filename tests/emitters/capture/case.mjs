// What the Node scripts share: the OpenTelemetry SDK with an OTLP exporter to the sink, and the case of the command line.
import { NodeTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';

export const cases = {};
export const BASE = process.env.CAPTURE_PROVIDER;
export const SINK = process.env.CAPTURE_SINK;

export const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] });
provider.register();

export async function drained(stream) {
  for await (const _ of await stream);
}

export async function main() {
  await cases[process.argv[2]]();
  await provider.forceFlush();
  await provider.shutdown();
}
