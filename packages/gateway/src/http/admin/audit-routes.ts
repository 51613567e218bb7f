/** The audit log: who did what when, and whether the log is whole. */
import { z } from "zod";
import { auditRecord } from "../../tenancy/audit/audit-record.ts";
import { verifyAudit } from "../../tenancy/audit/verify-audit.ts";
import { type AdminRoute, type AdminServices, defineAdminRoute } from "./admin-route.ts";
import { count, cursor, nextCursor, wholeNumber } from "./query-values.ts";

const NUMBER_MAX = 2 ** 31 - 1;
/** A log of a million records is read in some ten seconds. */
const VERIFY_LIMIT_MS = 120_000;

const auditHead = z
  .strictObject({ number: z.int(), hash: z.string() })
  .meta({ id: "AuditHead", description: "The end of the chain: keep it elsewhere, and verify against it later." });

const verdict = z.union([
  z.strictObject({ intact: z.literal(true), records: z.int(), head: auditHead }),
  z.strictObject({
    intact: z.literal(false),
    broken: z.enum(["changed", "removed", "reordered", "inserted", "truncated", "rewritten"]),
    at: z.int().describe("The first place where the chain is broken."),
    detail: z.string(),
  }),
]);

export function auditRoutes({ audit, log }: AdminServices): readonly AdminRoute[] {
  const group = "audit";
  return [
    defineAdminRoute({
      method: "GET",
      url: "/admin/v1/audit",
      group,
      summary: "List what was done and what was refused, newest first.",
      query: z.strictObject({
        count,
        cursor: wholeNumber(1, NUMBER_MAX)
          .exactOptional()
          .describe(cursor.description ?? ""),
      }),
      answer: z.strictObject({ records: z.array(auditRecord.meta({ id: "AuditRecord" })), cursor: nextCursor }),
      handle: async ({ query }) => {
        const { records, next } = await audit.list({
          ...(query.count === undefined ? {} : { countMax: query.count }),
          ...(query.cursor === undefined ? {} : { before: query.cursor }),
        });
        return { records, ...(next === undefined ? {} : { cursor: String(next) }) };
      },
    }),
    defineAdminRoute({
      method: "GET",
      url: "/admin/v1/audit/head",
      group,
      summary: "Show the end of the chain.",
      answer: auditHead,
      handle: () => audit.head(),
    }),
    defineAdminRoute({
      method: "GET",
      url: "/admin/v1/audit/verify",
      group,
      summary: "Read the whole chain and name the first place where it is broken.",
      query: z
        .strictObject({
          number: wholeNumber(0, NUMBER_MAX).exactOptional().describe("Of a head that was kept; with hash."),
          hash: z
            .string()
            .regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits")
            .exactOptional(),
        })
        .refine(({ number, hash }) => (number === undefined) === (hash === undefined), "number and hash go together"),
      answer: verdict,
      handle: ({ query: { number, hash }, signal }) =>
        verifyAudit(log, {
          signal: AbortSignal.any([signal, AbortSignal.timeout(VERIFY_LIMIT_MS)]),
          ...(number === undefined || hash === undefined ? {} : { anchor: { number, hash } }),
        }),
    }),
  ];
}
