/** `dragoman serve`: the gateway over HTTP, with what it found, what it could not use and why, and a line to try. */
import {
  createGateway,
  createLog,
  createMetrics,
  createServer,
  createTraces,
  type DragomanServer,
  type Gateway,
  type GatewayObserver,
} from "@dragoman/gateway/server";
import { createRegistry, DragomanError, type Registry } from "@dragoman/llm";
import { EXIT } from "../exit.ts";
import { addLateEngines, type OpenedRegistry, openRegistry } from "../open-registry.ts";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import { announceConfigured, announceFound, title } from "../serve/announce.ts";
import { firstKey } from "../serve/first-key.ts";
import { loadServed, type Served } from "../serve/load-served.ts";
import { VERSION } from "../version.ts";

export interface ServeOptions {
  readonly config?: string;
  readonly port?: number;
  readonly host?: string;
  readonly json?: boolean;
}

const notes = () => createPalette(process.stderr);

export async function serve(options: ServeOptions): Promise<void> {
  const served = await loadServed(options);
  const registry = createRegistry();
  const metrics = createMetrics({
    targets: () => gateway.health(),
    standings: () => gateway.meter.standings(),
    running: () => gateway.running,
  });
  const observers = [...(await observersOf(served)), metrics.observer];
  const gateway: Gateway = await createGateway(served.configuration, { registry, observers });
  const closing = new AbortController();
  const followed = await served.follow(gateway, closing.signal);
  const { bodyBytesMax, requestTimeoutMs, connectionsMax, unreadMsMax, allowedOrigins } = served.configuration.server;
  const server = createServer({
    gateway,
    version: VERSION,
    bodyBytesMax,
    requestTimeoutMs,
    connectionsMax,
    unreadMsMax,
    allowedOrigins,
    ...(served.configuration.telemetry.metrics ? { metrics } : {}),
    ...(followed === undefined ? {} : { reload: followed.reload }),
    onError: served.file === undefined ? logFailure : () => {},
  });
  const stopped = untilStopped(followed?.reloadOnSignal);
  try {
    await (served.file === undefined
      ? serveFound(server, gateway, registry, options, served)
      : serveConfigured(server, gateway, options, served));
    await stopped;
    await gateway.drain(served.configuration.server.drainMs);
  } finally {
    closing.abort();
    await server.close();
    await gateway.close();
    await registry.close();
  }
}

/** Without a file: whatever this machine offers. The port is taken first, so that the address is on the screen at once; requests wait until the models are known. */
async function serveFound(
  server: DragomanServer,
  gateway: Gateway,
  registry: Registry,
  options: ServeOptions,
  served: Served,
): Promise<void> {
  const found = Promise.withResolvers<OpenedRegistry>();
  server.fastify.addHook("onRequest", async () => {
    await found.promise;
  });
  const url = await listen(server, served);
  if (options.json !== true) console.log(title(url));
  openRegistry({ registry, ownUrl: url }).then(found.resolve, found.reject);
  const startedAt = performance.now();
  const opened = await found.promise;
  const waitedMs = performance.now() - startedAt;
  await announceFound({ url, json: options.json === true, opened, key: await firstKey(gateway) });
  if (waitedMs > LATE_AFTER_MS) void tellLateEngines(registry);
}

async function serveConfigured(server: DragomanServer, gateway: Gateway, options: ServeOptions, served: Served): Promise<void> {
  const url = await listen(server, served);
  if (options.json !== true) console.log(title(url));
  await announceConfigured({ url, json: options.json === true, gateway, served, key: await firstKey(gateway) });
}

async function listen(server: DragomanServer, { configuration }: Served): Promise<string> {
  const { port, host } = configuration.server;
  try {
    return await server.listen({ port, host });
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

/** Who took longer than this to be found may have been left out. */
const LATE_AFTER_MS = 1_500;

async function tellLateEngines(registry: Registry): Promise<void> {
  const late = await addLateEngines(registry).catch(() => []);
  for (const provider of late) console.error(notes().dim(`${provider} answers now; its models are served too`));
}

// What is told while it runs

async function observersOf({ configuration, file }: Served): Promise<readonly GatewayObserver[]> {
  const { logLevel, logFormat, traces } = configuration.telemetry;
  const format = logFormat ?? (process.stderr.isTTY ? "text" : "json");
  const log = await createLog({ logLevel, format: file === undefined ? "text" : format });
  // Without a file a person looks on: failures are told by `onError`, each in a line.
  const observers: GatewayObserver[] = [file === undefined ? { noticed: (notice) => log.noticed?.(notice) } : log];
  if (traces ?? hasTracing()) observers.push(await createTraces());
  return observers;
}

/** Whether an OpenTelemetry SDK has put itself into this process, as by `node --import`: its API keeps it under this symbol. */
function hasTracing(): boolean {
  return Reflect.has(globalThis, Symbol.for("opentelemetry.js.api.1"));
}

/** One line per request that failed, with the time of the day. */
function logFailure(error: DragomanError, request: { readonly method: string; readonly path: string }): void {
  const time = new Date().toTimeString().slice(0, 8);
  console.error(notes().dim(printable(`${time} ${request.method} ${request.path}: ${error.message}`)));
}

/** The first signal asks for an orderly end, the second ends at once; SIGHUP reads the configuration anew. */
function untilStopped(reload: (() => Promise<void>) | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (asked) process.exit(EXIT.interrupted);
      asked = true;
      if (process.stderr.isTTY)
        console.error(notes().dim("\nstopping when the calls under way have ended; Ctrl+C again stops at once"));
      resolve();
    });
  }
  if (reload !== undefined) process.on("SIGHUP", () => void reload());
  return promise;
}
