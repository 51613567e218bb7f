/**
 * An id for a tool call that came without one (Gemini's and some local layers). Made from the answer's own id, so that it
 * is the same whether the answer was streamed or not and differs from turn to turn. At most 40 characters.
 */
export function generatedToolCallId(completionId: string, position: number): string {
  const stem = completionId.replace(/[^a-zA-Z0-9]/g, "").slice(-24);
  return stem === "" ? `call_${position}` : `call_${stem}_${position}`;
}
