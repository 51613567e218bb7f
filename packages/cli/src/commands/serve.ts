/** `dragoman serve`: the server, with what it found, what it could not use and why, and a line to try. */
import { createServer, type Finding } from "@dragoman/gateway";
import { openRegistry } from "../open-registry.ts";
import { createPalette } from "../palette.ts";
import { VERSION } from "../version.ts";

interface ServeOptions {
  readonly port: number;
  readonly json?: boolean;
}

export async function serve(options: ServeOptions): Promise<void> {
  const { registry, discovery, simulated, defaultModel } = await openRegistry();
  const server = createServer({ registry, version: VERSION });
  const url = await server.listen({ port: options.port });
  const model = (await defaultModel()) ?? "provider:model";
  console.log(
    options.json === true
      ? JSON.stringify({ url, model, simulated, findings: discovery.findings })
      : banner(url, model, simulated, discovery.findings),
  );
  await untilStopped();
  await server.close();
  await registry.close();
}

function banner(url: string, model: string, simulated: boolean, findings: readonly Finding[]): string {
  const { bold, green, dim, yellow } = createPalette(process.stdout);
  const width = Math.max(...findings.map((finding) => finding.provider.length));
  const found = findings.filter(({ availability }) => availability.available);
  const missing = findings.filter(({ availability }) => !availability.available);
  return [
    `${bold("Dragoman")} ${VERSION} listens on ${bold(url)}`,
    "",
    ...found.map(({ provider, availability }) => `  ${green("✓")} ${provider.padEnd(width)}  ${availability.detail ?? ""}`),
    ...(simulated
      ? [`  ${yellow("~")} ${"sim".padEnd(width)}  a simulator, not a model: it answers until a real provider is set up`]
      : []),
    ...missing.map(({ provider, availability }) =>
      dim(`  · ${provider.padEnd(width)}  ${availability.available ? "" : `${availability.reason}: ${availability.nextStep}`}`),
    ),
    "",
    "Try it:",
    `  ${curlLine(url, model)}`,
    "",
    dim("Any OpenAI, Anthropic, Gemini or Ollama client works with this as its base URL. Models: dragoman models. Stop: Ctrl+C."),
  ].join("\n");
}

function curlLine(url: string, model: string): string {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello, who are you?" }] });
  return `curl -s ${url}/v1/chat/completions -H 'content-type: application/json' -d '${body}'`;
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
