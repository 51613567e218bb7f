/** Values as they stand in a query: text, once or several times. */
import { z } from "zod";

/** Digits alone: neither empty, nor signed, nor with an exponent. */
export function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,16}$/, "must be a whole number")
    .transform(Number)
    .pipe(z.int().min(least).max(most));
}

/** Milliseconds since 1970, or a time as RFC 3339 has it. A date alone begins at midnight UTC. */
export const instant = z
  .string()
  .transform((text, context) => {
    const at = /^\d{1,15}$/.test(text) ? Number(text) : TIME.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isFinite(at)) return at;
    context.addIssue({ code: "custom", message: "must be milliseconds since 1970, or a time as 2027-01-31T12:00:00Z" });
    return z.NEVER;
  })
  .pipe(z.int());

const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** `a,b`, or given several times. */
export function listOf<Item extends z.ZodType<unknown, string>>(item: Item) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [given].flat().flatMap((text) => text.split(",").filter((part) => part !== "")))
    .pipe(z.array(item).max(100) as z.ZodType<z.infer<Item>[], string[]>);
}

export const count = wholeNumber(1, 1_000).exactOptional().describe("Rows of a page. Default 50.");
export const cursor = z.string().min(1).max(500).exactOptional().describe("From the page before.");
export const nextCursor = z.string().exactOptional().describe("For the next page; absent on the last.");
