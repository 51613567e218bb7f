/** The six ways to ask the gateway, and what each caller sees. None of our own dialects reads here. */
import { type CompletionCall, createFold, isJsonObject, textOf, toDragomanError } from "@dragoman/llm";
import type { Gateway } from "../../src/gateway.ts";
import { type Ask, INGRESS_CLIENTS, type IngressClient } from "../ingress-clients.ts";
import type { AskedFor, MountName } from "./scenario.ts";

/** What a caller was left with. */
export interface Seen {
  /** As `provider:model`, where an answer said so. */
  readonly model: string | undefined;
  readonly text: string;
  /** The answer has its mark that it is complete. */
  readonly complete: boolean;
  readonly finish: unknown;
  /** What was said of a failure, with the code in it. */
  readonly failure: string | undefined;
  readonly inBand: boolean;
  /** Over the wire. */
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  readonly restarts: number;
}

export const ROUTE = "steady";
const TEXT = "one two three four five six seven eight";
const TOOL = { name: "look_up", description: "Looks a word up.", schema: { type: "object", properties: {} } };
const PIXEL = { data: "iVBORw0KGgo=", mediaType: "image/png" };
const SCHEMA = { type: "object", properties: { word: { type: "string" } }, required: ["word"], additionalProperties: false };

export async function ask(
  mount: MountName,
  { gateway, url }: { readonly gateway: Gateway; readonly url: string },
  asks?: AskedFor,
): Promise<Seen> {
  if (mount === "complete") return completed(gateway, callOf(asks));
  if (mount === "stream") return streamed(gateway, callOf(asks));
  return overHttp(mount, url, asks);
}

export function callOf(asks: AskedFor | undefined): CompletionCall {
  const call: CompletionCall = { model: ROUTE, messages: [{ role: "user", parts: [{ type: "text", text: TEXT }] }] };
  switch (asks) {
    case "tools":
      return { ...call, tools: [{ name: TOOL.name, description: TOOL.description, inputSchema: TOOL.schema }] };
    case "image": {
      const image = { type: "image", mediaType: PIXEL.mediaType, source: { type: "data", data: PIXEL.data } } as const;
      return { ...call, messages: [{ role: "user", parts: [{ type: "text", text: TEXT }, image] }] };
    }
    case "json":
      return { ...call, output: { type: "json", schema: SCHEMA, name: "word" } };
    case "prefill":
      return { ...call, messages: [...call.messages, { role: "assistant", parts: [{ type: "text", text: "You" }] }] };
    default:
      return call;
  }
}

async function completed(gateway: Gateway, call: CompletionCall): Promise<Seen> {
  try {
    const { message, origin, finish } = await gateway.complete(call);
    return seen({
      model: `${origin.provider}:${origin.model}`,
      text: textOf(message),
      complete: true,
      finish: finish.reason,
    });
  } catch (thrown) {
    return seen({ failure: toDragomanError(thrown).message });
  }
}

async function streamed(gateway: Gateway, call: CompletionCall): Promise<Seen> {
  const fold = createFold();
  let restarts = 0;
  let failure: string | undefined;
  let given = false;
  for await (const event of gateway.stream(call)) {
    fold.push(event);
    if (event.type === "restart") restarts += 1;
    if (event.type === "text-delta") given = true;
    if (event.type === "error") failure = event.error.message;
  }
  const { message, origin, finish } = fold.completion();
  return seen({
    model: `${origin.provider}:${origin.model}`,
    text: textOf(message),
    complete: fold.terminal?.type === "finish",
    finish: finish.reason,
    failure,
    inBand: given,
    restarts,
  });
}

function seen(told: Partial<Seen>): Seen {
  return {
    model: undefined,
    text: "",
    complete: false,
    finish: undefined,
    failure: undefined,
    inBand: false,
    status: undefined,
    retryAfter: undefined,
    restarts: 0,
    ...told,
  };
}

// Over HTTP

async function overHttp(mount: MountName, url: string, asks: AskedFor | undefined): Promise<Seen> {
  const client = clientOf(mount);
  const response = await fetch(`${url}${client.path({ model: ROUTE })}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(bodyOf(client, mount.endsWith("stream"), asks)),
  });
  const text = await response.text();
  const told = {
    status: response.status,
    model: response.headers.get("x-dragoman-model") ?? undefined,
    retryAfter: response.headers.get("retry-after") ?? undefined,
  };
  if (response.headers.get("content-type")?.startsWith("text/event-stream") === true) {
    const { text: said, isComplete, finish, events } = client.readStream(text);
    const failure = events.map((event) => client.errorMessage(event)).find((message) => message !== undefined);
    return seen({ ...told, text: said, complete: isComplete, finish, failure, inBand: true });
  }
  const body: unknown = JSON.parse(text);
  if (!response.ok) return seen({ ...told, failure: client.errorMessage(body) ?? `an error of another shape: ${text}` });
  const { text: said, finish } = client.readAnswer(isJsonObject(body) ? body : {});
  return seen({ ...told, text: said, finish, complete: finish !== undefined && finish !== null });
}

export function clientOf(mount: MountName): IngressClient {
  const name = mount.startsWith("chat") ? "openai-chat" : "anthropic-messages";
  const client = INGRESS_CLIENTS.find((one) => one.name === name);
  if (client === undefined) throw new Error(`there is no client of ${name}`);
  return client;
}

export function bodyOf(client: IngressClient, stream: boolean, asks?: AskedFor): Record<string, unknown> {
  const asked: Ask = {
    model: ROUTE,
    text: TEXT,
    ...(stream ? { stream } : {}),
    ...(asks === "tools" ? { tools: [TOOL] } : {}),
    ...(asks === "image" ? { image: PIXEL } : {}),
    ...(asks === "json" ? { schema: SCHEMA } : {}),
  };
  const body = client.body(asked);
  if (asks !== "prefill" || !Array.isArray(body.messages)) return body;
  return { ...body, messages: [...body.messages, { role: "assistant", content: "You" }] };
}
