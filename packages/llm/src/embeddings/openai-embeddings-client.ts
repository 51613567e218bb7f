/** OpenAI's wire of embeddings towards a client. */
import type { ClientRequest } from "../dialect.ts";
import { invalidField, optional, otherFields, readBody, readInteger, readOneOf, readString } from "../dialects/wire-reader.ts";
import type { EmbeddingAnswer, ParsedEmbeddingRequest } from "../embedding.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { Warning } from "../warning.ts";
import { vectorAsBase64 } from "./vector.ts";

const FIELDS: ReadonlySet<string> = new Set(["model", "input", "encoding_format", "dimensions", "user"]);
const ENCODINGS = ["float", "base64"] as const;

export function parseOpenAIRequest({ body: given }: ClientRequest): ParsedEmbeddingRequest {
  const body = readBody(given);
  const warnings: Warning[] = [];
  const dimensions = optional(body.dimensions, "dimensions", readInteger);
  const user = optional(body.user, "user", readString);
  const encoding = optional(body.encoding_format, "encoding_format", (value, field) => readOneOf(value, ENCODINGS, field));
  const others = otherFields(body, FIELDS);
  for (const field of Object.keys(others ?? {})) {
    const detail = `${field} is not of this wire; it goes on where the vendor speaks the wire too`;
    warnings.push({ type: "unknown-field", path: field, detail });
  }
  return {
    request: {
      model: readString(body.model, "model"),
      inputs: readInputs(body.input),
      ...(dimensions === undefined ? {} : { dimensions }),
      ...(user === undefined ? {} : { metadata: { user } }),
      ...(others === undefined ? {} : { vendorOptions: { "openai-embeddings": others } }),
    },
    echo: encoding === undefined ? {} : { encoding_format: encoding },
    warnings,
  };
}

/** One text or several. Throws for lists of tokens: their numbers mean something to the one model alone that they were made for. */
function readInputs(input: JsonValue | undefined): readonly string[] {
  const inputs = Array.isArray(input) ? input : [readString(input, "input")];
  if (inputs.length === 0) throw invalidField("input", "input holds nothing to embed");
  return inputs.map((one: JsonValue, index) => {
    if (typeof one !== "number" && !Array.isArray(one)) return readString(one, `input[${index}]`);
    throw invalidField("input", "input holds tokens, which mean nothing outside their own model", "send the text instead");
  });
}

export function renderOpenAIResponse(answer: EmbeddingAnswer, { echo }: ParsedEmbeddingRequest): JsonObject {
  const asBase64 = echo.encoding_format === "base64";
  const { inputTokens } = answer.usage;
  return {
    object: "list",
    data: answer.embeddings.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: asBase64 ? vectorAsBase64(vector) : vector,
    })),
    model: answer.origin.model,
    // Left out where it is unknown: 0 would be a lie.
    ...(inputTokens === undefined ? {} : { usage: { prompt_tokens: inputTokens, total_tokens: inputTokens } }),
  };
}
