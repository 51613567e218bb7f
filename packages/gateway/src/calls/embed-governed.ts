/** Vectors under the same rules as answers: rights, route, limits, ledger; the next target where one cannot be reached. */
import { type CompletionCall, DragomanError, type EmbeddingCall, type EmbeddingResult, toDragomanError } from "@dragoman/llm";
import type { Caller } from "../caller.ts";
import type { PlannedTarget } from "../routing/router.ts";
import { errorForCaller } from "./error-for-caller.ts";
import type { Frame, GatewayParts } from "./gateway-parts.ts";
import { admitCall, type GovernedCall } from "./governed-call.ts";

export async function embedGoverned(
  parts: GatewayParts,
  frame: Frame,
  caller: Caller,
  call: EmbeddingCall,
): Promise<EmbeddingResult> {
  const asPrompt = promptOf(call);
  const governed = await admitCall(parts, frame, caller, { operation: "embed", call: asPrompt });
  try {
    const result = await firstAnswer(governed, call, asPrompt);
    governed.answered({ origin: result.origin, warnings: result.warnings });
    return result;
  } catch (thrown) {
    const error = toDragomanError(thrown);
    governed.failed(error, false);
    throw errorForCaller(error, caller);
  }
}

async function firstAnswer(governed: GovernedCall, call: EmbeddingCall, asPrompt: CompletionCall): Promise<EmbeddingResult> {
  let latest: DragomanError | undefined;
  const [{ model: chosen }] = governed.plan.targets;
  for (const target of governed.plan.targets) {
    // Vectors of two models cannot be compared: only the same model may stand in.
    if (target.role === "overflow" || target.model !== chosen) continue;
    try {
      return await embedAt(target, governed, call, asPrompt);
    } catch (thrown) {
      latest = toDragomanError(thrown);
      if (governed.signal.aborted || latest.scope === "request") break;
    }
  }
  throw latest ?? new DragomanError({ code: "unsupported", model: call.model, detail: "no target gives vectors" });
}

async function embedAt(
  target: PlannedTarget,
  governed: GovernedCall,
  call: EmbeddingCall,
  asPrompt: CompletionCall,
): Promise<EmbeddingResult> {
  const { provider, model } = target;
  if (provider.embed === undefined) throw noVectors(target);
  const attempt = await governed.attempt(target, { ...asPrompt, signal: governed.signal });
  try {
    const result = await provider.embed({ ...call, model, signal: governed.signal });
    attempt.answered({ ...result.usage, outputTokens: result.usage.outputTokens ?? 0 }, result.cost);
    return result;
  } catch (thrown) {
    const error = toDragomanError(thrown);
    attempt.failed(error);
    throw error;
  }
}

/** The texts as a prompt without an answer, for estimates and routes. */
function promptOf({ model, signal, timeouts, metadata, ...call }: EmbeddingCall): CompletionCall {
  const texts = call.inputs.flatMap((input) =>
    typeof input === "string" ? input : input.flatMap((part) => (part.type === "text" ? part.text : [])),
  );
  return {
    model,
    messages: [{ role: "user", parts: [{ type: "text", text: texts.join("\n") }] }],
    maxOutputTokens: 0,
    ...(signal === undefined ? {} : { signal }),
    ...(timeouts === undefined ? {} : { timeouts }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function noVectors({ provider, model }: PlannedTarget): DragomanError {
  return new DragomanError({
    code: "unsupported",
    field: "model",
    provider: provider.id,
    model,
    detail: `${provider.id} gives no vectors`,
    advice: "name an embedding model of another provider, as openai:text-embedding-3-small",
  });
}
