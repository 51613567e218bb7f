/** `dragoman serve`: the server, with what it found, what it could not use and why, and a line to try. */
import { createServer, type DragomanServer, type Finding } from "@dragoman/gateway";
import { type Availability, createRegistry, DragomanError, type Registry } from "@dragoman/llm";
import { pad, truncate } from "../display-width.ts";
import { EXIT } from "../exit.ts";
import { type NotSetUp, notSetUpLines } from "../not-set-up.ts";
import { addLateEngines, type OpenedRegistry, openRegistry } from "../open-registry.ts";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import { VERSION } from "../version.ts";

interface ServeOptions {
  readonly port: number;
  readonly json?: boolean;
}

const notes = () => createPalette(process.stderr);

export async function serve(options: ServeOptions): Promise<void> {
  const registry = createRegistry();
  const server = createServer({ registry, version: VERSION, onError: logFailure });
  const stopped = untilStopped();
  // The port is taken first, so that the address is on the screen at once; requests wait until the models are known.
  const found = Promise.withResolvers<OpenedRegistry>();
  server.fastify.addHook("onRequest", async () => {
    await found.promise;
  });
  const url = await listen(server, options.port);
  if (options.json !== true) console.log(title(url));
  openRegistry({ registry, ownUrl: url }).then(found.resolve, found.reject);
  try {
    await announce(url, options, found.promise);
    await stopped;
  } finally {
    await server.close();
    await registry.close();
  }
}

async function listen(server: DragomanServer, port: number): Promise<string> {
  try {
    return await server.listen({ port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const detail =
      code === "EADDRINUSE" ? `port ${port} is in use` : code === "EACCES" ? `port ${port} needs more rights` : message;
    throw new DragomanError({
      code: "configuration",
      detail,
      advice: "stop what listens there, or choose another port with --port or DRAGOMAN_PORT; --port 0 takes any free one",
      cause: error,
    });
  }
}

async function announce(url: string, { json }: ServeOptions, opening: Promise<OpenedRegistry>): Promise<void> {
  const startedAt = performance.now();
  const { registry, discovery, simulated, defaultModel } = await opening;
  const waitedMs = performance.now() - startedAt;
  const model = (await defaultModel()) ?? "provider:model";
  console.log(
    json === true
      ? JSON.stringify({ url, model, simulated, findings: discovery.findings })
      : findingsText(url, model, simulated, discovery.findings),
  );
  if (waitedMs > LATE_AFTER_MS) void tellLateEngines(registry);
}

/** Who took longer than this to be found may have been left out. */
const LATE_AFTER_MS = 1_500;

async function tellLateEngines(registry: Registry): Promise<void> {
  const late = await addLateEngines(registry).catch(() => []);
  for (const provider of late) console.error(notes().dim(`${provider} answers now; its models are served too`));
}

function title(url: string): string {
  const { bold } = createPalette(process.stdout);
  return `${bold("Dragoman")} ${VERSION} listens on ${bold(url)}`;
}

/** On a terminal no line is cut by the terminal itself but the one to copy. */
function findingsText(url: string, model: string, simulated: boolean, findings: readonly Finding[]): string {
  const { green, dim, yellow } = createPalette(process.stdout);
  const columns = process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
  const nameWidth = Math.max(...findings.map((finding) => finding.provider.length));
  const line = (provider: string, text: string) =>
    `${pad(provider, nameWidth)}  ${truncate(printable(text), columns - nameWidth - 6)}`;
  const found = findings.flatMap(({ provider, availability }) =>
    availability.available ? [`  ${green("✓")} ${line(provider, availability.detail ?? "")}`] : [],
  );
  const broken = findings.flatMap(({ provider, availability }) =>
    availability.available || isNotSetUp(availability)
      ? []
      : [`  ${yellow("!")} ${line(provider, `${availability.reason}: ${availability.nextStep}`)}`],
  );
  const notSetUp = findings.flatMap(({ provider, availability }): readonly NotSetUp[] =>
    availability.available || !isNotSetUp(availability)
      ? []
      : [{ provider, reason: availability.reason === "no-key" ? "no-key" : "not-running" }],
  );
  const missing = notSetUpLines(notSetUp, columns).map((text) => dim(text));
  const simulator = simulated
    ? [`  ${yellow("~")} ${line("sim", "a simulator, not a model: it answers until a real provider is set up")}`]
    : [];
  return [
    "",
    ...found,
    ...simulator,
    ...broken,
    ...missing,
    "",
    "Try it:",
    curlCommand(url, model, columns),
    "",
    ...[
      "Any OpenAI, Anthropic, Gemini or Ollama client works with this as its base URL.",
      "All models: dragoman models. What a provider needs: dragoman doctor --all. Stop: Ctrl+C.",
    ].map((text) => dim(text)),
  ].join("\n");
}

/** Nobody has set it up: that is no fault. */
function isNotSetUp(availability: Availability): boolean {
  return !availability.available && (availability.reason === "no-key" || availability.reason === "not-reachable");
}

/** For a POSIX shell, on one line where it fits. */
export function curlCommand(url: string, model: string, columns: number): string {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello, who are you?" }] });
  const pieces = [
    `curl -s ${url}/v1/chat/completions`,
    "-H 'content-type: application/json'",
    `-d '${body.replaceAll("'", "'\\''")}'`,
  ];
  const single = `  ${pieces.join(" ")}`;
  return single.length <= columns ? single : `  ${pieces.join(" \\\n    ")}`;
}

/** One line per request that failed, with the time of the day. */
function logFailure(error: DragomanError, request: { readonly method: string; readonly path: string }): void {
  const time = new Date().toTimeString().slice(0, 8);
  console.error(notes().dim(printable(`${time} ${request.method} ${request.path}: ${error.message}`)));
}

/** The first signal asks for an orderly end, the second ends at once. */
function untilStopped(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (asked) process.exit(EXIT.interrupted);
      asked = true;
      if (process.stderr.isTTY) console.error(notes().dim("\nstopping; Ctrl+C again stops at once"));
      resolve();
    });
  }
  return promise;
}
