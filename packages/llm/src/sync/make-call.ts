/** The call of `completeSync`, on the worker's side. */
import type { MessagePort } from "node:worker_threads";
import { type DragomanError, type DragomanErrorInit, toDragomanError } from "../errors.ts";
import { BUILT_IN_PROVIDERS } from "../providers/built-in.ts";
import { createRegistry } from "../registry.ts";
import type { CompletionCall } from "../request.ts";
import type { SyncAnswer } from "./index.ts";

export interface WorkerInput {
  readonly request: CompletionCall & { readonly baseUrls?: Readonly<Record<string, string>> };
  readonly port: MessagePort;
  readonly signal: Int32Array;
}

async function answer({ baseUrls = {}, ...call }: WorkerInput["request"]): Promise<SyncAnswer> {
  try {
    const providers = BUILT_IN_PROVIDERS.map(({ id, create, urlVariable }) => {
      const baseUrl = baseUrls[id] ?? process.env[urlVariable]?.trim();
      return create(baseUrl ? { baseUrl } : {});
    });
    const { provider, model } = createRegistry(providers).resolve(call.model);
    return { completion: await provider.complete({ ...call, model }) };
  } catch (thrown) {
    return { error: errorFacts(toDragomanError(thrown)) };
  }
}

/** What can be sent to another thread; its class is put on again there. */
function errorFacts(error: DragomanError): DragomanErrorInit {
  const { code, detail, provider, model, status, request, field, retryAfterMs, requestId, vendorCode, advice, retryable } = error;
  return { code, detail, provider, model, status, request, field, retryAfterMs, requestId, vendorCode, advice, retryable };
}

/** Makes the call that the worker was started for. */
export async function run({ request, port }: Pick<WorkerInput, "request" | "port">): Promise<void> {
  port.postMessage(await answer(request));
}
