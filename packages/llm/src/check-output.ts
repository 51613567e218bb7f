/**
 * Structured output, checked: what a model answered against the whole schema that was asked for, not the one that its
 * vendor could be told.
 */
import type { Completion } from "./completion.ts";
import { DragomanError } from "./errors.ts";
import { isJsonObject, type JsonSchema, type JsonValue } from "./json.ts";
import { textOf } from "./message.ts";
import type { CompletionRequest } from "./request.ts";
import { withoutAddedNulls } from "./schema/added-nulls.ts";
import { type SchemaViolation, validateAgainst } from "./validate.ts";

/** Violations that an error names. */
const VIOLATIONS_NAMED_MAX = 5;

/**
 * The answer as a value that satisfies `request.output.schema`; any JSON object where there is no schema. Nulls that a
 * vendor's strict mode wrote for properties left out are taken out again.
 *
 *     const person = await checkOutput(await provider.complete(request), request);
 *
 * Throws `invalid_output` with the path of the first violation in `field`; `content_refused` for an answer that was
 * refused; `invalid_request` when the request asked for no JSON; `schema_unsupported` when its schema cannot be used.
 */
export async function checkOutput(
  completion: Pick<Completion, "message" | "finish" | "origin">,
  request: Pick<CompletionRequest, "output">,
): Promise<JsonValue> {
  const { output } = request;
  if (output?.type !== "json") {
    throw new DragomanError({ code: "invalid_request", field: "output", detail: "the request asked for no JSON" });
  }
  if (completion.finish.reason === "content-filter") throw failure(completion, "content_refused", "the answer was refused");
  const value = parseAnswer(completion);
  if (output.schema === undefined) return checkObject(completion, value);
  return checkSchema(completion, output.schema, value);
}

function parseAnswer(completion: Pick<Completion, "message" | "finish" | "origin">): JsonValue {
  const text = textOf(completion.message);
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    if (completion.finish.reason === "length") {
      const advice = "raise maxOutputTokens, or ask for less";
      throw failure(completion, "invalid_output", "the answer met the output limit before its JSON was complete", { advice });
    }
    const start = JSON.stringify(text.slice(0, 120));
    throw failure(
      completion,
      "invalid_output",
      text === "" ? "the answer has no text" : `the answer is not JSON; it begins ${start}`,
    );
  }
}

function checkObject(completion: Pick<Completion, "origin">, value: JsonValue): JsonValue {
  if (isJsonObject(value)) return value;
  throw failure(completion, "invalid_output", "the answer is JSON, but not an object");
}

async function checkSchema(completion: Pick<Completion, "origin">, schema: JsonSchema, value: JsonValue): Promise<JsonValue> {
  const cleaned = withoutAddedNulls(schema, value);
  const violations = await validateAgainst(schema, cleaned);
  const [first] = violations;
  if (first === undefined) return cleaned;
  throw failure(completion, "invalid_output", sentenceOf(violations), first.path === "" ? {} : { field: first.path });
}

function sentenceOf(violations: readonly SchemaViolation[]): string {
  const named = violations.slice(0, VIOLATIONS_NAMED_MAX).map((violation) => violation.detail);
  const more = violations.length - named.length;
  return `the answer breaks its schema: ${named.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

function failure(
  { origin }: Pick<Completion, "origin">,
  code: "invalid_output" | "content_refused",
  detail: string,
  more: { readonly field?: string; readonly advice?: string } = {},
): DragomanError {
  return new DragomanError({ code, detail, provider: origin.provider, model: origin.model, ...more });
}
