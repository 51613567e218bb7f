/** From `provider` or `provider:id` on the command line to the vendor's fine-tuning, or to an error that says what to do. */
import { DragomanError, type FineTuning, type Provider } from "@dragoman/llm";
import { openRegistry } from "../open-registry.ts";
import { notSetUp } from "../resolve-model.ts";

export interface OpenedTuning {
  readonly provider: Provider;
  readonly tuning: FineTuning;
  /** What follows the colon: a model, or a job. */
  readonly name: string;
}

/** `needs`: what has to follow the colon, for errors; absent where the provider alone is wanted. */
export async function openTuning(reference: string, needs?: "model" | "job"): Promise<OpenedTuning> {
  const colon = reference.indexOf(":");
  const id = colon === -1 ? reference : reference.slice(0, colon);
  const name = colon === -1 ? "" : reference.slice(colon + 1);
  if (needs !== undefined && name === "") {
    const advice = `write it as provider:${needs}, as openai:${needs === "model" ? "gpt-4.1-mini" : "ftjob-abc"}`;
    throw new DragomanError({ code: "invalid_request", detail: `${reference} names no ${needs}`, advice });
  }
  const opened = await openRegistry({ named: `${id}:` });
  const provider = opened.registry.provider(id);
  if (provider === undefined) throw notSetUp(opened, `${id}:`) ?? unknownProvider(id);
  if (provider.fineTuning === undefined) {
    const advice = "use openai, azure, together or mistral";
    throw new DragomanError({ code: "unsupported", provider: id, detail: "it has no fine-tuning", advice });
  }
  return { provider, tuning: provider.fineTuning, name };
}

function unknownProvider(id: string): DragomanError {
  const advice = "dragoman doctor lists the providers";
  return new DragomanError({ code: "configuration", detail: `there is no provider ${JSON.stringify(id)}`, advice });
}
