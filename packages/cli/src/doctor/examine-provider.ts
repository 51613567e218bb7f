/** Examines one provider as a person would: is there a key, does it answer, does a call go through. */
import type { Finding } from "@dragoman/gateway/discover";
import { BUILT_IN_PROVIDERS, DragomanError, type ModelInfo, type Provider, toDragomanError, userMessage } from "@dragoman/llm";

export interface ProviderReport {
  readonly provider: string;
  /** True when it can be used. */
  readonly works: boolean;
  /** Where its key is looked for; absent where it needs none. Never the key. */
  readonly key?: { readonly reference: string; readonly present: boolean };
  /** Absent when it was not asked, as there is no key. */
  readonly reach?: { readonly ok: boolean; readonly durationMs: number; readonly detail: string };
  /** Absent when no call was made. */
  readonly call?: CallReport;
  readonly nextStep?: string;
}

export type CallReport =
  | {
      readonly ok: true;
      readonly model: string;
      readonly durationMs: number;
      readonly inputTokens?: number;
      readonly outputTokens?: number;
      readonly costUsd?: number;
    }
  | { readonly ok: false; readonly model?: string; readonly error: DragomanError };

export interface ExamineOptions {
  readonly makeCall: boolean;
  /** For all that is asked of this provider. Milliseconds. */
  readonly timeoutMs: number;
}

/** A provider that discovery found unusable is reported as it was found. */
export function reportUnusable({ provider, availability }: Finding, keyReference: string | undefined): ProviderReport {
  if (availability.available) throw new TypeError(`${provider} is usable`);
  const { reason, detail, nextStep } = availability;
  const asked = reason !== "no-key" && reason !== "not-configured";
  return {
    provider,
    works: false,
    ...(keyReference === undefined ? {} : { key: { reference: keyReference, present: asked } }),
    ...(asked ? { reach: { ok: false, durationMs: 0, detail } } : {}),
    nextStep,
  };
}

export async function examineProvider(
  provider: Provider,
  keyReference: string | undefined,
  options: ExamineOptions,
): Promise<ProviderReport> {
  const signal = AbortSignal.timeout(options.timeoutMs);
  const key = keyReference === undefined ? {} : { key: { reference: keyReference, present: true } };
  const startedAt = performance.now();
  const availability = await provider.availability({ signal });
  const durationMs = performance.now() - startedAt;
  const reach = { ok: availability.available, durationMs, detail: availability.detail ?? "" };
  if (!availability.available) {
    return { provider: provider.id, works: false, ...key, reach, nextStep: availability.nextStep };
  }
  if (!options.makeCall) return { provider: provider.id, works: true, ...key, reach };
  const call = await tryCall(provider, signal, options.timeoutMs);
  return {
    provider: provider.id,
    works: call.ok,
    ...key,
    reach,
    call,
    ...(call.ok ? {} : { nextStep: call.error.advice }),
  };
}

const NOT_CHAT = /embed|rerank|whisper|\bbge-|minilm|\btts\b|image|audio|realtime|transcribe|moderation|dall-e|sora/i;

async function tryCall(provider: Provider, signal: AbortSignal, timeoutMs: number): Promise<CallReport> {
  const small = BUILT_IN_PROVIDERS.find(({ id }) => id === provider.id)?.smallModel;
  if (small !== undefined) {
    const first = await callOnce(provider, small, signal, timeoutMs);
    // An account may lack the model that its vendor's short name stands for.
    if (first.ok || first.error.code !== "model_not_found") return first;
  }
  try {
    const model = cheapest(await provider.models({ signal }));
    if (model !== undefined) return await callOnce(provider, model, signal, timeoutMs);
  } catch (thrown) {
    return { ok: false, error: toDragomanError(thrown) };
  }
  const error = new DragomanError({
    code: "provider_unavailable",
    provider: provider.id,
    detail: "it lists no model that answers",
    advice: "load or pull a model there first",
  });
  return { ok: false, error };
}

/** By the price of the output; the first one where no price is known. */
function cheapest(models: readonly ModelInfo[]): string | undefined {
  const candidates = models.filter((model) => !NOT_CHAT.test(model.id));
  const priced = candidates
    .filter((model) => model.pricing?.outputPerMillionUsd !== undefined)
    .sort((left, right) => (left.pricing?.outputPerMillionUsd ?? 0) - (right.pricing?.outputPerMillionUsd ?? 0));
  return (priced[0] ?? candidates[0])?.id;
}

async function callOnce(provider: Provider, model: string, signal: AbortSignal, timeoutMs: number): Promise<CallReport> {
  const startedAt = performance.now();
  try {
    const { origin, usage, cost } = await provider.complete({
      model,
      messages: [userMessage("Answer with the single word OK.")],
      // The least that OpenAI takes; a model that only thinks within it has answered all the same.
      maxOutputTokens: 16,
      signal,
    });
    return {
      ok: true,
      model: origin.model,
      durationMs: performance.now() - startedAt,
      ...(usage.inputTokens === undefined ? {} : { inputTokens: usage.inputTokens }),
      ...(usage.outputTokens === undefined ? {} : { outputTokens: usage.outputTokens }),
      ...(cost === undefined ? {} : { costUsd: cost.totalUsd }),
    };
  } catch (thrown) {
    const error = toDragomanError(thrown);
    return { ok: false, model, error: signal.aborted ? tookTooLong(provider.id, model, timeoutMs) : error };
  }
}

function tookTooLong(provider: string, model: string, timeoutMs: number): DragomanError {
  return new DragomanError({
    code: "timeout",
    provider,
    model,
    detail: `no answer within ${timeoutMs / 1000} s`,
    advice: "raise --timeout; an engine may be loading the model",
  });
}
