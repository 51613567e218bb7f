/** The model and the method of a client's request, which stand in its path. */
import { invalidField } from "../wire-reader.ts";

export interface RequestPath {
  readonly model: string;
  /** As in `generateContent`. */
  readonly method: string;
}

/**
 * `/v1beta/models/{model}:{method}`, also below Vertex AI's `/projects/…/publishers/{publisher}/`. The model may itself hold
 * slashes and colons (`ollama:qwen3:8b`): the last colon begins the method. `tunedModels/…` stays part of the name.
 */
export function parsePath(path: string): RequestPath {
  const decoded = decode(path);
  const match = /(?:^|\/)(?:models\/|(?=tunedModels\/))(.+):([A-Za-z]+)$/.exec(decoded);
  const [, model, method] = match ?? [];
  if (model === undefined || method === undefined) {
    throw invalidField("path", `the path must end in models/{model}:{method}, not ${JSON.stringify(path)}`);
  }
  return { model, method };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
