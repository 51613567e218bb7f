/** Gateways in processes of their own, to be killed. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { LimitRule } from "../../src/configuration.ts";
import { PEPPER, VENDOR_KEY } from "./gateway-nodes.ts";

export interface NodeOrder {
  readonly node: string;
  readonly file: string;
  readonly baseUrl: string;
  readonly limits: readonly LimitRule[];
}

export interface NodeProcess {
  /** Ids of calls whose answer it has told of. */
  readonly answered: Set<string>;
  readonly refused: number;
  /** Has it make so many calls, some at once; resolves when it has told of all. */
  call(count: number): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** An orderly end. */
  stop(): Promise<void>;
}

export async function startNodeProcess(order: NodeOrder, url: string): Promise<NodeProcess> {
  const child: ChildProcess = fork(join(import.meta.dirname, "processes", "gateway-node.ts"), [JSON.stringify(order)], {
    env: { ...process.env, DATABASE_URL: url, DRAGOMAN_PEPPER: PEPPER, VENDOR_KEY },
    execArgv: [],
  });
  const answered = new Set<string>();
  let refused = 0;
  let onDone = (): void => {};
  child.on("message", (told: { answered?: string; refused?: string; done?: true }) => {
    if (told.answered !== undefined) answered.add(told.answered);
    if (told.refused !== undefined) refused += 1;
    if (told.done) onDone();
  });
  const [first] = await Promise.race([once(child, "message"), once(child, "exit").then(() => ["it ended before it was ready"])]);
  if (typeof first === "string") throw new Error(first);
  return {
    answered,
    get refused() {
      return refused;
    },
    call(count) {
      const done = new Promise<void>((resolve) => {
        onDone = resolve;
      });
      child.send({ call: count });
      return done;
    },
    async kill() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.send({ stop: true });
      await gone;
    },
  };
}
