/**
 * Writes stream events by the rules of `stream.ts`, for every dialect's parser: gives each part its index, opens it at
 * its first delta, ends all of them before the terminal event, lets one terminal event through and nothing after it.
 * It knows no wire. A parser calls `start` before anything else, and names its parts by keys of its own (`text`, `tool:0`,
 * an item id).
 */
import type { Finish } from "../completion.ts";
import type { DragomanError } from "../errors.ts";
import type { Origin, VendorData } from "../message.ts";
import type { StreamEvent, WholePart } from "../stream.ts";
import { mergeUsage, type Usage } from "../usage.ts";
import type { Warning } from "../warning.ts";
import { consistentUsage } from "./consistent-usage.ts";

type FilledKind = "text" | "reasoning" | "refusal";
type OpenKind = FilledKind | "tool-call";

interface OpenPart {
  readonly index: number;
  readonly kind: OpenKind;
  vendor: VendorData | undefined;
}

/** Writes a stream by the protocol: numbers the parts, opens and ends them, and sees to one terminal event. */
export class StreamWriter {
  #out: StreamEvent[] = [];
  #nextIndex = 0;
  #open = new Map<string, OpenPart>();
  #usage: Usage = {};
  #started = false;
  #done = false;
  #lastKey = "";
  #lastPart: OpenPart | undefined;

  /** Where the following events go. A parser calls it first in `push` and `end`. */
  into(out: StreamEvent[]): void {
    this.#out = out;
  }

  get started(): boolean {
    return this.#started;
  }

  /** True once the terminal event is written. */
  get done(): boolean {
    return this.#done;
  }

  get usage(): Usage {
    return this.#usage;
  }

  /** The first event. A second one is left out. */
  start(id: string, origin: Origin, createdAt?: number): void {
    if (this.#started || this.#done) return;
    this.#started = true;
    this.#out.push(createdAt === undefined ? { type: "start", id, origin } : { type: "start", id, origin, createdAt });
  }

  /** Whether the part under this key was begun and not ended. */
  isOpen(key: string): boolean {
    return this.#open.has(key);
  }

  /**
   * A piece of text, reasoning or refusal; opens the part when its key is new, and ends a part of another kind that has
   * the key. An empty piece opens it too. `vendorAtStart` counts then only.
   */
  delta(kind: FilledKind, key: string, text: string, vendorAtStart?: VendorData): void {
    if (this.#done) return;
    let part = this.#partAt(key) ?? this.#openPart(kind, key, vendorAtStart);
    if (part.kind !== kind) {
      this.end(key);
      part = this.#openPart(kind, key, vendorAtStart);
    }
    if (text === "") return;
    const index = part.index;
    if (kind === "text") this.#out.push({ type: "text-delta", index, text });
    else if (kind === "reasoning") this.#out.push({ type: "reasoning-delta", index, text });
    else this.#out.push({ type: "refusal-delta", index, text });
  }

  /** Opens a call when its key is new, and ends a part of another kind that has the key. */
  toolCall(key: string, id: string, name: string, vendorAtStart?: VendorData): void {
    if (this.#done || this.#open.get(key)?.kind === "tool-call") return;
    this.end(key);
    const part: OpenPart = { index: this.#nextIndex++, kind: "tool-call", vendor: vendorAtStart };
    this.#open.set(key, part);
    this.#remember(key, part);
    const vendor = vendorAtStart === undefined ? {} : { vendor: vendorAtStart };
    this.#out.push({ type: "tool-call-start", index: part.index, id, name, ...vendor });
  }

  /** A piece of the arguments' JSON text. The call must be open. */
  toolCallDelta(key: string, text: string): void {
    const part = this.#partAt(key);
    if (this.#done || text === "" || part?.kind !== "tool-call") return;
    this.#out.push({ type: "tool-call-delta", index: part.index, text });
  }

  /** Vendor data for the open part; it goes out with the part's end. A later call replaces it. */
  vendor(key: string, vendor: VendorData): void {
    const part = this.#open.get(key);
    if (part !== undefined) part.vendor = vendor;
  }

  /** Ends the part, if it is open. */
  end(key: string): void {
    const part = this.#open.get(key);
    if (part === undefined || this.#done) return;
    this.#open.delete(key);
    this.#lastPart = undefined;
    const vendor = part.vendor === undefined ? {} : { vendor: part.vendor };
    this.#out.push({ type: `${part.kind}-end`, index: part.index, ...vendor });
  }

  /** Ends every open part, oldest first. */
  endAll(): void {
    for (const key of [...this.#open.keys()]) this.end(key);
  }

  /** A part that comes in one piece. */
  part(part: WholePart): void {
    if (!this.#done) this.#out.push({ type: "part", index: this.#nextIndex++, part });
  }

  /** What the vendor reports; figures left out keep their earlier value. Goes out with `finish`, and at once as an event. */
  reportUsage(usage: Usage): void {
    if (this.#done) return;
    this.#usage = consistentUsage(mergeUsage(this.#usage, usage), this.#usage);
    this.#out.push({ type: "usage", usage: this.#usage });
  }

  /** Says what was not done as asked. */
  warn(warning: Warning): void {
    if (!this.#done) this.#out.push({ type: "warning", warning });
  }

  /** Ends what is open, then the finish. Nothing after a terminal event. */
  finish(finish: Finish, vendor: { readonly message?: VendorData; readonly completion?: VendorData } = {}): void {
    if (this.#done) return;
    this.endAll();
    this.#done = true;
    this.#out.push({
      type: "finish",
      finish,
      usage: this.#usage,
      ...(vendor.message === undefined ? {} : { messageVendor: vendor.message }),
      ...(vendor.completion === undefined ? {} : { vendor: vendor.completion }),
    });
  }

  /** Ends what is open, then the error. Nothing after a terminal event. */
  fail(error: DragomanError): void {
    if (this.#done) return;
    this.endAll();
    this.#done = true;
    this.#out.push({ type: "error", error });
  }

  /** Deltas come in runs of one key, so the last part looked up is kept at hand. */
  #partAt(key: string): OpenPart | undefined {
    if (this.#lastPart !== undefined && this.#lastKey === key) return this.#lastPart;
    const part = this.#open.get(key);
    if (part !== undefined) this.#remember(key, part);
    return part;
  }

  #remember(key: string, part: OpenPart): void {
    this.#lastKey = key;
    this.#lastPart = part;
  }

  #openPart(kind: FilledKind, key: string, vendorAtStart: VendorData | undefined): OpenPart {
    const part: OpenPart = { index: this.#nextIndex++, kind, vendor: vendorAtStart };
    this.#open.set(key, part);
    this.#remember(key, part);
    const vendor = vendorAtStart === undefined ? {} : { vendor: vendorAtStart };
    this.#out.push({ type: `${kind}-start`, index: part.index, ...vendor });
    return part;
  }
}
