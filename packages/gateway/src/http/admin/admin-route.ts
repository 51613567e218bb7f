/** What a route of the admin API is: data, from which it is mounted, checked and described. */
import type { EventLog } from "@dragoman/events";
import { z } from "zod";
import type { Gateway } from "../../gateway.ts";
import type { Audit } from "../../tenancy/audit/audit.ts";
import { checked } from "../../tenancy/restrictions.ts";

/** What the admin API administers. */
export interface AdminServices {
  readonly gateway: Pick<Gateway, "tenancy" | "ledger" | "meter" | "health" | "configuration">;
  readonly audit: Audit;
  /** The log that the audit is kept in. */
  readonly log: EventLog;
  /** Reads the configuration's file anew and puts it in force. Absent: the configuration has no file. */
  readonly reload?: () => Promise<void>;
  readonly version: string;
}

export interface AdminRoute {
  readonly method: "GET" | "POST" | "DELETE";
  /** Fastify's pattern. */
  readonly url: string;
  /** Under which the description groups it. */
  readonly group: string;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  /** Undefined: it takes none. */
  readonly body: z.ZodType | undefined;
  readonly status: 200 | 201;
  /** What it answers. Described, not checked: a test holds real answers against it. */
  readonly answer: z.ZodType;
  /** Rejects with a `DragomanError`. */
  readonly handle: (request: AdminRequest) => Promise<unknown>;
}

/** A request that was let in, as it came. */
export interface AdminRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly actor: AdminActor;
  readonly signal: AbortSignal;
}

export interface AdminActor {
  /** As `key:k_7f3a…`. */
  readonly name: string;
  readonly address: string | undefined;
}

interface RouteDefinition<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> {
  readonly method: AdminRoute["method"];
  readonly url: string;
  readonly group: string;
  readonly summary: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly status?: 201;
  readonly answer: z.ZodType;
  readonly handle: (input: {
    readonly params: z.infer<Params>;
    readonly query: z.infer<Query>;
    readonly body: z.infer<Body>;
    readonly actor: AdminActor;
    readonly signal: AbortSignal;
  }) => Promise<unknown>;
}

const NOTHING = z.strictObject({});
/** Clients that always send a body send an empty object. */
const NO_BODY = NOTHING.optional();

/** What is not described is refused: a misspelt setting must not pass for one that was left out. */
export function defineAdminRoute<
  Params extends z.ZodObject = typeof NOTHING,
  Query extends z.ZodObject = typeof NOTHING,
  Body extends z.ZodType = typeof NO_BODY,
>(definition: RouteDefinition<Params, Query, Body>): AdminRoute {
  const { method, url, group, summary, params, query, body, status = 200, answer, handle } = definition;
  return {
    method,
    url,
    group,
    summary,
    params: params ?? NOTHING,
    query: query ?? NOTHING,
    body,
    status,
    answer,
    handle: (request) =>
      handle({
        params: read(params ?? NOTHING, request.params, "params"),
        query: read(query ?? NOTHING, request.query, "query"),
        body: read(body ?? NO_BODY, request.body ?? undefined, ""),
        actor: request.actor,
        signal: request.signal,
      } as Parameters<typeof handle>[0]),
  };
}

function read(schema: z.ZodType, value: unknown, subject: string): unknown {
  return checked(schema, value, subject);
}
