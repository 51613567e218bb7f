/** Ids of tool calls that the wire left out. */

/**
 * Made from the call's index and name, so that it is the same whether the answer was streamed or not. Unique within one
 * answer only; a conversation is numbered throughout by whoever reads the whole of it.
 */
export function generatedToolCallId(index: number, name: string): string {
  const stem = name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 32);
  return stem === "" ? `call_${index}` : `call_${index}_${stem}`;
}
