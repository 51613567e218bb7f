/**
 * Vectors that follow from the words alone: each word falls on a few places that a hash of it chooses, and the sum has
 * length 1. Equal texts are equal, and texts with words in common lie near one another.
 */
import { createHash } from "node:crypto";

/** Places that one word falls on. */
const PLACES = 8;

export function vectorOf(text: string, dimensions: number): readonly number[] {
  const vector = new Float32Array(dimensions);
  for (const word of wordsOf(text)) {
    const digest = createHash("sha256").update(word).digest();
    for (let at = 0; at < PLACES; at++) {
      const place = digest.readUInt16BE(at * 2) % dimensions;
      vector[place] = (vector[place] ?? 0) + ((digest[16 + at] ?? 0) % 2 === 0 ? 1 : -1);
    }
  }
  const length = Math.hypot(...vector) || 1;
  return [...vector.map((value) => value / length)];
}

/** In lower case, without marks; a text of nothing else is a word itself. */
export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text];
}

/** A text that gets no vector, at any fake: so a caller sees an answer that is one too few. */
export const TEXT_WITHOUT_VECTOR = "This text loses its vector.";

export function vectorsOf(texts: readonly string[], dimensions: number): readonly (readonly number[])[] {
  return texts.filter((text) => text !== TEXT_WITHOUT_VECTOR).map((text) => vectorOf(text, dimensions));
}

/** The share of the query's words that a document holds. */
export function scoreOf(query: string, document: string): number {
  const asked = new Set(wordsOf(query));
  const held = new Set(wordsOf(document));
  return [...asked].filter((word) => held.has(word)).length / asked.size;
}

/** Best first; what is equally good stays in its order. */
export function ranked(query: string, documents: readonly string[]): readonly { index: number; relevance_score: number }[] {
  return documents
    .map((document, index) => ({ index, relevance_score: scoreOf(query, document) }))
    .sort((one, other) => other.relevance_score - one.relevance_score || one.index - other.index);
}
