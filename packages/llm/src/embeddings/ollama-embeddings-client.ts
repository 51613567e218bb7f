/** Ollama's embeddings towards a client: `/api/embed` for several texts, `/api/embeddings` for the one of `prompt`. */
import type { ClientRequest } from "../dialect.ts";
import {
  invalidField,
  optional,
  otherFields,
  readArray,
  readBody,
  readBoolean,
  readInteger,
  readString,
} from "../dialects/wire-reader.ts";
import type { EmbeddingAnswer, ParsedEmbeddingRequest } from "../embedding.ts";
import type { JsonObject, JsonValue } from "../json.ts";

const FIELDS: ReadonlySet<string> = new Set(["model", "input", "prompt", "truncate", "dimensions"]);

/** `options` and `keep_alive` are the engine's own and go on to an Ollama alone. */
export function parseOllamaRequest({ path, body: given }: ClientRequest): ParsedEmbeddingRequest {
  const body = readBody(given);
  const isSingle = path.endsWith("/embeddings");
  const truncate = optional(body.truncate, "truncate", readBoolean);
  const dimensions = optional(body.dimensions, "dimensions", readInteger);
  const others = otherFields(body, FIELDS);
  return {
    request: {
      model: readString(body.model, "model"),
      inputs: isSingle ? [readString(body.prompt, "prompt")] : readInputs(body.input),
      ...(truncate === undefined ? {} : { truncate }),
      ...(dimensions === undefined ? {} : { dimensions }),
      ...(others === undefined ? {} : { vendorOptions: { "ollama-embeddings": others } }),
    },
    echo: { single: isSingle },
    warnings: [],
  };
}

function readInputs(input: JsonValue | undefined): readonly string[] {
  if (typeof input === "string") return [input];
  const inputs = readArray(input, "input").map((text, index) => readString(text, `input[${index}]`));
  if (inputs.length === 0) throw invalidField("input", "input holds nothing to embed");
  return inputs;
}

export function renderOllamaResponse(answer: EmbeddingAnswer, { echo }: ParsedEmbeddingRequest): JsonObject {
  if (echo.single === true) return { embedding: answer.embeddings[0] };
  const { inputTokens } = answer.usage;
  return {
    model: answer.origin.model,
    embeddings: answer.embeddings,
    ...(inputTokens === undefined ? {} : { prompt_eval_count: inputTokens }),
  };
}
