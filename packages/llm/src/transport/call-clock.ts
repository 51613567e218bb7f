/**
 * Watches the limits of one call with one timer. What happens often (a piece of the body came) only notes the time; the
 * timer is armed for the soonest limit, looks at the notes when it fires and is armed anew if the limit has moved. A call
 * that is over within its first limit costs one `setTimeout` and one `clearTimeout`, however many pieces it had.
 */
import type { TransportTimeouts } from "./timeouts.ts";

/** What a call is waiting for. */
export type CallPhase = "connectMs" | "firstByteMs" | "idleMs";

export type TimeoutName = CallPhase | "totalMs";

/** The longest delay that `setTimeout` takes; a longer one would fire at once. Milliseconds. */
const DELAY_MAX_MS = 2 ** 31 - 1;

export class CallClock {
  private readonly limits: TransportTimeouts;
  private readonly onExpired: (name: TimeoutName, limitMs: number) => void;
  private readonly startedAt = performance.now();
  private phase: CallPhase;
  private phaseStartedAt = this.startedAt;
  private paused = false;
  private stopped = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private timerDueAt = Infinity;

  /** Starts at once. `onExpired` is called at most once, never from within a call of this object. */
  constructor(limits: TransportTimeouts, phase: CallPhase, onExpired: (name: TimeoutName, limitMs: number) => void) {
    this.limits = limits;
    this.phase = phase;
    this.onExpired = onExpired;
    this.arm();
  }

  /** The call waits for the next thing. */
  enter(phase: CallPhase): void {
    if (this.stopped) return;
    this.phase = phase;
    this.phaseStartedAt = performance.now();
    this.arm();
  }

  /** Something came; the phase begins anew. */
  touch(): void {
    this.phaseStartedAt = performance.now();
  }

  /** We do not take anything now (the reader is slow), so the other side cannot be late. The total limit goes on. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.enter(this.phase);
  }

  /** The call is over. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private phaseDueAt(): number {
    return this.paused ? Infinity : this.phaseStartedAt + this.limits[this.phase];
  }

  private totalDueAt(): number {
    return this.startedAt + this.limits.totalMs;
  }

  /** Moves the timer only to an earlier time; a later one is found when it fires. */
  private arm(): void {
    const dueAt = Math.min(this.phaseDueAt(), this.totalDueAt());
    if (dueAt >= this.timerDueAt) return;
    clearTimeout(this.timer);
    this.timerDueAt = dueAt;
    const delayMs = Math.ceil(Math.max(0, dueAt - performance.now()));
    this.timer = setTimeout(this.look, Math.min(delayMs, DELAY_MAX_MS));
  }

  /**
   * A limit that seems to have passed is looked at once more a turn of the event loop later: after this process was busy
   * for long, what came in time may still lie unread in the socket.
   */
  private readonly look = (): void => {
    if (this.isDue()) this.timer = setTimeout(this.expire, 0);
    else this.rearm();
  };

  private readonly expire = (): void => {
    if (!this.isDue()) {
      this.rearm();
      return;
    }
    this.stop();
    if (this.phaseDueAt() <= this.totalDueAt()) this.onExpired(this.phase, this.limits[this.phase]);
    else this.onExpired("totalMs", this.limits.totalMs);
  };

  private rearm(): void {
    this.timerDueAt = Infinity;
    this.arm();
  }

  private isDue(): boolean {
    return Math.min(this.phaseDueAt(), this.totalDueAt()) <= performance.now();
  }
}
