/**
 * A vendor's server for tests, on the loopback interface. It speaks the vendor's wire, checks requests as the vendor does,
 * answers from a small deterministic mind, and fails on demand (`faults.ts`). It shares no code with our dialects, so that
 * a mistake there cannot cancel itself out here.
 *
 * ```ts
 * const vendor = await startFakeVendor("anthropic");
 * const client = new Anthropic({ baseURL: vendor.url, apiKey: "any" });
 * ```
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { AbortWatch } from "./abort-watch.ts";
import { deliver } from "./deliver.ts";
import type { FakeVendor, FakeVendorName, FakeVendorOptions, RecordedRequest } from "./fake-vendor.ts";
import type { Delivery } from "./generate.ts";
import { parsedJson } from "./json-reading.ts";
import { Refusal } from "./reply.ts";
import type { VendorDefinition } from "./vendor-definition.ts";
import { VENDORS } from "./vendors.ts";
import { FakeWorld } from "./world.ts";

/** Faults that close the connection themselves. */
const BREAKING: ReadonlySet<NonNullable<Delivery["fault"]>> = new Set(["reset", "reset-mid", "reset-after-head", "garbage"]);

/** Largest request body. Bytes. */
const BODY_BYTES_MAX = 32 * 1024 * 1024;

/** Starts one. Rejects when no port can be had. */
export async function startFakeVendor(vendor: FakeVendorName, options: FakeVendorOptions = {}): Promise<FakeVendor> {
  const definition = VENDORS[vendor];
  const world = new FakeWorld(vendor, definition, options);
  const requests: MutableRecord[] = [];
  const aborts = new AbortWatch();
  const closing = new AbortController();
  const settings = { chunkDelayMs: options.chunkDelayMs ?? 0, slowMs: options.slowMs ?? 300, signal: closing.signal };

  const server = createServer((incoming, response) => {
    void serve(incoming, response).catch((thrown: unknown) => tellDefect(response, thrown));
  });

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.socket?.setNoDelay(true);
    const record = recordOf(incoming);
    requests.push(record);
    let brokenByUs = false;
    response.once("close", () => {
      if (response.writableFinished || brokenByUs || closing.signal.aborted) return;
      record.aborted = true;
      aborts.happened();
    });
    const bytes = await readBody(incoming);
    const text = bytes?.toString("utf8") ?? "";
    record.body = text === "" ? undefined : (parsedJson(text) ?? text);
    const delivery = await answer(definition, world, record, bytes);
    brokenByUs = delivery.fault !== undefined && BREAKING.has(delivery.fault);
    await deliver(response, delivery, settings);
  }

  const url = await listen(server);
  let closed: Promise<void> | undefined;
  return {
    vendor,
    url,
    baseUrl: `${url}${definition.basePath}`,
    requests,
    waitForAbort: () => aborts.wait(),
    close() {
      closed ??= new Promise((resolve) => {
        closing.abort();
        aborts.close();
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

/** The URL of a free port on the loopback interface. */
async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the fake vendor has no port");
  return `http://127.0.0.1:${address.port}`;
}

/** A defect of the fake itself must not look like a vendor's fault: it is told in plain words where that is still possible. */
function tellDefect(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  response.writeHead(500, { "content-type": "text/plain" }).end(`the fake vendor itself failed: ${detail}`);
}

type MutableRecord = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] };

function recordOf(incoming: IncomingMessage): MutableRecord {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return { method: incoming.method ?? "GET", path: incoming.url ?? "/", headers, body: undefined, aborted: false };
}

/** Undefined for a body over the limit. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length <= BODY_BYTES_MAX) chunks.push(chunk);
  }
  return length > BODY_BYTES_MAX ? undefined : Buffer.concat(chunks);
}

async function answer(
  definition: VendorDefinition,
  world: FakeWorld,
  record: RecordedRequest,
  bytes: Uint8Array | undefined,
): Promise<Delivery> {
  try {
    return await dispatch(definition, world, record, bytes);
  } catch (thrown) {
    if (thrown instanceof Refusal) return { reply: thrown.reply };
    throw thrown;
  }
}

async function dispatch(
  definition: VendorDefinition,
  world: FakeWorld,
  record: RecordedRequest,
  bytes: Uint8Array | undefined,
): Promise<Delivery> {
  const { pathname, searchParams } = new URL(record.path, "http://127.0.0.1");
  const request = {
    method: record.method,
    path: pathname,
    query: searchParams,
    headers: record.headers,
    body: bodyOf(record.body),
    bytes: bytes ?? new Uint8Array(),
  };
  if (bytes === undefined) throw definition.refuse(413, "Request body is too large", world);
  const known = definition.routes.filter((route) => route.path.test(pathname));
  if (known.length === 0) throw definition.refuse(404, `Invalid URL (${record.method} ${pathname})`, world);
  const route = known.find((candidate) => candidate.method === record.method);
  if (route === undefined) throw definition.refuse(405, `Not allowed to ${record.method} on ${pathname}.`, world);
  if (route.open !== true) await definition.authorise(request, world);
  if (record.method === "POST" && route.body !== "any" && !isJsonObject(record.body)) {
    throw definition.refuse(400, "We could not parse the JSON body of your request.", world);
  }
  return route.handle(request, world);
}

function bodyOf(body: unknown): JsonObject {
  return isJsonObject(body) ? body : {};
}
