/** Keys: list, create, rotate, revoke, restrict. A key itself is in one answer, and in no other. */
import { DragomanError } from "@dragoman/llm";
import { z } from "zod";
import { keyName, keyRestrictions, teamName } from "../../tenancy/restrictions.ts";
import type { KeyView } from "../../tenancy/tenancy.ts";
import { type AdminRoute, type AdminServices, defineAdminRoute } from "./admin-route.ts";
import { count, cursor, nextCursor } from "./query-values.ts";

const STATES = ["active", "expired", "revoked"] as const;
const at = z.int();

export const keyView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    team: z.string().exactOptional(),
    restrictions: keyRestrictions,
    state: z.enum(STATES),
    source: z.enum(["configuration", "created"]),
    createdAt: at.exactOptional(),
    createdBy: z.string().exactOptional(),
    rotatedAt: at.exactOptional(),
    overlapUntil: at.exactOptional().describe("Until when the key before the last rotation still holds."),
    lastUsedAt: at.exactOptional(),
    problem: z.string().exactOptional().describe("Why a key that is active does not work."),
  })
  .meta({ id: "Key", description: "A key without its secret. Times are milliseconds since 1970." });

const madeKey = z.strictObject({ key: z.string().describe("Shown this once."), entry: keyView });
const id = z.strictObject({ id: z.string().min(1).max(200).describe("Id of the key, or the name of one that holds.") });
const COUNT_DEFAULT = 50;

export function keyRoutes({ gateway }: AdminServices): readonly AdminRoute[] {
  const { tenancy } = gateway;
  const group = "keys";
  return [
    defineAdminRoute({
      method: "GET",
      url: "/admin/v1/keys",
      group,
      summary: "List the keys, those of the configuration first.",
      query: z.strictObject({ state: z.enum(STATES).exactOptional(), team: z.string().exactOptional(), count, cursor }),
      answer: z.strictObject({ keys: z.array(keyView), cursor: nextCursor }),
      handle: async ({ query }) => {
        await tenancy.refresh();
        const matching = tenancy
          .keys()
          .filter(({ state }) => query.state === undefined || state === query.state)
          .filter(({ team }) => query.team === undefined || team === query.team);
        return pageOfKeys(matching, query.count ?? COUNT_DEFAULT, query.cursor);
      },
    }),
    defineAdminRoute({
      method: "GET",
      url: "/admin/v1/keys/:id",
      group,
      summary: "Show one key.",
      params: id,
      answer: keyView,
      handle: async ({ params }) => {
        await tenancy.refresh();
        return findKey(tenancy.keys(), params.id);
      },
    }),
    defineAdminRoute({
      method: "POST",
      url: "/admin/v1/keys",
      group,
      summary: "Create a key. The answer holds it; nothing will show it again.",
      body: z.strictObject({
        name: keyName,
        team: teamName.exactOptional(),
        restrictions: keyRestrictions.exactOptional(),
      }),
      status: 201,
      answer: madeKey,
      handle: ({ body, actor }) => tenancy.createKey(body, actor),
    }),
    defineAdminRoute({
      method: "POST",
      url: "/admin/v1/keys/:id/rotate",
      group,
      summary: "Make a new key under the same id.",
      params: id,
      body: z
        .strictObject({ overlapMs: z.int().min(0).exactOptional().describe("How long the old key still holds. Default 0.") })
        .optional(),
      answer: madeKey,
      handle: ({ params, body, actor }) => tenancy.rotateKey(params.id, body ?? {}, actor),
    }),
    defineAdminRoute({
      method: "POST",
      url: "/admin/v1/keys/:id/revoke",
      group,
      summary: "End a key for good.",
      params: id,
      answer: keyView,
      handle: ({ params, actor }) => tenancy.revokeKey(params.id, actor),
    }),
    defineAdminRoute({
      method: "POST",
      url: "/admin/v1/keys/:id/restrict",
      group,
      summary: "Set what a key may do, in place of all that was set before.",
      params: id,
      body: keyRestrictions,
      answer: keyView,
      handle: ({ params, body, actor }) => tenancy.restrictKey(params.id, body, actor),
    }),
  ];
}

/** The cursor is the id of the last key of the page before; keys keep their order, and new ones come at the end. */
function pageOfKeys(keys: readonly KeyView[], countMax: number, after: string | undefined) {
  const index = after === undefined ? -1 : keys.findIndex((key) => key.id === after);
  if (after !== undefined && index === -1) {
    throw new DragomanError({
      code: "invalid_request",
      field: "cursor",
      detail: "the cursor is of no key here",
      advice: "begin anew",
    });
  }
  const page = keys.slice(index + 1, index + 1 + countMax);
  const last = page.at(-1);
  const isLast = index + 1 + countMax >= keys.length;
  return { keys: page, ...(isLast || last === undefined ? {} : { cursor: last.id }) };
}

function findKey(keys: readonly KeyView[], named: string): KeyView {
  const found = keys.find((key) => key.id === named) ?? keys.find((key) => key.name === named && key.state === "active");
  if (found !== undefined) return found;
  throw new DragomanError({ code: "not_found", detail: "there is no such key", advice: "see GET /admin/v1/keys" });
}
