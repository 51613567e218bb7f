/** The choices after the first of a stream with `n` above 1, put together in the wire's own shape. */
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../json.ts";
import { objectsIn } from "./vendor-data.ts";

type Fields = Record<string, JsonValue>;

interface OtherChoice {
  readonly index: number;
  readonly message: Fields;
  /** By their index on the wire, which may be any number. */
  readonly calls: Map<number, Fields>;
  finishReason: JsonValue;
}

export class StreamOtherChoices {
  readonly #choices = new Map<number, OtherChoice>();

  get count(): number {
    return this.#choices.size;
  }

  push(index: number, choice: JsonObject): void {
    let known = this.#choices.get(index);
    if (known === undefined) {
      known = { index, message: { role: "assistant", content: null }, calls: new Map(), finishReason: null };
      this.#choices.set(index, known);
    }
    if (typeof choice.finish_reason === "string") known.finishReason = choice.finish_reason;
    if (isJsonObject(choice.delta)) addDelta(known, choice.delta);
  }

  /** In the shape of a body's `choices`. */
  toChoices(): JsonArray {
    const ordered = [...this.#choices.values()].toSorted((one, other) => one.index - other.index);
    return ordered.map(({ index, message, calls, finishReason }) => ({
      index,
      message: calls.size === 0 ? message : { ...message, tool_calls: [...calls.values()] },
      finish_reason: finishReason,
    }));
  }
}

function addDelta(choice: OtherChoice, delta: JsonObject): void {
  for (const [key, value] of Object.entries(delta)) {
    if (value === null || value === undefined || key === "role") continue;
    if (key === "tool_calls") for (const piece of objectsIn(value)) addCall(choice, piece);
    else choice.message[key] = joined(choice.message[key], value);
  }
}

function addCall(choice: OtherChoice, piece: JsonObject): void {
  const index = typeof piece.index === "number" ? piece.index : choice.calls.size;
  const call: Fields = choice.calls.get(index) ?? { type: "function", function: {} };
  choice.calls.set(index, call);
  if (typeof piece.id === "string" && piece.id !== "") call.id = piece.id;
  if (!isJsonObject(piece.function)) return;
  const target: Fields = isJsonObject(call.function)
    ? Object.fromEntries(Object.entries(call.function).map(([k, v]) => [k, v ?? null]))
    : {};
  for (const key of ["name", "arguments"]) {
    const value = piece.function[key];
    if (typeof value === "string") target[key] = joined(target[key], value);
  }
  call.function = target;
}

function joined(before: JsonValue | undefined, value: JsonValue): JsonValue {
  return typeof before === "string" && typeof value === "string" ? before + value : value;
}
