/** What of this wire has no canonical form, kept on the part or completion that it came with. */
import type { JsonArray, JsonObject } from "../../json.ts";
import type { VendorData } from "../../message.ts";
import type { EngineTiming } from "../../usage.ts";

/** Key of the vendor data of both dialects, `/api/chat` and `/api/generate`. */
export const OLLAMA = "ollama";
export const OLLAMA_GENERATE = "ollama-generate";

/** What Ollama puts on a value beyond its canonical form. Each field says where it stands. */
export interface OllamaVendorData {
  /** On a tool call or result: the wire had no id. Ours is made from index and name, and does not go back. */
  readonly idGenerated?: boolean;
  /** On a tool call of a history: its `function.index`, as the client wrote it. */
  readonly index?: number;
  /** On a tool call: fields that the wire does not define, of the call and of its function. */
  readonly call?: JsonObject;
  readonly function?: JsonObject;
  /** On a completion: fields of the message that we do not read. */
  readonly message?: JsonObject;
  /** On a tool: fields beside its name, description and parameters. */
  readonly fields?: JsonObject;
  /** On a completion: what the engine reports of its own work. */
  readonly engine?: EngineTiming;
  /** On a completion: log probabilities of all tokens, those of a stream joined. */
  readonly logprobs?: JsonArray;
  /** On a completion of `/api/generate`: the conversation as tokens, to be sent back as `context`. */
  readonly context?: JsonArray;
  /** On a completion: fields that we do not read (`remote_model`, `remote_host`). */
  readonly answer?: JsonObject;
}

/** The entries of an object whose key is not known and whose value says something. */
export function unknownFields(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  const others = Object.entries(object).filter(([key, value]) => value !== undefined && value !== null && !known.has(key));
  return others.length === 0 ? undefined : Object.fromEntries(others.map(([key, value]) => [key, value ?? null]));
}

declare module "../../message.ts" {
  interface VendorData {
    readonly ollama?: OllamaVendorData;
  }
}

export function ollamaDataOf(holder: { readonly vendor?: VendorData }): OllamaVendorData {
  return holder.vendor?.ollama ?? {};
}

/** The holder's `vendor` field, or nothing where there is nothing to keep. For spreading. */
export function withOllamaData(data: OllamaVendorData): { readonly vendor?: VendorData } {
  return Object.keys(data).length === 0 ? {} : { vendor: { ollama: data } };
}
