/** How a body is cut into pieces on its way, so that no reader can rely on where a piece ends. */

/** The sizes of the next pieces in bytes; `pieces` many at most, the last piece takes the rest. */
export type Chunking =
  | { readonly type: "whole" }
  /** One byte a piece: every boundary there is. For small bodies. */
  | { readonly type: "bytes" }
  /** Awkward sizes from a seed: mostly a few bytes, now and then many. The same seed cuts alike. */
  | { readonly type: "random"; readonly seed: number; readonly piecesMax: number };

export const DEFAULT_CHUNKING: Chunking = { type: "random", seed: 1, piecesMax: 24 };

/** The body in pieces; joined they are the body. No piece is empty. */
export function cutIntoChunks(bytes: Uint8Array, chunking: Chunking): Uint8Array[] {
  if (chunking.type === "whole" || bytes.length === 0) return bytes.length === 0 ? [] : [bytes];
  if (chunking.type === "bytes") return Array.from(bytes, (_byte, index) => bytes.subarray(index, index + 1));
  const random = createRandom(chunking.seed);
  const typical = Math.max(1, Math.ceil((bytes.length / chunking.piecesMax) * 2));
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const last = pieces.length + 1 >= chunking.piecesMax;
    const size = last ? bytes.length - offset : pieceSize(random, typical);
    pieces.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  return pieces;
}

/** Every third piece is tiny, to fall inside a character, a line end or a field name. */
function pieceSize(random: () => number, typical: number): number {
  return random() < 0.34 ? 1 + Math.floor(random() * 3) : 1 + Math.floor(random() * typical);
}

/** Mulberry32: a small generator of numbers in [0, 1) with a 32-bit state, for repeatable tests. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A seed from a text (FNV-1a), so that each recording is cut in its own way. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
