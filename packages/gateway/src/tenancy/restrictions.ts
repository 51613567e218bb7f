/** What may be asked of keys and teams, checked: for the admin API, for the command, and for events read back. */
import { DragomanError } from "@dragoman/llm";
import { z } from "zod";
import { badRanges } from "./addresses.ts";

/** Before and after of a change must fit into one event of the audit log, whatever characters they are made of. */
const ENTRIES_MAX = 200;
/** Names reach terminals, logs and CSV: nothing in them may steer one. */
const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u;
const TRIMMED = /^\S(?:.*\S)?$/su;

const name = (lengthMax: number) =>
  z
    .string()
    .min(1)
    .max(lengthMax)
    .regex(PRINTABLE, "must not hold control characters")
    .regex(TRIMMED, "must not begin or end with a space");

export const keyName = name(100);
export const teamName = name(100);
export const modelPatterns = z.array(name(300)).max(ENTRIES_MAX).describe("Names of routes and models; * stands for any text.");

/** `KeyRestrictions`, as a schema. */
export const keyRestrictions = z.strictObject({
  models: modelPatterns.exactOptional(),
  paths: z
    .array(name(300).regex(/^\//, "must begin with /"))
    .max(ENTRIES_MAX)
    .exactOptional()
    .describe("Paths under which it may call, as /v1/chat/completions; * stands for any text."),
  addresses: z
    .array(z.string().max(60))
    .max(ENTRIES_MAX)
    .superRefine((ranges, context) => {
      for (const bad of badRanges(ranges))
        context.addIssue({ code: "custom", message: `${JSON.stringify(bad)} is no address or CIDR` });
    })
    .exactOptional()
    .describe("Addresses from which it may call, as CIDR."),
  expiresAt: z.int().positive().exactOptional().describe("Milliseconds since 1970."),
  admin: z.boolean().exactOptional().describe("Whether it may use the admin API."),
});

/** Throws `invalid_request`, naming the field. `subject` is what the value is called, as `restrictions`. */
export function checked<Value>(schema: z.ZodType<Value>, value: unknown, subject: string): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = (issue?.path ?? []).map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  const field = `${subject}${path}`.replace(/^\./, "");
  throw new DragomanError({
    code: "invalid_request",
    field,
    detail: `${field === "" ? "the body" : field}: ${issue?.message ?? "is wrong"}`,
  });
}
