/** A server with nothing but the gate and the admin API, over a log in memory, with a ledger that notes what it is asked. */
import { createMemoryLog, type EventLog } from "@dragoman/events";
import { Secret } from "@dragoman/llm";
import Fastify, { type FastifyInstance } from "fastify";
import { defaultConfiguration } from "../../src/config/index.ts";
import type { GatewayConfiguration, ServerConfiguration } from "../../src/configuration.ts";
import { createGate } from "../../src/http/access/create-gate.ts";
import { type AdmittedOf, guardRoutes } from "../../src/http/access/guard-routes.ts";
import type { AdminRoute } from "../../src/http/admin/admin-route.ts";
import { adminRoutes } from "../../src/http/admin/admin-routes.ts";
import { mountAdminRoutes } from "../../src/http/admin/mount-admin-routes.ts";
import { parseRequestBody } from "../../src/http/request-body.ts";
import type { CallRecord } from "../../src/ledger/call-record.ts";
import type { CallQuery, UsageQuery } from "../../src/ledger/ledger.ts";
import { type Audit, createAudit } from "../../src/tenancy/audit/audit.ts";
import { createTenancy } from "../../src/tenancy/create-tenancy.ts";
import type { Tenancy } from "../../src/tenancy/tenancy.ts";

export const PEPPER = new Secret("a pepper of the tests, long enough");

export interface AdminUnderTest {
  readonly fastify: FastifyInstance;
  readonly tenancy: Tenancy;
  readonly audit: Audit;
  readonly log: EventLog;
  readonly routes: readonly AdminRoute[];
  readonly adminKey: string;
  readonly asked: { readonly usage: UsageQuery[]; readonly calls: CallQuery[] };
  /** Method, path and body, with the admin key unless told otherwise. */
  ask(method: "GET" | "POST" | "DELETE", path: string, options?: AskOptions): Promise<Asked>;
  close(): Promise<void>;
}

interface AskOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly remoteAddress?: string;
}

export interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Of JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface AdminUnderTestOptions {
  readonly clock?: () => number;
  readonly server?: Partial<ServerConfiguration>;
  readonly boundTo?: string;
  /** What the next reload finds. */
  readonly reload?: (before: GatewayConfiguration) => GatewayConfiguration;
  /** Mounted beside, before the server is ready. */
  readonly mount?: (fastify: FastifyInstance, admittedOf: AdmittedOf) => void;
}

export const CALL: CallRecord = {
  id: "call-1",
  startedAt: 1_700_000_000_000,
  node: "here",
  operation: "complete",
  key: "k_one",
  tags: {},
  asked: "fast",
  reserved: { requests: 1, inputTokens: 10, outputTokens: 10 },
  outcome: "answered",
  durationMs: 12,
  usage: { inputTokens: 3, outputTokens: 4 },
  knownCostUsd: 0.5,
  estimated: false,
  attempts: [{ number: 1, provider: "sim", model: "echo", outcome: "answered" }],
  decision: { candidates: [{ target: "sim:echo", eligible: true, reasons: ["first in order"] }] },
  warnings: [],
};

export async function startAdmin(options: AdminUnderTestOptions = {}): Promise<AdminUnderTest> {
  const { clock = () => 1_000_000, boundTo = "127.0.0.1" } = options;
  const log = createMemoryLog();
  const audit = createAudit(log, { clock });
  let configuration: GatewayConfiguration = defaultConfiguration();
  const tenancy = await createTenancy({ log, audit, configuration, pepper: PEPPER, clock, follow: false });
  const { key: adminKey } = await tenancy.createKey({ name: "root", restrictions: { admin: true } }, "test");
  const asked: AdminUnderTest["asked"] = { usage: [], calls: [] };
  const routes = adminRoutes({
    gateway: {
      tenancy,
      ledger: ledgerThatNotes(asked),
      meter: meterThatStands(),
      health: () => [{ target: "sim:echo", state: "closed", calls: 3, failures: 0 }],
      get configuration() {
        return configuration;
      },
    },
    audit,
    log,
    version: "1.2.3",
    reload: async () => {
      configuration = options.reload?.(configuration) ?? configuration;
    },
  });
  const fastify = Fastify({ routerOptions: { maxParamLength: 500, caseSensitive: true } });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
    try {
      done(null, parseRequestBody(Buffer.from(body)));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)), undefined);
    }
  });
  const server = { requireKey: undefined, trustedProxies: [], ...options.server };
  const admittedOf = guardRoutes(fastify, createGate({ tenancy, audit, server: () => server, boundTo: () => boundTo }));
  mountAdminRoutes(fastify, { load: async () => routes, admittedOf, bodyBytesMax: 1_000_000, report: () => {} });
  options.mount?.(fastify, admittedOf);

  return {
    fastify,
    tenancy,
    audit,
    log,
    routes,
    adminKey,
    asked,
    async ask(method, path, { body, headers = { authorization: `Bearer ${adminKey}` }, remoteAddress = "127.0.0.1" } = {}) {
      const json = body === undefined ? {} : { payload: JSON.stringify(body) };
      const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
      const answer = await fastify.inject({ method, url: path, headers: { ...type, ...headers }, remoteAddress, ...json });
      const isJson = String(answer.headers["content-type"]).includes("json");
      return {
        status: answer.statusCode,
        headers: answer.headers,
        text: answer.body,
        body: isJson ? JSON.parse(answer.body) : {},
      };
    },
    async close() {
      await fastify.close();
      await tenancy.close();
      await log.close();
    },
  };
}

function ledgerThatNotes(asked: AdminUnderTest["asked"]) {
  const notHere = (): never => {
    throw new Error("the admin API has no business here");
  };
  return {
    usage: async (query: UsageQuery) => {
      asked.usage.push(query);
      return [];
    },
    calls: async (query: CallQuery) => {
      asked.calls.push(query);
      return { calls: [CALL], cursor: "next" };
    },
    call: async (id: string) => (id === CALL.id ? CALL : undefined),
    open: notHere,
    close: notHere,
    refuse: notHere,
    recover: notHere,
    used: notHere,
    reprice: notHere,
    forget: notHere,
    end: notHere,
  };
}

function meterThatStands() {
  const notHere = (): never => {
    throw new Error("the admin API has no business here");
  };
  return {
    standings: () => [{ rule: "daily", subject: { team: "a" }, amount: 10, used: 1, reserved: 0, waiting: 0 }],
    reserve: notHere,
    check: notHere,
    configure: notHere,
    close: notHere,
  };
}
