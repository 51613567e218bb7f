/**
 * The compiler rewrites `./x.ts` to `./x.js` in JavaScript but leaves it in declarations, where a consumer has no sources.
 * This changes every relative `.ts` specifier of a declaration: imports, exports, `import("./x.ts")` types and
 * `declare module "./x.ts"`. Comments stay as they are.
 */
const SPECIFIER = /(\bfrom\s*|\bimport\s*\(\s*|^\s*import\s*|\bdeclare module\s*)(["'])(\.\.?\/[^"'\n]*)\.ts\2/gm;
const COMMENT = /\/\*[\s\S]*?\*\//g;

export function withBuiltSpecifiers(declaration: string): string {
  let result = "";
  let end = 0;
  for (const comment of declaration.matchAll(COMMENT)) {
    result += rewrite(declaration.slice(end, comment.index)) + comment[0];
    end = comment.index + comment[0].length;
  }
  return result + rewrite(declaration.slice(end));
}

function rewrite(code: string): string {
  return code.replace(SPECIFIER, (_whole, before: string, quote: string, path: string) => `${before}${quote}${path}.js${quote}`);
}
