import type { Plugin } from "rolldown";

/**
 * Writes what is beyond ASCII as escapes, which mean the same in strings, patterns and names alike; `String.raw` is not used. One
 * character beyond Latin-1 and the engine holds the whole file at two bytes a character, twice.
 */
export const asciiOnly: Plugin = {
  name: "ascii-only",
  // The very last: where chunks are rendered, the bundler prints them once more, and its printer turns escapes into characters.
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === "chunk") file.code = withEscapes(file.code);
    }
  },
};

function withEscapes(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
