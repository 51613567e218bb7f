/**
 * A target as the chain of targets sees it: a provider that takes room before it is asked, and tells what came of it. It
 * asks again only where that may help: a vendor that stays silent is left, not asked twice, and what the gateway itself refuses
 * stays refused.
 */
import {
  type Completion,
  type CompletionCall,
  createFold,
  type DragomanError,
  openedStream,
  type Provider,
  type ReadyStream,
  resumedStream,
  retry,
  type StreamEvent,
  stagedStream,
  toDragomanError,
  wrapProvider,
} from "@dragoman/llm";
import type { FailingConfiguration } from "../configuration.ts";
import type { PlannedTarget } from "../routing/router.ts";
import { governedOf } from "./call-context.ts";
import type { StartedAttempt } from "./started-attempt.ts";

/** Before the first wait: long enough for a passing fault, short beside a fallback. Milliseconds. */
const FIRST_DELAY_MS = 250;

export interface TargetProviderOptions {
  readonly failing: FailingConfiguration;
  readonly attemptsPerTarget: number;
  readonly random?: () => number;
  readonly sleep?: (delayMs: number, signal: AbortSignal | undefined) => Promise<void>;
}

export function createTargetProvider(target: PlannedTarget, options: TargetProviderOptions): Provider {
  const own = new WeakSet<DragomanError>();

  function started(call: CompletionCall): StartedAttempt | Promise<StartedAttempt> {
    const notStarted = (thrown: unknown): never => {
      const error = toDragomanError(thrown);
      own.add(error);
      throw error;
    };
    try {
      const attempt = governedOf(call).attempt(target, call);
      return attempt instanceof Promise ? attempt.catch(notStarted) : attempt;
    } catch (thrown) {
      return notStarted(thrown);
    }
  }

  async function complete(call: CompletionCall): Promise<Completion> {
    const begun = started(call);
    const attempt = begun instanceof Promise ? await begun : begun;
    try {
      const completion = await target.provider.complete(call);
      attempt.answered(completion.usage, completion.cost, lengthOf(completion));
      return completion;
    } catch (thrown) {
      const error = toDragomanError(thrown);
      attempt.failed(error);
      throw error;
    }
  }

  async function begun(call: CompletionCall): Promise<ReadyStream> {
    let attempt: StartedAttempt;
    try {
      attempt = await started(call);
    } catch (thrown) {
      return resumedStream([{ type: "error", error: toDragomanError(thrown), partial: createFold().completion() }]);
    }
    return stagedStream(target.provider.stream(call), {
      see(event) {
        note(event, attempt);
        return event;
      },
      // No-op once it has ended; else the caller left, or the provider broke its word.
      over: () => attempt.abandoned(),
    });
  }

  const stream = (call: CompletionCall): ReadyStream => openedStream(() => begun(call));

  return retry(wrapProvider(target.provider, { complete, stream }), {
    attemptsMax: options.attemptsPerTarget,
    firstDelayMs: FIRST_DELAY_MS,
    delayMsMax: options.failing.waitMaxMs,
    retryIf: (error) => error.code !== "timeout" && !own.has(error),
    ...(options.random === undefined ? {} : { random: options.random }),
    ...(options.sleep === undefined ? {} : { sleep: options.sleep }),
  });
}

/** Before the event goes out: whoever has the end may start the next call. */
function note(event: StreamEvent, attempt: StartedAttempt): void {
  switch (event.type) {
    case "text-delta":
    case "reasoning-delta":
    case "refusal-delta":
    case "tool-call-delta":
      attempt.arrived(event.text.length);
      break;
    case "tool-call-start":
      attempt.arrived(event.name.length);
      break;
    case "usage":
      attempt.counted(event.usage);
      break;
    case "finish":
      attempt.answered(event.usage, event.cost);
      break;
    case "error":
      attempt.failed(event.error, event.partial?.usage);
      break;
    default:
  }
}

function lengthOf({ message }: Completion): number {
  let length = 0;
  for (const part of message.parts) {
    if (part.type === "text" || part.type === "reasoning" || part.type === "refusal") length += part.text.length;
    else if (part.type === "tool-call")
      length += part.name.length + (part.argumentsText ?? JSON.stringify(part.arguments)).length;
  }
  return length;
}
