import { userMessage } from "../../message.ts";
import type { Timeouts } from "../../request.ts";
import type { ConformanceCase, ProviderSubject } from "./conformance-case.ts";
import { collect, errorOf, expectCode, expectTrue, streamError } from "./expect.ts";
import { withProvider } from "./with-provider.ts";

/** Short, since the vendor of these cases never answers: the length of the wait decides nothing. Milliseconds. */
const SHORT_MS = 60;

export function timeoutCases(subject: ProviderSubject): readonly ConformanceCase[] {
  const { faults } = subject;
  const unavailable = faults === undefined ? { unavailable: "the vendor brings no faults about" } : {};
  const messages = [userMessage("Repeat: one two three four five six seven eight")];

  const completeCase = (name: string, fault: string, timeouts: Timeouts): ConformanceCase => ({
    name,
    ...unavailable,
    run: withProvider(subject, async ({ provider }) => {
      const error = await errorOf(provider.complete({ model: faults?.model(fault) ?? "", messages, timeouts }));
      expectCode(error, "timeout");
      expectTrue(error.retryable, "a timeout should be retryable");
    }),
  });
  const streamCase = (name: string, fault: string, timeouts: Timeouts): ConformanceCase => ({
    name,
    ...unavailable,
    run: withProvider(subject, async ({ provider }) => {
      expectCode(
        streamError(await collect(provider.stream({ model: faults?.model(fault) ?? "", messages, timeouts }))).error,
        "timeout",
      );
    }),
  });
  return [
    completeCase("gives up on a silent vendor", "fault-silence", { firstByteMs: SHORT_MS }),
    completeCase("gives up when the whole call takes too long", "fault-silence", { totalMs: SHORT_MS }),
    streamCase("gives up on a vendor that is silent before a stream", "fault-silence", { firstByteMs: SHORT_MS }),
    streamCase("gives up on a stream without a first token", "fault-silence", { firstTokenMs: SHORT_MS }),
    streamCase("gives up on a stream that stalls", "fault-stall", { idleMs: SHORT_MS }),
    streamCase("gives up on a stream that takes too long in all", "fault-stall", { totalMs: 4 * SHORT_MS }),
  ];
}
