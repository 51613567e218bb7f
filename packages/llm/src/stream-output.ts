/**
 * The JSON of an answer while it grows: after each piece the value as far as it is there, at the end the whole one, checked
 * against the schema. Strings grow, lists and objects fill; a number or a word shows only once it is whole, as half a
 * number is another number.
 *
 *     for await (const { value, completion } of streamOutput(structuredOutput(openai()), call)) show(value);
 *
 * Throws what the stream failed with, or `invalid_output` at its end.
 */
import { checkOutput } from "./check-output.ts";
import type { Completion } from "./completion.ts";
import { createFold } from "./fold.ts";
import type { JsonValue } from "./json.ts";
import { textOf } from "./message.ts";
import type { Provider } from "./provider.ts";
import type { CompletionCall } from "./request.ts";

/** A structured answer while it grows. */
export interface OutputSoFar {
  /** Undefined until the first value can be seen. */
  readonly value: JsonValue | undefined;
  /** Present once, with the last value, which then satisfies the schema. */
  readonly completion?: Completion;
}

/** Up to this length every piece is read anew; beyond it only when a hundredth more has come, so that it stays linear. */
const READ_ALWAYS_LENGTH = 16_384;
const READ_AGAIN_FACTOR = 1.01;

/** Gives a structured answer out while it grows. Throws what the stream failed with, or `invalid_output` at its end. */
export async function* streamOutput(
  provider: Pick<Provider, "stream">,
  call: CompletionCall,
): AsyncGenerator<OutputSoFar, void, undefined> {
  const { Allow, parse } = await import("partial-json");
  const allowed = Allow.STR | Allow.OBJ | Allow.ARR;
  const folded = createFold();
  let text = "";
  let readLength = 0;
  let shown: string | undefined;

  /** The value so far, where it has changed since it was shown. */
  function grown(): JsonValue | undefined {
    if (text.length > READ_ALWAYS_LENGTH && text.length < readLength * READ_AGAIN_FACTOR) return undefined;
    readLength = text.length;
    const value = readPartial(text, (json) => parse(json, allowed));
    const written = value === undefined ? undefined : JSON.stringify(value);
    if (written === undefined || written === shown) return undefined;
    shown = written;
    return value;
  }

  for await (const event of provider.stream(call)) {
    folded.push(event);
    if (event.type === "error") throw event.error;
    if (event.type === "restart") {
      text = "";
      readLength = 0;
    } else if (event.type === "text-delta") {
      text += event.text;
      const value = grown();
      if (value !== undefined) yield { value };
    }
  }
  const completion = folded.completion();
  if (textOf(completion.message) === "" && completion.finish.reason === "tool-calls")
    return yield { value: undefined, completion };
  yield { value: await checkOutput(completion, call), completion };
}

/** Words before the JSON, as of a code fence, are passed over. Undefined while there is no value to see. */
function readPartial(text: string, parse: (json: string) => unknown): JsonValue | undefined {
  const start = text.search(/[[{]/);
  if (start === -1) return undefined;
  try {
    return parse(text.slice(start)) as JsonValue;
  } catch {
    return undefined;
  }
}
