import {
  type Completion,
  DragomanError,
  type JsonSchema,
  type JsonValue,
  textOf,
  validateAgainst,
  type Warning,
} from "@dragoman/llm";

/** Throws `invalid_output` with one line per violation when the answer does not satisfy the schema. */
export async function checkAnswer(
  completion: Completion,
  schema: JsonSchema,
  onWarning: (warning: Warning) => void,
): Promise<void> {
  const { provider, model } = completion.origin;
  const text = textOf(completion.message);
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    const cut = completion.finish.reason === "length";
    throw new DragomanError({
      code: "invalid_output",
      provider,
      model,
      detail: cut ? "the answer was cut off at the output limit, so it is not JSON" : "the answer is not JSON",
      ...(cut ? { advice: "raise --max-tokens" } : {}),
    });
  }
  const violations = await validateAgainst(schema, value, onWarning);
  if (violations.length === 0) return;
  throw new DragomanError({
    code: "invalid_output",
    provider,
    model,
    detail: `the answer does not fit the schema:\n${violations.map(({ detail }) => `  - ${detail}`).join("\n")}\n`,
  });
}
