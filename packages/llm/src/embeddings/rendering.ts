/** What all codecs of embeddings do with a request: its texts, its own options, what the wire has no room for. */
import type { EmbeddingInput, EmbeddingRequest } from "../embedding.ts";
import { DragomanError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Warning } from "../warning.ts";

/** Throws `unsupported` for an image. Texts that make one vector together are joined by a line break. */
export function textsOf({ inputs, model }: EmbeddingRequest, codec: string): readonly string[] {
  return inputs.map((input, index) => {
    if (typeof input === "string") return input;
    return input
      .map((part) => {
        if (part.type === "text") return part.text;
        throw noImages(model, codec, index);
      })
      .join("\n");
  });
}

export function noImages(model: string, codec: string, index: number): DragomanError {
  return new DragomanError({
    code: "unsupported",
    field: `inputs[${index}]`,
    detail: `${codec} has no way to send an image to ${model}`,
    advice: "embed it with a model that takes images, as those of Cohere and Gemini",
  });
}

export function hasImage(input: EmbeddingInput): boolean {
  return typeof input !== "string" && input.some((part) => part.type === "image");
}

/** The options of this codec; entries of others are reported. */
export function ownOptions(
  { vendorOptions = {} }: Pick<EmbeddingRequest, "vendorOptions">,
  codec: string,
  warnings: Warning[],
): JsonObject {
  for (const other of Object.keys(vendorOptions)) {
    if (other !== codec) leftOut(warnings, `vendorOptions.${other}`, `options for ${other} are not sent to ${codec}`);
  }
  return vendorOptions[codec] ?? {};
}

export function leftOut(warnings: Warning[], path: string, detail: string): void {
  warnings.push({ type: "unsupported", path, detail });
}

type Setting = "dimensions" | "purpose" | "truncate" | "metadata";

/** Reports the settings that were made and that the wire has no field for. */
export function reportUnsent(request: EmbeddingRequest, settings: readonly Setting[], codec: string, warnings: Warning[]): void {
  for (const setting of settings) {
    if (request[setting] !== undefined) leftOut(warnings, setting, `${codec} has no field for it; it was left out`);
  }
}
