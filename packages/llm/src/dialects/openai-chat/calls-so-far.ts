import { type AssistantMessage, toolCallsOf } from "../../message.ts";

/**
 * The calls of a history while it is read: names for the results that follow, which other dialects need, and ids for calls
 * in the wire before tools, which had none; there a result names its function.
 */
export class CallsSoFar {
  readonly #names = new Map<string, string>();
  readonly #latest = new Map<string, string>();
  #made = 0;

  add(message: AssistantMessage): void {
    for (const call of toolCallsOf(message)) this.#names.set(call.id, call.name);
  }

  nameOf(id: string): string | undefined {
    return this.#names.get(id);
  }

  /** An id for a call without one. */
  call(name: string): string {
    const id = `call_function_${this.#made++}`;
    this.#latest.set(name, id);
    return id;
  }

  /** The id of the latest call of that function; a fresh one for a result without a call. */
  answer(name: string): string {
    return this.#latest.get(name) ?? this.call(name);
  }
}
