/**
 * Models of OpenAI at times call a tool that nobody offered, `multi_tool_use.parallel`, whose arguments are the calls that
 * they meant. Such a call is taken apart into those. Arguments of any other form leave it as it is.
 */
import { isJsonObject, type JsonObject } from "../../json.ts";

const WRAPPER_NAMES: ReadonlySet<unknown> = new Set(["multi_tool_use.parallel", "multi_tool_use_parallel"]);

export function isParallelCall(item: JsonObject): boolean {
  return WRAPPER_NAMES.has(item.name);
}

/** The calls that a wrapper stands for; undefined when the item is none. Their ids derive from the wrapper's. */
export function expandParallelCall(item: JsonObject): readonly JsonObject[] | undefined {
  if (!isParallelCall(item) || typeof item.arguments !== "string") return undefined;
  const uses = usesOf(item.arguments);
  if (uses === undefined) return undefined;
  return uses.map((use, position) => ({
    type: "function_call",
    call_id: `${typeof item.call_id === "string" ? item.call_id : "call"}_${position}`,
    name: use.name,
    arguments: JSON.stringify(use.parameters),
  }));
}

interface Use {
  readonly name: string;
  readonly parameters: JsonObject;
}

function usesOf(text: string): readonly Use[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value) || !Array.isArray(value.tool_uses) || value.tool_uses.length === 0) return undefined;
  const uses: Use[] = [];
  for (const use of value.tool_uses) {
    if (!isJsonObject(use) || typeof use.recipient_name !== "string" || !isJsonObject(use.parameters)) return undefined;
    uses.push({ name: use.recipient_name.replace(/^functions\./, ""), parameters: use.parameters });
  }
  return uses;
}
