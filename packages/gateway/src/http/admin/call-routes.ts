/** What was called: sums, pages of calls, and one call with all that was decided about it. */
import { DragomanError } from "@dragoman/llm";
import { z } from "zod";
import type { CallFilter } from "../../ledger/ledger.ts";
import { type AdminRoute, type AdminServices, defineAdminRoute } from "./admin-route.ts";
import { callRecord, DIMENSIONS, OUTCOMES, usageRow } from "./call-schemas.ts";
import { count, cursor, instant, listOf, nextCursor, wholeNumber } from "./query-values.ts";

const values = listOf(z.string().max(500)).exactOptional();

/** Which calls; all that is named must hold, of a list any. */
const filter = {
  from: instant.exactOptional().describe("Milliseconds since 1970, or RFC 3339; within."),
  to: instant.exactOptional().describe("Milliseconds since 1970, or RFC 3339; not within."),
  provider: values,
  model: values,
  route: values,
  key: values,
  team: values,
  agent: values,
  session: values,
  user: values,
  outcome: listOf(z.enum(OUTCOMES)).exactOptional(),
  tag: listOf(z.string().regex(/^[^=]+=/, "must be written as name=value"))
    .exactOptional()
    .describe("As name=value."),
};
const filterSchema = z.strictObject(filter);

const usageDimension = z.union([
  z.enum([...DIMENSIONS, "outcome", "operation", "hour", "day", "month", "node"]),
  z.templateLiteral(["tag:", z.string()]),
]);

export function callRoutes({ gateway }: AdminServices): readonly AdminRoute[] {
  const { ledger } = gateway;
  return [
    defineAdminRoute({
      method: "GET",
      url: "/admin/v1/usage",
      group: "calls",
      summary: "Add up calls, tokens and cost by any columns.",
      query: z.strictObject({
        ...filter,
        by: listOf(usageDimension).exactOptional().describe("Columns, as team,model. Default: one row in all."),
        timeZone: z
          .string()
          .refine(isTimeZone, "is no time zone")
          .exactOptional()
          .describe("For hours, days and months. Default UTC."),
        count: wholeNumber(1, 100_000).exactOptional().describe("Rows, the dearest first. Default 1 000."),
      }),
      answer: z.strictObject({ rows: z.array(usageRow) }),
      handle: async ({ query: { by = [], timeZone, count: countMax, ...rest } }) => ({
        rows: await ledger.usage({
          by,
          ...(timeZone === undefined ? {} : { timeZone }),
          ...(countMax === undefined ? {} : { countMax }),
          ...filterOf(rest),
        }),
      }),
    }),
    defineAdminRoute({
      method: "GET",
      url: "/admin/v1/calls",
      group: "calls",
      summary: "List calls, newest first.",
      query: z.strictObject({ ...filter, count, cursor }),
      answer: z.strictObject({ calls: z.array(callRecord), cursor: nextCursor }),
      handle: ({ query: { count: countMax, cursor: after, ...rest } }) =>
        ledger.calls({
          ...(countMax === undefined ? {} : { countMax }),
          ...(after === undefined ? {} : { cursor: after }),
          ...filterOf(rest),
        }),
    }),
    defineAdminRoute({
      method: "GET",
      url: "/admin/v1/calls/:id",
      group: "calls",
      summary: "Explain one call: candidates, who was skipped and why, each attempt and its price.",
      params: z.strictObject({ id: z.string().min(1).max(200) }),
      answer: callRecord,
      handle: async ({ params }) => {
        const call = await ledger.call(params.id);
        if (call !== undefined) return call;
        throw new DragomanError({ code: "not_found", detail: "there is no such call", advice: "see GET /admin/v1/calls" });
      },
    }),
  ];
}

function filterOf({ from, to, outcome, tag, ...dimensions }: z.infer<typeof filterSchema>): CallFilter {
  const of = Object.fromEntries(DIMENSIONS.flatMap((name) => (dimensions[name] === undefined ? [] : [[name, dimensions[name]]])));
  const tags = Object.fromEntries(
    (tag ?? []).map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)]),
  );
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(Object.keys(of).length === 0 ? {} : { of }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
  };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
