/** `timeouts.totalMs` is the time of the whole call; `retry` gave as much again to every attempt. */
import { createScriptedProvider } from "@dragoman/llm/testing";
import { expect, test } from "vitest";
import { type CompletionCall, fold, retry, userMessage, wrapProvider } from "../../src/index.ts";

function patient(steps: Parameters<typeof createScriptedProvider>[0]) {
  let time = 0;
  const given: (number | undefined)[] = [];
  function noted(call: CompletionCall): CompletionCall {
    given.push(call.timeouts?.totalMs);
    time += 300;
    return call;
  }
  const scripted = createScriptedProvider(steps);
  const timed = wrapProvider(scripted, {
    complete: (call) => scripted.complete(noted(call)),
    stream: (call) => scripted.stream(noted(call)),
  });
  const provider = retry(timed, {
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

const within = (totalMs: number): CompletionCall => ({ model: "any", messages: [userMessage("Hello")], timeouts: { totalMs } });

test("a later attempt has what is left of the time", async () => {
  const { provider, given } = patient([{ error: "overloaded" }, { text: "Hi" }]);
  await provider.complete(within(1_000));
  expect(given).toEqual([1_000, 600]);
});

test("there is no attempt for which no time is left", async () => {
  const { provider, given } = patient([{ error: "overloaded" }, { error: "overloaded" }, { text: "Hi" }]);
  await expect(fold(provider.stream(within(800)))).rejects.toMatchObject({ code: "overloaded" });
  expect(given).toEqual([800, 400]);
});
