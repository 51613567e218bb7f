/** The other side of `completeSync`: makes the call, posts the answer, wakes the thread that waits. */
import { type MessagePort, workerData } from "node:worker_threads";
import type { ProviderOptions } from "../define-provider.ts";
import { type DragomanError, type DragomanErrorInit, toDragomanError } from "../errors.ts";
import type { Provider } from "../provider.ts";
import { anthropic } from "../providers/anthropic.ts";
import { gemini } from "../providers/gemini.ts";
import { huggingface } from "../providers/huggingface.ts";
import { llamaCpp } from "../providers/llama-cpp.ts";
import { lmStudio } from "../providers/lm-studio.ts";
import { moonshot } from "../providers/moonshot.ts";
import { ollama } from "../providers/ollama.ts";
import { openai } from "../providers/openai.ts";
import { createRegistry } from "../registry.ts";
import type { CompletionCall } from "../request.ts";
import type { SyncAnswer } from "./index.ts";

interface WorkerInput {
  readonly request: CompletionCall & { readonly baseUrls?: Readonly<Record<string, string>> };
  readonly port: MessagePort;
  readonly signal: Int32Array;
}

const PROVIDERS: readonly [string, (options: ProviderOptions) => Provider][] = [
  ["anthropic", anthropic],
  ["openai", openai],
  ["gemini", gemini],
  ["huggingface", huggingface],
  ["moonshot", moonshot],
  ["ollama", ollama],
  ["lmstudio", lmStudio],
  ["llamacpp", llamaCpp],
];

async function answer({ baseUrls = {}, ...call }: WorkerInput["request"]): Promise<SyncAnswer> {
  try {
    const providers = PROVIDERS.map(([id, create]) => create(baseUrls[id] === undefined ? {} : { baseUrl: baseUrls[id] }));
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

const { request, port, signal } = workerData as WorkerInput;
port.postMessage(await answer(request));
Atomics.store(signal, 0, 1);
Atomics.notify(signal, 0);
