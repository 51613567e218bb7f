import type { Completion } from "../../completion.ts";
import { DragomanError } from "../../errors.ts";
import { userMessage } from "../../message.ts";
import { FAULTS, type Fault, type FaultOutcome } from "../fake-vendors/faults.ts";
import { checkStream, foldEvents } from "../laws.ts";
import type { ConformanceCase, ProviderSubject } from "./conformance-case.ts";
import { collect, expectNone, expectTrue } from "./expect.ts";
import { withProvider } from "./with-provider.ts";

/** Those that end only by a limit are cases of their own. */
const ENDLESS: ReadonlySet<string> = new Set(["fault-silence", "fault-stall"]);

/** Laws 3, 4 and 6 under every fault: the right code, one end, no success that is none, no key in sight. */
export function faultCases(subject: ProviderSubject): readonly ConformanceCase[] {
  const { faults } = subject;
  return FAULTS.filter((fault) => !ENDLESS.has(fault.name) && isOf(fault, faults?.vendor)).flatMap((fault) => [
    {
      name: `${fault.name}: a whole answer comes to what the table says`,
      ...(faults === undefined ? { unavailable: "the vendor brings no faults about" } : {}),
      run: withProvider(subject, async ({ provider }) => {
        const outcome = await settled(
          provider.complete({ model: faults?.model(fault.name) ?? "", messages: [userMessage("Hello there, vendor.")] }),
        );
        expectOutcome(outcome, outcomeOf(fault, "complete", faults?.vendor), fault, subject.secret);
      }),
    },
    {
      name: `${fault.name}: a stream comes to what the table says`,
      ...(faults === undefined ? { unavailable: "the vendor brings no faults about" } : {}),
      run: withProvider(subject, async ({ provider }) => {
        const events = await collect(
          provider.stream({ model: faults?.model(fault.name) ?? "", messages: [userMessage("Hello there, vendor.")] }),
        );
        expectNone(checkStream(events), "the stream");
        const last = events.at(-1);
        if (last?.type === "error") expectTrue(last.partial !== undefined, "the error has no partial completion");
        expectOutcome(
          last?.type === "error" ? last.error : foldEvents(events),
          outcomeOf(fault, "stream", faults?.vendor),
          fault,
          subject.secret,
        );
      }),
    },
  ]);
}

function isOf(fault: Fault, vendor: string | undefined): boolean {
  return fault.vendors === undefined || fault.vendors.some((name) => name === vendor);
}

function outcomeOf(fault: Fault, kind: "complete" | "stream", vendor: string | undefined): FaultOutcome {
  const own = Object.entries(fault.byVendor ?? {}).find(([name]) => name === vendor)?.[1];
  return own ?? (kind === "stream" ? (fault.stream ?? fault.complete) : fault.complete);
}

async function settled(promise: Promise<Completion>): Promise<Completion | DragomanError> {
  try {
    return await promise;
  } catch (error) {
    if (DragomanError.is(error)) return error;
    throw error;
  }
}

function expectOutcome(
  outcome: Completion | DragomanError,
  expected: FaultOutcome,
  fault: Fault,
  secret: string | undefined,
): void {
  if (DragomanError.is(outcome)) {
    expectTrue(
      expected.errors?.includes(outcome.code) === true,
      `it failed with ${outcome.message}; expected ${JSON.stringify(expected)}`,
    );
    if (fault.retryAfter !== undefined)
      expectTrue(
        outcome.retryAfterMs === fault.retryAfter.ms,
        `it asks to wait ${outcome.retryAfterMs} ms, not ${fault.retryAfter.ms}`,
      );
    if (secret !== undefined)
      expectTrue(!`${outcome.message} ${JSON.stringify(outcome)} ${outcome.stack}`.includes(secret), "the error shows the key");
    return;
  }
  expectTrue(
    expected.finish === outcome.finish.reason,
    `it finished with ${outcome.finish.reason}; expected ${JSON.stringify(expected)}`,
  );
}
