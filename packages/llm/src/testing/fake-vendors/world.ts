/** What one fake server keeps between requests: its ids, its secrets, its cache and which faults have happened. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { JsonObject } from "../../json.ts";
import type { FakeBatch } from "./fake-batch.ts";
import type { FakeFineTune } from "./fake-fine-tune.ts";
import type { FakeModel } from "./fake-model.ts";
import { findModel, listModels } from "./fake-models.ts";
import type { FakeVendorName, FakeVendorOptions } from "./fake-vendor.ts";
import { type Fault, findFault } from "./faults.ts";
import { PromptMemory } from "./prompt-memory.ts";
import type { Frame, Refusal } from "./reply.ts";
import type { StoredFile } from "./stored-file.ts";
import type { VendorDefinition } from "./vendor-definition.ts";

/** Every answer bears the same time, so that answers can be compared. Seconds since 1970. */
export const CREATED_AT = 1_767_225_600;

const MAC_BYTES = 32;

export class FakeWorld {
  readonly vendor: FakeVendorName;
  readonly memory: PromptMemory;
  /** The vendor's words for an error about a request as such. */
  readonly refuse: (status: number, message: string) => Refusal;
  /** Items of the Responses API that this server stored, by response id and by item id. */
  readonly storedResponses = new Map<string, readonly JsonObject[]>();
  readonly storedItems = new Map<string, JsonObject>();
  /** Responses in the background, by id: whole, as events, and how often they were asked after. */
  readonly background = new Map<string, { readonly body: JsonObject; readonly frames: readonly Frame[]; polls: number }>();
  /** Files that were uploaded or made, and jobs, by id, oldest first. */
  readonly files = new Map<string, StoredFile>();
  readonly batches = new Map<string, FakeBatch>();
  readonly fineTunes = new Map<string, FakeFineTune>();
  /** The reasoning item that a function call was made with, by the call's item id. */
  readonly reasoningOfItem = new Map<string, string>();
  readonly #seed: string;
  /** The models on offer. */
  readonly models: readonly FakeModel[];
  /** What a test wants the next request to meet. */
  readonly script: NonNullable<FakeVendorOptions["script"]>;
  readonly #metFaults = new Set<string>();
  #count = 0;

  constructor(vendor: FakeVendorName, definition: VendorDefinition, options: FakeVendorOptions) {
    this.vendor = vendor;
    this.refuse = (status, message) => definition.refuse(status, message, this);
    this.memory = new PromptMemory(options.promptCache ?? true);
    this.#seed = `${vendor}/${options.seed ?? "seed"}`;
    this.models = listModels(definition.models, options.models ?? []);
    this.script = options.script ?? (() => undefined);
  }

  model(id: string): FakeModel | undefined {
    return findModel(this.vendor, this.models, id);
  }

  /** The fault of this request. One that happens once is not given twice. */
  takeFault(model: string): Fault | undefined {
    const fault = findFault(this.vendor, model);
    if (fault?.once !== true) return fault;
    if (this.#metFaults.has(model)) return undefined;
    this.#metFaults.add(model);
    return fault;
  }

  /** A new id: the prefix and `length` letters and digits. The n-th id of two servers of one seed is the same. */
  id(prefix: string, length = 24): string {
    const digest = createHash("sha512")
      .update(`${this.#seed}/${this.#count++}`)
      .digest("base64");
    return `${prefix}${digest.replace(/[^A-Za-z0-9]/g, "").slice(0, length)}`;
  }

  /** A signature over a text that the client will send back beside it. */
  sign(text: string): string {
    return this.#mac(text).toString("base64");
  }

  isSignature(signature: string, text: string): boolean {
    const given = Buffer.from(signature, "base64");
    const expected = this.#mac(text);
    return given.length === expected.length && given.toString("base64") === signature && timingSafeEqual(given, expected);
  }

  /** The text as an opaque token that only this server can open. */
  seal(text: string): string {
    return Buffer.concat([this.#mac(text), Buffer.from(text, "utf8")]).toString("base64");
  }

  /** Undefined for a token that this server did not make. */
  unseal(token: string): string | undefined {
    const bytes = Buffer.from(token, "base64");
    const text = bytes.subarray(MAC_BYTES).toString("utf8");
    return bytes.length >= MAC_BYTES && this.seal(text) === token ? text : undefined;
  }

  #mac(text: string): Buffer {
    return createHmac("sha256", this.#seed).update(text, "utf8").digest();
  }
}
