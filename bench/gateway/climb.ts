/** Asks a server at rising rates, until it falls behind. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Question } from "../ask.ts";
import type { Rung } from "./rates-within.ts";

export interface ClimbOptions {
  readonly question: Question;
  /** Rising. Questions a second. */
  readonly rates: readonly number[];
  /** How long each rate is held, after a lead that does not count. */
  readonly rungMs: number;
  readonly leadMs: number;
  /** Where the p99 is greater than that, the climb ends. Default: it goes through all rates. */
  readonly tooLateMs?: number;
}

export interface Climbed {
  readonly rungs: readonly Rung[];
  /** CPU time of whoever asked. */
  readonly cpuMs: number;
}

export interface Climber extends AsyncDisposable {
  /** Rejects when a question was not answered. */
  climb(options: ClimbOptions): Promise<Climbed>;
}

/** Room for what a rung leaves behind. MiB. */
const NURSERY_MIB = 64;
const V8_OPTIONS = [
  "--expose-gc",
  "--single-threaded-gc",
  `--min-semi-space-size=${NURSERY_MIB}`,
  `--max-semi-space-size=${NURSERY_MIB}`,
];

/** On the cores that this process has. */
export function startClimber(): Climber {
  const child = fork(join(import.meta.dirname, "climb-process.ts"), { execArgv: V8_OPTIONS });
  const ended = once(child, "exit");
  return {
    async climb(options) {
      child.send(options);
      const answered = once(child, "message");
      const failed = ended.then(() => Promise.reject(new Error("whoever asks the server has ended")));
      const [climbed] = (await Promise.race([answered, failed])) as [Climbed];
      return climbed;
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
