/** Asks once more where the first refusal has told us how to do better: a token that has ended, an object that is gone. */
import type { Completion } from "../../completion.ts";
import { DragomanError } from "../../errors.ts";
import type { CompletionCall, Provider } from "../../provider.ts";
import type { StreamEvent } from "../../stream.ts";
import { wrapProvider } from "../../wrap-provider.ts";

/** `mayRetry` is asked once a call, and puts right what it can. A stream is begun anew only while nothing has come of it. */
export function retryRefused(provider: Provider, mayRetry: (error: DragomanError) => boolean): Provider {
  async function once<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      if (DragomanError.is(error) && mayRetry(error)) return ask();
      throw error;
    }
  }

  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    let begun = false;
    for await (const event of provider.stream(call)) {
      if (event.type === "error" && !begun && mayRetry(event.error)) {
        yield* provider.stream(call);
        return;
      }
      begun = true;
      yield event;
    }
  }

  return wrapProvider(provider, {
    complete: (call): Promise<Completion> => once(() => provider.complete(call)),
    countTokens: (call) => once(() => provider.countTokens(call)),
    models: (options) => once(() => provider.models(options)),
    stream,
  });
}
