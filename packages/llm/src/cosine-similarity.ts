import { DragomanError } from "./errors.ts";

/**
 * How near two vectors are: 1 for the same direction, 0 for none in common, -1 for the opposite. 0 where one of them is all
 * zeros. Throws `invalid_request` for vectors of different lengths: they come of different models, and say nothing of one
 * another.
 */
export function cosineSimilarity(one: readonly number[], other: readonly number[]): number {
  if (one.length !== other.length) {
    const detail = `a vector of ${one.length} numbers cannot be held against one of ${other.length}`;
    throw new DragomanError({ code: "invalid_request", detail, advice: "embed both with one model and one length" });
  }
  let dot = 0;
  let ofOne = 0;
  let ofOther = 0;
  for (const [index, value] of one.entries()) {
    const beside = other[index] ?? 0;
    dot += value * beside;
    ofOne += value * value;
    ofOther += beside * beside;
  }
  return ofOne === 0 || ofOther === 0 ? 0 : dot / Math.sqrt(ofOne * ofOther);
}
