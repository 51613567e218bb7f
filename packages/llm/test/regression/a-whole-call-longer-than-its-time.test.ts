/** `timeouts.totalMs` is the time of the whole call; `retry` gave as much again to every attempt. */
import { createScriptedProvider } from "@dragoman/llm/testing";
import { expect, test } from "vitest";
import { type CompletionCall, fold, retry, userMessage } from "../../src/index.ts";

function patient(steps: Parameters<typeof createScriptedProvider>[0]) {
  let time = 0;
  const given: (number | undefined)[] = [];
  const scripted = createScriptedProvider(
    steps.map((step) => ({
      ...step,
      expect: ({ timeouts }: CompletionCall) => {
        given.push(timeouts?.totalMs);
        time += 300;
      },
    })),
  );
  const provider = retry(scripted, {
    attemptsMax: 5,
    firstDelayMs: 100,
    random: () => 1,
    now: () => time,
    sleep: async (delayMs) => {
      time += delayMs;
    },
  });
  return { provider, given };
}

const call: CompletionCall = { model: "any", messages: [userMessage("Hello")], timeouts: { totalMs: 1_000 } };

test("a later attempt has what is left of the time", async () => {
  const { provider, given } = patient([{ error: "overloaded" }, { text: "Hi" }]);
  await provider.complete(call);
  expect(given).toEqual([1_000, 600]);
});

test("there is no attempt for which no time is left", async () => {
  const { provider, given } = patient([{ error: "overloaded" }, { error: "overloaded" }, { text: "Hi" }]);
  await expect(fold(provider.stream(call))).rejects.toMatchObject({ code: "overloaded" });
  expect(given).toEqual([1_000, 600]);
});
