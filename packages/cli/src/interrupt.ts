import { EXIT } from "./exit.ts";

export interface Interrupt {
  /** Aborted by the first Ctrl+C. */
  readonly signal: AbortSignal;
  /** Gives Ctrl+C back its usual meaning. */
  dispose(): void;
}

/** The first Ctrl+C aborts what runs, the second ends the process at once. */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  const onInterrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on("SIGINT", onInterrupt);
  return { signal: controller.signal, dispose: () => process.off("SIGINT", onInterrupt) };
}
