/**
 * Every error of the table, brought about once on each wire: the same code, the same advice, and never the key. What no
 * vendor can bring about is brought about around a provider of that wire.
 */
import { FAULTS, type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createRegistry,
  DragomanError,
  ERROR_TABLE,
  type ErrorCode,
  type Provider,
  type ProviderOptions,
  Secret,
  structuredOutput,
  userMessage,
} from "../src/index.ts";
import { SECRET } from "./subjects/over-fake-vendor.ts";
import { EGRESS, type Egress } from "./translation/egress.ts";

const messages = [userMessage("Hello.")];

/** Codes that no provider gives, and who does. */
const NOT_OF_PROVIDERS: Readonly<Record<string, string>> = {
  method_not_allowed: "the server, for a client's wrong method",
  provider_unavailable: "policies, for a provider that was closed",
};

type Provocation = (provider: Provider, subject: Egress["vendor"]) => Promise<unknown>;

/** The codes that a fault of the fake vendor brings about. */
const BY_FAULT: readonly (readonly [ErrorCode, string])[] = [
  ["invalid_request", "fault-400"],
  ["unsupported", "fault-unsupported"],
  ["schema_unsupported", "fault-schema"],
  ["request_too_large", "fault-413"],
  ["context_overflow", "fault-context-overflow"],
  ["content_refused", "fault-policy"],
  ["permission_denied", "fault-403"],
  ["quota_exceeded", "fault-quota"],
  ["rate_limited", "fault-429-retry-after"],
  ["overloaded", "fault-529"],
  ["model_loading", "fault-warming"],
  ["connection_failed", "fault-reset"],
  ["timeout", "fault-504"],
  ["invalid_response", "fault-malformed"],
  ["vendor_error", "fault-500"],
  ["not_found", "fault-404"],
];

const PROVOCATIONS: Readonly<Record<string, Provocation>> = {
  ...Object.fromEntries(
    BY_FAULT.map(([code, fault]): [ErrorCode, Provocation] => [
      code,
      (provider) => provider.complete({ model: fault, messages }),
    ]),
  ),
  stream_truncated: async (provider) => {
    for await (const event of provider.stream({ model: "fault-cut", messages })) if (event.type === "error") throw event.error;
  },
  model_not_found: (provider) => provider.complete({ model: "a-model-that-nobody-serves", messages }),
  aborted: (provider, { models }) => provider.complete({ model: models.text, messages, signal: AbortSignal.abort() }),
  invalid_output: (provider, { models }) => {
    const output = { type: "json", schema: { type: "object", properties: { a: { type: "string" } }, required: ["a"] } } as const;
    return structuredOutput(provider, { repairsMax: 0, mode: "prompt" }).complete({ model: models.text, messages, output });
  },
  unknown_model: async (provider) => createRegistry([provider]).resolve("nobody:nothing"),
  ambiguous_model: async (provider) => {
    const both = { ...provider, supports: () => true };
    return createRegistry([both, { ...both, id: "another" }]).resolve("a-model-of-both");
  },
};

/** Those that need a provider of their own. */
const OPENED: Readonly<Record<string, ProviderOptions>> = {
  authentication: { key: new Secret("bad-key") },
  configuration: { key: "file:/nowhere/at/all" },
  internal: { transport: { send: () => Promise.reject(new TypeError(`a defect near ${SECRET}`)), close: async () => undefined } },
};

const vendors = new Map<string, FakeVendor>();
beforeAll(async () => {
  for (const { vendor } of EGRESS)
    if (!vendors.has(vendor.vendor)) vendors.set(vendor.vendor, await startFakeVendor(vendor.vendor));
});
afterAll(() => Promise.all([...vendors.values()].map((vendor) => vendor.close())));

const CODES = [...Object.keys(PROVOCATIONS), ...Object.keys(OPENED)];

test("no code of the table is left out, but for those that are somebody else's", () => {
  expect([...CODES, ...Object.keys(NOT_OF_PROVIDERS)].sort()).toEqual(Object.keys(ERROR_TABLE).sort());
  expect(BY_FAULT.filter(([, fault]) => !FAULTS.some(({ name }) => name === fault))).toEqual([]);
});

describe.each(EGRESS)("$wire", ({ vendor: subject, wire }) => {
  test.each(CODES)("%s", async (code) => {
    const baseUrl = vendors.get(subject.vendor)?.baseUrl ?? "";
    const provider = subject.create({ baseUrl, key: new Secret(SECRET), ...OPENED[code] });
    const provoke = PROVOCATIONS[code] ?? ((opened: Provider) => opened.complete({ model: subject.models.text, messages }));
    const error = await provoke(provider, subject).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!DragomanError.is(error)) throw new Error(`${wire} gave ${String(error)}`);
    expect(error.code, error.message).toBe(code);
    const facts = ERROR_TABLE[code as ErrorCode];
    expect({ scope: error.scope, action: error.action }).toEqual({ scope: facts.scope, action: facts.action });
    expect(error.advice).toContain(OWN_ADVICE[code] ?? facts.advice);
    expect(`${error.message} ${JSON.stringify(error)} ${String(error.stack)}`).not.toContain(SECRET);
  });
});

/** Where the next step is more particular than the table's. */
const OWN_ADVICE: Readonly<Record<string, string>> = {
  unknown_model: "name it as provider:model",
  ambiguous_model: "write one of",
};
