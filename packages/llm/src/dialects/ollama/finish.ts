/** `done_reason`, both ways. The wire knows `stop` and `length`; `load` and `unload` answer a request without a prompt. */
import type { Finish } from "../../completion.ts";

/** `stop` also stands where the model calls tools. Old servers give no reason at all. */
export function parseFinish(word: unknown, hasToolCalls: boolean): Finish {
  const raw = typeof word === "string" && word !== "" ? word : undefined;
  if (hasToolCalls && (raw === undefined || raw === "stop")) return { reason: "tool-calls", ...named(raw) };
  if (raw === "stop" || raw === "length") return { reason: raw, raw };
  return { reason: "other", ...named(raw) };
}

export interface RenderedFinish {
  readonly word: string;
  /** What the word does not say. */
  readonly loss?: string;
}

const OWN_WORDS: ReadonlySet<string | undefined> = new Set(["load", "unload"]);

export function renderFinish(finish: Finish): RenderedFinish {
  switch (finish.reason) {
    case "stop":
    case "tool-calls":
      return { word: "stop" };
    case "length":
      return { word: "length" };
    case "content-filter":
      return { word: "stop", loss: "the answer was filtered; the wire can only say that it stopped" };
    case "pause":
      return { word: "length", loss: "the vendor suspended the turn; the wire can only say that the answer is incomplete" };
    case "error":
      return { word: "stop", loss: "the vendor said that generation failed; the wire can only say that it stopped" };
    case "other":
      if (finish.raw !== undefined && OWN_WORDS.has(finish.raw)) return { word: finish.raw };
      return { word: "stop", loss: `the vendor ended with ${finish.raw ?? "no reason"}; the wire has no such word` };
  }
}

function named(raw: string | undefined): { readonly raw?: string } {
  return raw === undefined ? {} : { raw };
}
