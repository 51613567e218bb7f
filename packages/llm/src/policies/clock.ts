/** Time, as policies that wait need it. Inject one to test them without waiting. */
export interface Clock {
  /** Milliseconds from any fixed point; never goes back. */
  now(): number;
  /** Runs something once, later; the function that it returns calls that off. */
  after(delayMs: number, run: () => void): () => void;
}

/** The longest that a timer of the runtime can wait. Milliseconds; what is longer fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The machine's own time and timers. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(delayMs, TIMER_MS_MAX));
    return () => clearTimeout(timer);
  },
};
