/** Every example runs as it stands, and says what it promises. */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OFFLINE, type RunInTurn, runInTurn } from "../scripts/in-turn/run-in-turn.ts";

const execute = promisify(execFile);

/** What an example has to print. */
const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  "01-complete.ts": [/Why is the sky blue/, /sim:echo finished with stop/, /note: .*simulator/],
  "02-stream.ts": [/Count from one to five/, /\d+ characters, \d+ tokens, finished with stop/],
  "03-tools.ts": [/turn 1: get_weather and get_time/, /get_weather → 18 °C .* get_time → 09:41/],
  "04-structured-output.ts": [/.+: \d+ minutes, \d+ ingredients/],
  "05-images.ts": [/takes images: yes/, /image\/png of \d+ bytes/],
  "06-reasoning-and-handoff.ts": [
    /thought: \S/,
    /handoff: reasoning as-text, message 1/,
    /messages are ready for openai-responses/,
  ],
  "07-errors-and-retry.ts": [/attempt 1: rate_limited/, /“Hello”/, /model_not_found: retryable false, action switch-model/],
  "08-usage-and-cost.ts": [/2 calls, 0 USD, 0 of unknown cost/, /gpt-4\.1-mini: 0\.0000\d+ USD \(genai-prices/],
  "09-own-openai-compatible-vendor.ts": [/models at http/, /mine over openai-chat: .*“Hello”/],
  "10-testing-with-a-script.ts": [/pass 2/, /fail 0/],
  "11-sync.ts": [/“Hello from a script”/],
  "12-serve-in-process.ts": [/OpenAI: \{.*“Hello”/, /Anthropic: \{.*“Hello”/, /Ollama: \{.*“Hello”/],
  "13-fallback-and-limits.ts": [/spare answered: .*“Who answers\?”/, /tried first: first:fault-overloaded, overloaded/],
  "14-response-cache.ts": [/same time: true/, /again: from the cache true, cost 0 USD/, /another user: .*false/, /anew: .*false/],
  "15-search.ts": [
    /sky blue\?: answer/,
    /found by searxng: weather changes by the hour/,
    /\[1\] https:\/\/weather\.example\/oslo/,
    /without the service: failed, searxng connection_failed/,
  ],
  "16-prompt-cache.ts": [
    /rule one\? .*first-call/,
    /rule three\? .*read \d{4} tokens$/m,
    /handbook: \d+ tokens came from the cache, .* 0\.0\d+ USD/,
  ],
  "17-embeddings.ts": [/nearest: The cat sleeps/, /\d+ tokens, \S+ USD/, /ranked first: The cat sleeps/],
  "18-batch.ts": [/running: 0 of 3/, /completed: 3 of 3/, /rome: .*One sentence on Rome/, /0\.000\d+ USD, half/],
  "19-files.ts": [/paper\.pdf is ready, 22 bytes/, /What is it about.*application\/pdf of 22 bytes/, /0 files are left/],
  "20-fine-tuning.ts": [/step 4 of 4: loss 0\.50/, /succeeded: call it as openai:ft:gpt-4\.1-mini:fake:brief:/],
  "21-event-log.ts": [
    /account-1 is at version 1, not at 0/,
    /2 of 3 were paid/,
    /turnover 25 at position 3, kept as .*"position":3/,
  ],
  "22-gateway-in-process.ts": [
    /anthropic:claude-sonnet-4-5 answered: .*“Who answers\?”/,
    /fallback: another target answered: openai:gpt-4\.1-mini overloaded/,
    /spent 0\.000\d+ of 0\.02 USD/,
    /attempt 1: openai:gpt-4\.1-mini failed, overloaded\nattempt 2: anthropic:claude-sonnet-4-5 answered/,
  ],
  "23-keys-and-teams.ts": [
    /k_\w+ is anna's, of team search; .*: dgm_…/,
    /fast: 200 openai:gpt-4\.1-mini/,
    /dear: 403 .*search may not use the model dear/,
    /fast: 401 .* is revoked/,
    /example: key\.revoked\nexample: key\.created/,
  ],
  "24-limits.ts": [
    /slow: answered/,
    /slow: rate_limited .*"one a minute".*retry after \d+ s/,
    /thrifty: answered .*"a tenth of a cent".*is used to \d+ %/,
    /thrifty: quota_exceeded .*"a tenth of a cent"/,
    /(narrow: answered\s+){3}/,
  ],
  "25-ledger-usage.ts": [
    /ads gpt-4\.1-mini: 1 calls, 1 attempts, 0\.0000\d+ USD/,
    /^tag:release,calls,attempts,answered/m,
    /^7,3,4,3,/m,
    /smart went to openai:gpt-4\.1 after vendor_error: answered/,
  ],
};

/** Its tests begin when its module has ended, so it has a process of its own. */
const ALONE = "10-testing-with-a-script.ts";

/** Milliseconds. */
const TIMEOUT_MS = 120_000;

const numbered = readdirSync(import.meta.dirname).filter((name) => /^\d\d-.*\.ts$/.test(name));
const pathOf = (name: string) => join(import.meta.dirname, name);
const { DRAGOMAN_MODEL: _ignored, FORCE_COLOR: _colour, ...environment } = process.env;

test("each numbered example is tried", () => {
  expect(numbered).toEqual(Object.keys(EXPECTED));
});

describe("offline, against the simulator", () => {
  const together = numbered.filter((name) => name !== ALONE);
  let ran: RunInTurn;
  beforeAll(async () => {
    ran = await runInTurn(together.map(pathOf), environment);
  }, TIMEOUT_MS);

  test.each(together)("%s", (name) => {
    const output = expectEndedWell(ran, name);
    for (const pattern of EXPECTED[name] ?? []) expect(output).toMatch(pattern);
  });

  test("none leaves anything behind that keeps a process alive", () => {
    expect(ran.process).toBe("ended well");
  });

  test(
    ALONE,
    async () => {
      const { stdout } = await execute(process.execPath, ["--import", OFFLINE, pathOf(ALONE)], { env: environment });
      for (const pattern of EXPECTED[ALONE] ?? []) expect(stdout).toMatch(pattern);
    },
    TIMEOUT_MS,
  );
});

describe("against the model that DRAGOMAN_MODEL names", () => {
  const asked = { "01-complete.ts": "Why is the sky blue", "03-tools.ts": "get_weather", "11-sync.ts": "Hello from a script" };
  let vendor: FakeVendor;
  let ran: RunInTurn;
  beforeAll(async () => {
    vendor = await startFakeVendor("anthropic");
    ran = await runInTurn(Object.keys(asked).map(pathOf), {
      ...environment,
      DRAGOMAN_MODEL: "anthropic:claude-sonnet-4-5",
      ANTHROPIC_API_KEY: "sk-example",
      ANTHROPIC_BASE_URL: vendor.baseUrl,
    });
  }, TIMEOUT_MS);
  afterAll(() => vendor.close());

  test.each(Object.entries(asked))("%s", (name, words) => {
    expectEndedWell(ran, name);
    const bodies = vendor.requests.filter(({ path }) => path.endsWith("/messages")).map(({ body }) => JSON.stringify(body));
    expect(bodies.some((body) => body?.includes(words))).toBe(true);
  });

  test("none leaves anything behind that keeps a process alive", () => {
    expect(ran.process).toBe("ended well");
  });
});

/** What the example printed. */
function expectEndedWell({ runs, process: wholly }: RunInTurn, name: string): string {
  const run = runs.find(({ file }) => file === pathOf(name));
  expect(run?.outcome ?? `was not reached: the process ${wholly}`, run?.output).toBe("ended well");
  return run?.output ?? "";
}
