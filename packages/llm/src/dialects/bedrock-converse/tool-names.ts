/**
 * Names of tools on a wire that takes letters, digits, hyphens and underscores. Any other character goes over as its code
 * point between `_x` and `_`, so that the name can be read back without remembering anything: `math.add` is `math_x2e_add`.
 * A name that happens to hold such a sequence has its first underscore written in the same way.
 * Source: `ToolSpecification.name`, pattern `[a-zA-Z0-9_-]+`, 64 characters at most.
 */
const REFUSED = /[^a-zA-Z0-9_-]|_(?=x[0-9a-f]{1,6}_)/gu;
const WRITTEN = /_x([0-9a-f]{1,6})_/g;

export function toWireName(name: string): string {
  return name.replace(REFUSED, (character) => `_x${(character.codePointAt(0) ?? 0).toString(16)}_`);
}

export function fromWireName(name: string): string {
  return name.replace(WRITTEN, (written, code: string) => {
    const point = Number.parseInt(code, 16);
    const isSurrogate = point >= 0xd800 && point <= 0xdfff;
    return point > 0x10ffff || isSurrogate ? written : String.fromCodePoint(point);
  });
}
