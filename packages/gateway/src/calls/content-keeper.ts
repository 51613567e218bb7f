/** What is kept of prompts and answers, after the answer: nobody waits for it but who closes the gateway. */
import { type CompletionCall, type JsonValue, requestOf, toDragomanError } from "@dragoman/llm";
import type { LocalLedger } from "../ledger/local-ledger.ts";
import type { GatewayObserver } from "../telemetry/observer.ts";

export interface ContentKeeper {
  keep(id: string, call: CompletionCall, answer: string): void;
  /** Resolves when all that was to be kept is. */
  settled(): Promise<void>;
}

export function createContentKeeper(
  keepContent: LocalLedger["keepContent"],
  { noticed }: Pick<Required<GatewayObserver>, "noticed">,
): ContentKeeper {
  const running = new Set<Promise<unknown>>();

  async function kept(id: string, call: CompletionCall, answer: string): Promise<void> {
    try {
      const request: JsonValue = JSON.parse(JSON.stringify(requestOf(call)));
      await keepContent(id, { request, answer });
    } catch (thrown) {
      const error = toDragomanError(thrown);
      noticed({ level: "warn", event: "ledger.content-not-kept", message: error.message, error });
    }
  }

  return {
    keep(id, call, answer) {
      const keeping = kept(id, call, answer).finally(() => running.delete(keeping));
      running.add(keeping);
    },
    settled: async () => void (await Promise.all(running)),
  };
}
