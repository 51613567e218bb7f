import { userMessage } from "../../message.ts";
import type { ConformanceCase, ProviderSubject } from "./conformance-case.ts";
import { collect, errorOf, expectCode, expectTrue, streamError } from "./expect.ts";
import { until } from "./until.ts";
import { withProvider } from "./with-provider.ts";

/** Law 5. The faults `silence` and `stall` give the time in which to abort, without any clock. */
export function abortCases(subject: ProviderSubject): readonly ConformanceCase[] {
  const { faults, models } = subject;
  const noFaults = faults === undefined ? { unavailable: "the vendor brings no faults about" } : {};
  const messages = [userMessage("Repeat: one two three four five six seven eight")];
  return [
    {
      name: "does not send a call that is aborted already",
      run: withProvider(subject, async ({ provider, requestCount }) => {
        const signal = AbortSignal.abort();
        expectCode(await errorOf(provider.complete({ model: models.text, messages, signal })), "aborted");
        expectCode(streamError(await collect(provider.stream({ model: models.text, messages, signal }))).error, "aborted");
        if (requestCount !== undefined) expectTrue(requestCount() === 0, "a request went out");
      }),
    },
    {
      name: "an abort while it waits reaches the vendor",
      ...noFaults,
      run: withProvider(subject, async ({ provider, requestCount, waitForAbort }) => {
        const controller = new AbortController();
        const failed = errorOf(
          provider.complete({ model: faults?.model("fault-silence") ?? "", messages, signal: controller.signal }),
        );
        await until(() => requestCount === undefined || requestCount() > 0);
        controller.abort();
        expectCode(await failed, "aborted");
        await waitForAbort?.();
      }),
    },
    {
      name: "an abort in the middle of a stream keeps what had arrived",
      ...noFaults,
      run: withProvider(subject, async ({ provider, waitForAbort }) => {
        const controller = new AbortController();
        const events = [];
        for await (const event of provider.stream({
          model: faults?.model("fault-stall") ?? "",
          messages,
          signal: controller.signal,
        })) {
          events.push(event);
          if (event.type === "text-delta") controller.abort();
        }
        const { error, partial } = streamError(events);
        expectCode(error, "aborted");
        expectTrue((partial?.message.parts.length ?? 0) > 0, "the partial completion is empty");
        await waitForAbort?.();
      }),
    },
    {
      name: "leaving a stream early closes it at the vendor",
      ...noFaults,
      run: withProvider(subject, async ({ provider, waitForAbort }) => {
        for await (const event of provider.stream({ model: faults?.model("fault-stall") ?? "", messages })) {
          if (event.type === "text-delta") break;
        }
        await waitForAbort?.();
      }),
    },
  ];
}
