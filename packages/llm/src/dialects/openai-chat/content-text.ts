/** Answer content that is a list of parts instead of a string, as some servers behind this wire send it. */
import type { JsonArray } from "../../json.ts";
import { objectsIn } from "./vendor-data.ts";

export interface ContentText {
  readonly text: string;
  readonly reasoning: string;
  /** Types of the parts that hold neither. */
  readonly unread: readonly string[];
}

/** Text parts; thinking as Mistral (`thinking`: a list) and Databricks (`summary`: a list) write it. */
export function readContentParts(parts: JsonArray): ContentText {
  let text = "";
  let reasoning = "";
  const unread: string[] = [];
  for (const part of objectsIn(parts)) {
    if (part.type === "thinking") reasoning += joinTexts(part.thinking);
    else if (part.type === "reasoning") reasoning += joinTexts(part.summary);
    else if (typeof part.text === "string") text += part.text;
    else unread.push(String(part.type));
  }
  return { text, reasoning, unread };
}

function joinTexts(value: unknown): string {
  if (typeof value === "string") return value;
  let joined = "";
  for (const item of objectsIn(value)) if (typeof item.text === "string") joined += item.text;
  return joined;
}
