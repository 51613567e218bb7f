/**
 * What every `ResponseStore` must do, as cases for any test runner:
 *
 *     for (const { name, run } of responseStoreCases({ open, close, now })) test(name, run);
 */
import type { Completion } from "../completion.ts";
import type { ResponseStore, StoredResponse } from "../policies/response-store.ts";
import type { ConformanceCase } from "./conformance/conformance-case.ts";
import { expectTrue } from "./conformance/expect.ts";
import { compareJson } from "./laws.ts";

/** A store that is to be tried. */
export interface ResponseStoreSubject {
  /** An empty store, for each case anew. */
  readonly open: () => Promise<ResponseStore> | ResponseStore;
  /** Called after each case. */
  readonly close?: (store: ResponseStore) => Promise<void>;
  /** The store's own clock. Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

const HOUR_MS = 3_600_000;

/** What every store of answers must do, as cases for a test runner. */
export function responseStoreCases({ open, close, now = Date.now }: ResponseStoreSubject): readonly ConformanceCase[] {
  const stored = (text: string, ageMs = 0): StoredResponse => ({
    completion: completionOf(text),
    storedAt: now() - ageMs,
    expiresAt: now() - ageMs + HOUR_MS,
  });

  function conformanceCase(name: string, check: (store: ResponseStore) => Promise<void>): ConformanceCase {
    const run = async (): Promise<void> => {
      const store = await open();
      try {
        await check(store);
      } finally {
        await close?.(store);
      }
    };
    return { name, run };
  }

  return [
    conformanceCase("has nothing under a key that was never set", async (store) => {
      expectTrue((await store.get(KEY)) === undefined, "an empty store gave something out");
    }),
    conformanceCase("gives back what was set, whole", async (store) => {
      const response = stored("世界 \u0000 👩‍🚀");
      await store.set(KEY, response);
      expectSame(await store.get(KEY), response);
    }),
    conformanceCase("keeps entries apart by the whole key", async (store) => {
      const [one, other] = [stored("one"), stored("other")];
      await store.set(`${KEY}a`, one);
      await store.set(`${KEY}b`, other);
      expectSame(await store.get(`${KEY}a`), one);
      expectSame(await store.get(`${KEY}b`), other);
      expectTrue((await store.get(KEY)) === undefined, "the beginning of a key found an entry");
    }),
    conformanceCase("replaces an entry", async (store) => {
      const later = stored("later");
      await store.set(KEY, stored("earlier"));
      await store.set(KEY, later);
      expectSame(await store.get(KEY), later);
    }),
    conformanceCase("deletes an entry, and tells whether there was one", async (store) => {
      await store.set(KEY, stored("gone soon"));
      expectTrue(await store.delete(KEY), "delete said that there was no entry");
      expectTrue((await store.get(KEY)) === undefined, "a deleted entry was given out");
      expectTrue(!(await store.delete(KEY)), "delete said that there was an entry where there was none");
    }),
    conformanceCase("gives nothing out that has expired", async (store) => {
      await store.set(KEY, stored("stale", HOUR_MS));
      expectTrue((await store.get(KEY)) === undefined, "an expired entry was given out");
    }),
    conformanceCase("gives out a copy", async (store) => {
      const response = stored("untouched");
      await store.set(KEY, response);
      const given = await store.get(KEY);
      if (given !== undefined) Reflect.set(given.completion, "id", "changed by the caller");
      expectSame(await store.get(KEY), response);
    }),
    conformanceCase("takes many entries at once", async (store) => {
      const responses = Array.from({ length: 20 }, (_, index) => stored(`answer ${index}`));
      await Promise.all(responses.map((response, index) => store.set(`${KEY}${index}`, response)));
      const given = await Promise.all(responses.map((_, index) => store.get(`${KEY}${index}`)));
      for (const [index, response] of responses.entries()) expectSame(given[index], response);
    }),
  ];
}

/** As long as those of `cache`. */
const KEY = "0123456789abcdef".repeat(4);

function expectSame(given: StoredResponse | undefined, expected: StoredResponse): void {
  const differences: string[] = [];
  compareJson(expected, given, "", differences);
  expectTrue(differences.length === 0, `the entry came back changed: ${differences.join("; ")}`);
}

function completionOf(text: string): Completion {
  const origin = { dialect: "scripted", provider: "store", model: "m" };
  return {
    id: "1",
    origin,
    message: {
      role: "assistant",
      parts: [
        { type: "reasoning", text: "so", vendor: { "anthropic-messages": { signature: "c2ln" } } },
        { type: "text", text },
        { type: "tool-call", id: "call_1", name: "look", arguments: { deep: [1, null, { a: true }] } },
      ],
      origin,
    },
    finish: { reason: "stop", raw: "end_turn" },
    usage: { inputTokens: 3, outputTokens: 0, raw: { in: 3 } },
    cost: { totalUsd: 0.000_001, inputUsd: 0.000_001, outputUsd: 0, catalogue: "own" },
    warnings: [{ type: "other", detail: "one" }],
  };
}
