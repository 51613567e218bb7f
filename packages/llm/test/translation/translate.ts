/**
 * One client's wire in front of one vendor's wire: a feature is asked for in the one, answered in the other, and what
 * arrived of it is looked for at both ends. The vendor is a fake server on loopback; the client is its dialect's own codec.
 */
import { type ProviderSubject, type RecordedRequest, startFakeVendor } from "@dragoman/llm/testing";
import { createAnswerReader } from "../../src/answer-reader.ts";
import { UNKNOWN_CAPABILITIES } from "../../src/capabilities.ts";
import { type ClientRequest, type Dialect, wireBytes } from "../../src/dialects/index.ts";
import {
  type AssistantPart,
  type Completion,
  type CompletionRequest,
  createFold,
  createUndiciTransport,
  type JsonObject,
  type Provider,
  Secret,
  textOf,
  toolCallsOf,
  toolResult,
  userMessage,
  type Warning,
} from "../../src/index.ts";
import { systemMessage } from "../../src/message.ts";
import type { Egress } from "./egress.ts";
import { ANSWER_SENTINEL, createSentinelTransport } from "./sentinel-transport.ts";

export const REQUEST_SENTINEL = "request-sentinel-9ab3";

export const FEATURES = ["text", "tools", "tool results", "images", "reasoning", "structured output"] as const;
export type Feature = (typeof FEATURES)[number];

/** What became of one feature on one way, whole and streamed. */
export interface Crossing {
  readonly feature: Feature;
  readonly stream: boolean;
  /** Sentences about what did not arrive although nothing was reported; empty is good. */
  readonly violations: readonly string[];
  /** What was reported as lost or changed: by the client's wire, by the handoff and the vendor's wire, by the way back. */
  readonly losses: readonly Warning[];
}

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const tool = (name: string) => ({
  name,
  description: `description of ${name}`,
  inputSchema: { type: "object", properties: { city: { type: "string", description: `city of ${name}` } }, required: ["city"] },
});
const TOOLS = [tool("get_weather"), tool("get_time")];
const CALL = { type: "tool-call", id: "call_1a2b3c4d", name: "get_weather", arguments: { city: "Zürich" } } as const;
const SCHEMA = {
  type: "object",
  properties: { verdict: { type: "string", enum: ["schema-sentinel"] } },
  required: ["verdict"],
  additionalProperties: false,
};

type Asking = Omit<CompletionRequest, "model">;

interface FeatureCase {
  readonly asks: Asking;
  readonly model: (models: ProviderSubject["models"]) => string | undefined;
  /** What must be found in the vendor's request, as text. */
  readonly sent: readonly string[];
  /** What is wrong with the answer as the client reads it; undefined is good. */
  readonly check: (answer: Completion) => string | undefined;
}

const TEXT = "Grüße – 世界 👩‍🚀";

const CASES: Readonly<Record<Feature, FeatureCase>> = {
  text: {
    asks: { messages: [systemMessage("system-sentinel"), userMessage(`Repeat: ${TEXT}`)] },
    model: (models) => models.text,
    sent: ["system-sentinel"],
    check: ({ message }) => (textOf(message).includes(TEXT) ? undefined : `the text came back as ${textOf(message)}`),
  },
  tools: {
    asks: { messages: [userMessage("Weather and time, in parallel please.")], tools: TOOLS },
    model: (models) => models.tools,
    sent: ["get_weather", "description of get_time", "city of get_weather"],
    check: ({ message, finish }) => {
      const names = toolCallsOf(message).map(({ name }) => name);
      if (names.join() !== "get_weather,get_time") return `the calls came back as ${names.join() || "none"}`;
      return finish.reason === "tool-calls" ? undefined : `it finished with ${finish.reason}`;
    },
  },
  "tool results": {
    asks: {
      messages: [userMessage("Weather?"), { role: "assistant", parts: [CALL] }, toolResult(CALL, "result-sentinel")],
      tools: TOOLS,
    },
    model: (models) => models.tools,
    sent: ["Zürich", "result-sentinel"],
    check: ({ message }) => (textOf(message).includes("result-sentinel") ? undefined : `it says ${textOf(message)}`),
  },
  images: {
    asks: {
      messages: [
        userMessage([
          { type: "image", mediaType: "image/png", source: { type: "data", data: PIXEL } },
          { type: "text", text: "What is it?" },
        ]),
      ],
    },
    model: (models) => models.images,
    sent: [PIXEL],
    check: ({ message }) => (/image|png/i.test(textOf(message)) ? undefined : `it says ${textOf(message)}`),
  },
  reasoning: {
    asks: { messages: [userMessage("Why?")], reasoning: { effort: "low", summary: "auto" } },
    model: (models) => models.reasoning,
    sent: [],
    check: ({ message }) => (message.parts.some(isReadableThought) ? undefined : "no reasoning came back"),
  },
  "structured output": {
    asks: {
      messages: [userMessage("Give your verdict as JSON.")],
      output: { type: "json", schema: SCHEMA, name: "verdict", strict: true },
    },
    model: (models) => models.json,
    sent: ["schema-sentinel"],
    check: ({ message }) => (textOf(message).includes('"schema-sentinel"') ? undefined : `it says ${textOf(message)}`),
  },
};

function isReadableThought(part: AssistantPart): boolean {
  return part.type === "reasoning" && part.text !== "";
}

/** Why a vendor has no model for a feature; undefined where it has one. */
export function missingFeature({ vendor }: Egress, feature: Feature): string | undefined {
  return CASES[feature].model(vendor.models) === undefined ? `no model of ${vendor.title} has it` : undefined;
}

/** `foreign` puts fields that nobody knows into requests and answers; between two wires none may go through. */
export type Probe = "plain" | "foreign";

/** Every feature from one client's wire to one vendor. */
export async function cross(client: Dialect, { wire, vendor }: Egress, probe: Probe): Promise<readonly Crossing[]> {
  const fake = await startFakeVendor(vendor.vendor);
  const foreign = probe === "foreign" && wire !== client.id;
  const transport = foreign ? createSentinelTransport() : createUndiciTransport();
  const provider = vendor.create({ baseUrl: fake.baseUrl, key: new Secret("sk-translation-key"), transport });
  try {
    const crossings: Crossing[] = [];
    for (const feature of FEATURES) {
      const model = CASES[feature].model(vendor.models);
      if (model === undefined) continue;
      for (const stream of [false, true]) {
        crossings.push(await crossOne(client, provider, { feature, model, stream, requests: fake.requests, foreign }));
      }
    }
    return crossings;
  } finally {
    await transport.close();
    await fake.close();
  }
}

interface Attempt {
  readonly feature: Feature;
  readonly model: string;
  readonly stream: boolean;
  readonly requests: readonly RecordedRequest[];
  /** Never on one wire: there they go on, both ways, by design, as who speaks the wire may know them. */
  readonly foreign: boolean;
}

async function crossOne(client: Dialect, provider: Provider, attempt: Attempt): Promise<Crossing> {
  const { feature, stream, model, foreign } = attempt;
  const { asks, sent, check } = CASES[feature];
  const { asked, unsayable } = asClient(client, { ...asks, model }, stream, foreign ? { sentinelField: REQUEST_SENTINEL } : {});
  const parsed = client.parseRequest(asked);
  const losses: Warning[] = [...unsayable, ...parsed.warnings];
  const violations: string[] = [];
  const call = { ...parsed.request, model };
  const told = stream
    ? await streamed(client, provider, call, parsed.client)
    : await whole(client, provider, call, parsed.client);
  losses.push(...told.losses);
  const wrong = check(told.answer);
  if (wrong !== undefined && losses.length === 0) violations.push(wrong);
  const body = JSON.stringify(attempt.requests.at(-1)?.body);
  for (const text of sent) if (!body.includes(text) && losses.length === 0) violations.push(`the vendor was not sent ${text}`);
  if (told.text.includes(ANSWER_SENTINEL)) violations.push("a field of the vendor's answer went through untranslated");
  if (body.includes(REQUEST_SENTINEL)) violations.push("a field of the client's request went through untranslated");
  if (foreign && !losses.some(isAboutSentinel)) violations.push("the field that nobody knows was dropped without a word");
  return { feature, stream, violations, losses: [...losses, ...lostWith(wrong)] };
}

function isAboutSentinel(loss: Warning): boolean {
  return JSON.stringify(loss).includes("sentinelField");
}

function lostWith(wrong: string | undefined): readonly Warning[] {
  return wrong === undefined ? [] : [{ type: "lossy", detail: wrong }];
}

interface Asked {
  readonly asked: ClientRequest;
  /** What the client's wire has no words for. */
  readonly unsayable: readonly Warning[];
}

/** The request as a client of the dialect writes it, with fields of its own. */
function asClient(client: Dialect, request: CompletionRequest, stream: boolean, extra: JsonObject): Asked {
  const rendered = client.renderRequest(request, { stream, capabilities: UNKNOWN_CAPABILITIES });
  const url = new URL(rendered.path, "http://client.invalid");
  const asked = {
    path: decodeURIComponent(url.pathname),
    query: Object.fromEntries(url.searchParams),
    headers: { ...rendered.headers },
    body: { ...JSON.parse(JSON.stringify(rendered.body)), ...extra },
  };
  return { asked, unsayable: rendered.warnings };
}

interface Told {
  readonly answer: Completion;
  /** What went over to the client. */
  readonly text: string;
  readonly losses: readonly Warning[];
}

type ClientContext = ReturnType<Dialect["parseRequest"]>["client"];

async function whole(client: Dialect, provider: Provider, call: CompletionRequest, context: ClientContext): Promise<Told> {
  const completion = await provider.complete(call);
  const { body, warnings } = client.renderResponse(completion, context);
  const text = JSON.stringify(body);
  const answer = client.parseResponse(JSON.parse(text), { provider: "client", model: call.model });
  return { answer, text, losses: [...completion.warnings, ...warnings] };
}

async function streamed(client: Dialect, provider: Provider, call: CompletionRequest, context: ClientContext): Promise<Told> {
  const renderer = client.renderStream(context);
  const seen = createFold();
  let text = "";
  for await (const event of provider.stream(call)) {
    seen.push(event);
    text += renderer.push(event);
  }
  const reader = createAnswerReader(client, { provider: "client", model: call.model });
  const events: Parameters<typeof reader.push>[1] = [];
  reader.push(wireBytes(client.framing, text), events);
  reader.end(events);
  const read = createFold();
  for (const event of events) read.push(event);
  return { answer: read.completion(), text, losses: [...seen.completion().warnings, ...renderer.warnings] };
}
