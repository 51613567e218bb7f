import type { Plugin } from "rolldown";

/**
 * Writes what is beyond ASCII as escapes, which mean the same in strings, patterns and names alike. One character beyond
 * Latin-1 and the engine holds the whole file at two bytes a character.
 */
export const asciiOnly: Plugin = {
  name: "ascii-only",
  renderChunk: {
    // After the bundler's own changes.
    order: "post",
    handler: (code) => ({ code: code.replace(/[^\0-\x7f]/g, escaped), map: null }),
  },
};

/** A unit of UTF-16. */
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
