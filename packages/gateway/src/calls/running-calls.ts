/** How many calls are under way, and the end of taking more. */
import { DragomanError } from "@dragoman/llm";
import type { RunningCalls } from "./gateway-parts.ts";

export function createRunningCalls(): RunningCalls {
  let count = 0;
  let draining = false;
  const waiting = new Set<() => void>();

  return {
    get count() {
      return count;
    },
    get accepting() {
      return !draining;
    },
    enter() {
      if (draining) throw closing();
      count += 1;
    },
    leave() {
      count -= 1;
      if (count === 0) for (const tell of waiting) tell();
    },
    async drain(limitMs) {
      draining = true;
      if (limitMs <= 0) for (const tell of waiting) tell();
      else if (count > 0) await emptied(limitMs);
      return { cut: count };
    },
  };

  function emptied(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      waiting.add(done);
    });
  }
}

function closing(): DragomanError {
  return new DragomanError({
    code: "provider_unavailable",
    detail: "the gateway is stopping and takes no more calls",
    advice: "ask another node, or again in a moment",
    retryAfterMs: 1_000,
  });
}
