/** The fake vendors of the wire schedules, and what they say that each request took. */
import { isJsonObject, type JsonObject, type Usage } from "@dragoman/llm";
import { type FakeVendor, type RecordedRequest, type ScriptedFault, startFakeVendor } from "@dragoman/llm/testing";
import { modelOf, plannedFor, TROUBLE_NAMES, TROUBLES, type Trouble, WAYS } from "./wire-plan.ts";

export interface WireVendors {
  /** Base URLs, by provider. */
  readonly urls: Readonly<Record<VendorName, string>>;
  /** Requests for answers so far, by the call that is named in their prompt. */
  requests(): ReadonlyMap<string, readonly VendorRequest[]>;
  /** What the vendor says that this request takes: it is asked the same again, for a whole answer. */
  told(request: VendorRequest): Promise<Usage>;
  close(): Promise<void>;
}

export type VendorName = "openai" | "anthropic";

export interface VendorRequest {
  readonly vendor: VendorName;
  readonly model: string;
  readonly recorded: RecordedRequest;
  readonly body: JsonObject;
}

/** The model of the second vendor, where all is well. */
export const WELL_MODEL = "claude-sonnet-4-5";
export const VENDOR_KEY = "sk-vendor-key-0123456789abcdef";
/** How a call's name looks in its prompt. Always as long, so that it does not change what the prompt takes. */
export const CALL_NAME = /call-[a-z]\d{5}/;

export async function startWireVendors(): Promise<WireVendors> {
  const models = TROUBLE_NAMES.flatMap((trouble) => WAYS.map((way) => modelOf(trouble, way)));
  const [openai, anthropic] = await Promise.all([
    startFakeVendor("openai", { promptCache: false, models, script: answerWithoutUsage }),
    startFakeVendor("anthropic", { promptCache: false }),
  ]);
  const vendors: Readonly<Record<VendorName, FakeVendor>> = { openai, anthropic };
  const known = new Map<string, Promise<Usage>>();

  function requests(): ReadonlyMap<string, readonly VendorRequest[]> {
    const byCall = new Map<string, VendorRequest[]>();
    for (const vendor of ["openai", "anthropic"] as const) {
      for (const recorded of vendors[vendor].requests) {
        const { body } = recorded;
        if (!isJsonObject(body)) continue;
        const [call] = CALL_NAME.exec(JSON.stringify(body.messages)) ?? [];
        if (call === undefined || call === OWN_CALL) continue;
        const list = byCall.get(call) ?? [];
        byCall.set(call, [...list, { vendor, model: String(body.model), recorded, body }]);
      }
    }
    return byCall;
  }

  function told({ vendor, body, recorded }: VendorRequest): Promise<Usage> {
    const { stream: _stream, stream_options: _options, ...whole } = body;
    const text = JSON.stringify(whole).replaceAll(new RegExp(CALL_NAME, "g"), OWN_CALL);
    const key = `${vendor} ${text}`;
    const asked = known.get(key) ?? ask(`${vendors[vendor].url}${recorded.path}`, recorded.headers, text);
    known.set(key, asked);
    return asked;
  }

  return {
    urls: { openai: openai.baseUrl, anthropic: anthropic.baseUrl },
    requests,
    told,
    close: async () => {
      await Promise.all([openai.close(), anthropic.close()]);
    },
  };
}

/** In requests of ours, which no gateway sent. */
const OWN_CALL = "call-z00000";
const KEPT_HEADERS = ["authorization", "x-api-key", "anthropic-version", "content-type"];

async function ask(url: string, headers: RecordedRequest["headers"], body: string): Promise<Usage> {
  const kept = KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]));
  const response = await fetch(url, { method: "POST", headers: Object.fromEntries(kept), body });
  const answer: unknown = await response.json();
  const usage = isJsonObject(answer) && isJsonObject(answer.usage) ? answer.usage : undefined;
  if (usage === undefined) throw new Error(`the vendor tells no usage (${response.status} ${JSON.stringify(answer)})`);
  return {
    inputTokens: Number(usage.prompt_tokens ?? usage.input_tokens),
    outputTokens: Number(usage.completion_tokens ?? usage.output_tokens),
  };
}

function answerWithoutUsage(model: string): ScriptedFault | undefined {
  const planned = plannedFor(model);
  const { answers }: Trouble = planned === undefined ? {} : TROUBLES[planned.trouble];
  if (answers === undefined) return undefined;
  const choice = { index: 0, finish_reason: "stop" };
  const base = { id: "chatcmpl-1", created: 1, model };
  if (planned?.way === "complete") {
    const message = { role: "assistant", content: "an answer at an unknown price" };
    const body = JSON.stringify({ ...base, object: "chat.completion", choices: [{ ...choice, message }] });
    return { type: "raw", status: 200, headers: { "content-type": "application/json" }, body };
  }
  const chunk = (fields: object): string =>
    `data: ${JSON.stringify({ ...base, object: "chat.completion.chunk", ...fields })}\n\n`;
  const body = [
    chunk({ choices: [{ index: 0, delta: { role: "assistant", content: "an answer" }, finish_reason: null }] }),
    chunk({ choices: [{ index: 0, delta: { content: " at an unknown price" }, finish_reason: null }] }),
    chunk({ choices: [{ ...choice, delta: {} }] }),
    "data: [DONE]\n\n",
  ].join("");
  return { type: "raw", status: 200, headers: { "content-type": "text/event-stream" }, body };
}
