/**
 * Makes a provider that cannot stream into one that can: the answer is fetched whole and given out as events, with a
 * `simulated` warning, since nothing arrives sooner.
 *
 *     const streaming = streamFromComplete(wholeAnswersOnly);
 */
import { toDragomanError } from "../errors.ts";
import type { CompletionCall, Provider } from "../provider.ts";
import type { StreamEvent } from "../stream.ts";
import { streamFromCompletion } from "../stream-from-completion.ts";
import { wrapProvider } from "../wrap-provider.ts";

/** Gives a provider that only answers whole a stream, with a warning that it is none. */
export function streamFromComplete(provider: Omit<Provider, "stream"> & { readonly stream?: Provider["stream"] }): Provider {
  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    let events: readonly StreamEvent[];
    try {
      events = streamFromCompletion(await provider.complete(call), `${provider.id} cannot stream ${call.model}`);
    } catch (thrown) {
      events = [{ type: "error", error: toDragomanError(thrown), partial: emptyPartial(provider.id, call.model) }];
    }
    for (const event of events) yield event;
  }
  return wrapProvider(provider, { stream });
}

function emptyPartial(provider: string, model: string) {
  const origin = { dialect: "unknown", provider, model };
  return {
    id: "",
    origin,
    message: { role: "assistant" as const, parts: [], origin },
    finish: { reason: "other" as const },
    usage: {},
    warnings: [],
  };
}
