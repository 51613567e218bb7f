/**
 * Tool calls from their pieces. Two habits conflict: Kimi changes the id in mid-call, so a new id at a known index is not
 * always a new call; Gemini's layer says index 0 for every parallel call, so it is one there. What decides is whether the
 * piece brings a name as well: a new id and a name open a new call, a new id alone does not.
 *
 * A piece without an index is found by its id, or else belongs to the latest call, unless it names a function.
 * A call is announced once its name is known; pieces that came before wait for it.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { StreamWriter } from "../stream-writer.ts";
import { customCallPart } from "./answer-parts.ts";
import { TOOL_CALL_FIELDS } from "./fields.ts";
import { argumentsText } from "./response.ts";
import { generatedToolCallId } from "./tool-call-id.ts";
import { fieldsData, unknownFields, withVendorData } from "./vendor-data.ts";

interface Call {
  readonly key: string;
  readonly position: number;
  id: string;
  name: string;
  started: boolean;
  /** Arguments that came before the name. */
  waiting: string;
  fields: Record<string, JsonValue> | undefined;
  /** A custom tool's call, collected whole: it has no pieces in the canonical stream. */
  custom: { input: string } | undefined;
}

export class StreamToolCalls {
  readonly #writer: StreamWriter;
  readonly #calls: Call[] = [];
  readonly #byIndex = new Map<number, Call>();

  constructor(writer: StreamWriter) {
    this.#writer = writer;
  }

  get count(): number {
    return this.#calls.length;
  }

  push(piece: JsonObject, completionId: string): void {
    const target = isJsonObject(piece.function) ? piece.function : isJsonObject(piece.custom) ? piece.custom : undefined;
    const id = typeof piece.id === "string" ? piece.id : "";
    const name = typeof target?.name === "string" ? target.name : "";
    const call = this.#find(piece.index, id, name) ?? this.#open(piece.index);
    if (call.id === "") call.id = id;
    if (call.name === "") call.name = name;
    this.#keepFields(call, piece);
    if (isJsonObject(piece.custom) && !isJsonObject(piece.function)) collectCustom(call, piece.custom);
    else if (target !== undefined) this.#pushArguments(call, argumentsText(target), completionId);
  }

  /** Announces what never got a name, writes custom calls, and hands vendor data to the calls' ends. */
  finish(completionId: string): void {
    for (const call of this.#calls) {
      if (call.custom !== undefined) {
        this.#writer.part(customCallPart(customCall(call, call.custom, completionId)));
        continue;
      }
      if (!call.started) {
        const detail = `tool call ${call.position} came without a name`;
        this.#writer.warn({ type: "other", path: "message", detail });
        this.#start(call, completionId);
      }
      const { vendor } = withVendorData(fieldsData(call.fields));
      if (vendor !== undefined) this.#writer.vendor(call.key, vendor);
    }
  }

  #find(index: JsonValue | undefined, id: string, name: string): Call | undefined {
    if (typeof index === "number") {
      const known = this.#byIndex.get(index);
      const isNew = known !== undefined && id !== "" && name !== "" && known.id !== "" && id !== known.id;
      return isNew ? undefined : known;
    }
    const known = id === "" ? undefined : this.#calls.find((call) => call.id === id);
    const latest = this.#calls.at(-1);
    if (known !== undefined || name === "") return known ?? latest;
    return latest !== undefined && latest.name === "" ? latest : undefined;
  }

  #open(index: JsonValue | undefined): Call {
    const position = this.#calls.length;
    const key = `call:${position}`;
    const call: Call = { key, position, id: "", name: "", started: false, waiting: "", fields: undefined, custom: undefined };
    this.#calls.push(call);
    if (typeof index === "number") this.#byIndex.set(index, call);
    return call;
  }

  #pushArguments(call: Call, text: string, completionId: string): void {
    if (call.started) {
      this.#writer.toolCallDelta(call.key, text);
      return;
    }
    call.waiting += text;
    if (call.name !== "") this.#start(call, completionId);
  }

  #start(call: Call, completionId: string): void {
    if (call.id === "") call.id = generatedToolCallId(completionId, call.position);
    call.started = true;
    this.#writer.toolCall(call.key, call.id, call.name);
    this.#writer.toolCallDelta(call.key, call.waiting);
    call.waiting = "";
  }

  #keepFields(call: Call, piece: JsonObject): void {
    const fields = unknownFields(piece, TOOL_CALL_FIELDS);
    if (fields !== undefined) call.fields = { ...call.fields, ...defined(fields) };
  }
}

function defined(fields: JsonObject): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value ?? null]));
}

function collectCustom(call: Call, custom: JsonObject): void {
  call.custom ??= { input: "" };
  if (typeof custom.input === "string") call.custom.input += custom.input;
}

function customCall(call: Call, custom: { readonly input: string }, completionId: string): JsonObject {
  const id = call.id === "" ? generatedToolCallId(completionId, call.position) : call.id;
  return { id, type: "custom", custom: { name: call.name, input: custom.input }, ...call.fields };
}
