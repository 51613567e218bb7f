/** Every example runs as a reader would run it, and says what it promises. */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFakeVendor } from "@dragoman/llm/testing";
import { describe, expect, test } from "vitest";

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
};

/** In each process, its worker threads included: nothing but loopback is called. */
const OFFLINE = new URL("../scripts/no-real-requests.ts", import.meta.url).href;

/** The sources are stripped of their types once, not once an example. */
const NODE_COMPILE_CACHE = join(tmpdir(), "dragoman-examples-compile-cache");

/** Each example is a process of its own. Milliseconds. */
const TIMEOUT_MS = 60_000;

const numbered = readdirSync(import.meta.dirname).filter((name) => /^\d\d-.*\.ts$/.test(name));

test("each numbered example is tried, and is short", () => {
  expect(numbered).toEqual(Object.keys(EXPECTED));
});

describe("offline, against the simulator", () => {
  test.each(numbered)(
    "%s",
    async (name) => {
      const { status, output } = await runExample(name);
      expect(status, output).toBe(0);
      for (const pattern of EXPECTED[name] ?? []) expect(output).toMatch(pattern);
    },
    TIMEOUT_MS,
  );
});

describe("against the model that DRAGOMAN_MODEL names", () => {
  test.each(["01-complete.ts", "03-tools.ts", "11-sync.ts"])(
    "%s",
    async (name) => {
      const vendor = await startFakeVendor("anthropic");
      const { status, output } = await runExample(name, {
        DRAGOMAN_MODEL: "anthropic:claude-sonnet-4-5",
        ANTHROPIC_API_KEY: "sk-example",
        ANTHROPIC_BASE_URL: vendor.baseUrl,
      });
      await vendor.close();
      expect(status, output).toBe(0);
      expect(vendor.requests.some(({ path }) => path.endsWith("/messages"))).toBe(true);
    },
    TIMEOUT_MS,
  );
});

function runExample(
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | null; readonly output: string }> {
  const { DRAGOMAN_MODEL: _ignored, FORCE_COLOR: _colour, ...inherited } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", OFFLINE, join(import.meta.dirname, name)], {
      env: { ...inherited, NODE_COMPILE_CACHE, ...environment },
    });
    let output = "";
    child.stdout.on("data", (text) => {
      output += text;
    });
    child.stderr.on("data", (text) => {
      output += text;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, output }));
  });
}
