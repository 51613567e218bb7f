/** From the name on the command line to a model, or to an error that says what to write or to set up instead. */
import { DragomanError, nearestNames, type Registry, type ResolvedModel, toDragomanError } from "@dragoman/llm";
import { listModels } from "./list-models.ts";
import type { OpenedRegistry } from "./open-registry.ts";

export interface NamedModel extends ResolvedModel {
  /** As it was named, or chosen: `provider:model`, or a bare id. */
  readonly reference: string;
}

/** Listing models only to word an error must not take long. */
const NEAREST_LIMIT_MS = 3_000;

/** Without a name: the default model. */
export async function resolveModel(opened: OpenedRegistry, named: string | undefined): Promise<NamedModel> {
  const reference = named?.trim() || (await opened.defaultModel());
  if (reference === undefined) {
    throw new DragomanError({
      code: "configuration",
      detail: "no provider lists a model",
      advice: "name one with -m provider:model or DRAGOMAN_MODEL; dragoman doctor says what is missing",
    });
  }
  try {
    return { ...opened.registry.resolve(reference), reference };
  } catch (thrown) {
    const error = toDragomanError(thrown);
    throw notSetUp(opened, reference) ?? (await withNearestNames(error, opened.registry, reference));
  }
}

/** A provider that we know but cannot use is another fault than a misspelt one. */
export function notSetUp({ discovery }: OpenedRegistry, reference: string): DragomanError | undefined {
  const provider = reference.split(":", 1)[0];
  const finding = discovery.findings.find((candidate) => candidate.provider === provider);
  if (finding === undefined || finding.availability.available || !reference.includes(":")) return undefined;
  const { reason, detail, nextStep } = finding.availability;
  return new DragomanError({
    code: reason === "no-key" ? "authentication" : "provider_unavailable",
    provider: finding.provider,
    detail: reason === "no-key" ? `no key: ${detail}` : detail,
    advice: nextStep,
  });
}

/** For a name that nobody knows, here or at the vendor: the same error with the names that come closest. */
export async function withNearestNames(error: DragomanError, registry: Registry, reference: string): Promise<DragomanError> {
  if (error.code !== "unknown_model" && error.code !== "model_not_found") return error;
  const { models } = await listModels(registry, NEAREST_LIMIT_MS);
  const names = models.map((model) => `${model.provider}:${model.id}`);
  const nearest = reference.includes(":") ? nearestNames(reference, names) : nearestBare(reference, names);
  const choice = nearest.length === 0 ? "" : `nearest: ${nearest.join(", ")}; `;
  const providers = registry.providers().map((provider) => provider.id);
  return new DragomanError({
    code: error.code,
    detail: error.detail,
    provider: error.provider,
    model: error.model,
    status: error.status,
    request: error.request,
    requestId: error.requestId,
    vendorCode: error.vendorCode,
    cause: error,
    advice: `${choice}name it as provider:model (providers: ${providers.join(", ")}); dragoman models lists all`,
  });
}

function nearestBare(model: string, names: readonly string[]): readonly string[] {
  const nearest = nearestNames(
    model,
    names.map((name) => name.slice(name.indexOf(":") + 1)),
  );
  return names.filter((name) => nearest.some((bare) => name.endsWith(`:${bare}`))).slice(0, 3);
}
