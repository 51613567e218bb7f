import { DragomanError, type ListingFailure, type ModelInfo, type Registry } from "@dragoman/llm";

export interface ModelListing {
  readonly models: readonly ModelInfo[];
  readonly failures: readonly ListingFailure[];
}

/** What all providers list, asked at once. One that takes longer is a failure that says so. */
export async function listModels(registry: Registry, limitMs: number): Promise<ModelListing> {
  const signal = AbortSignal.timeout(limitMs);
  const { models, failures } = await registry.models({ signal });
  return {
    models,
    failures: failures.map(({ provider, error }) =>
      error.code === "aborted" && signal.aborted ? { provider, error: tooSlow(provider, limitMs) } : { provider, error },
    ),
  };
}

function tooSlow(provider: string, limitMs: number): DragomanError {
  return new DragomanError({ code: "timeout", provider, detail: `it did not list its models within ${limitMs / 1000} s` });
}
