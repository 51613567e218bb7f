/** Starts a server of the benchmark as a process of its own and asks it what it uses. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { ChildMessage } from "./servers/serve-child.ts";

export interface ChildServer extends AsyncDisposable {
  readonly url: string;
  usage(): Promise<{ readonly cpuMs: number; readonly rssBytes: number; readonly pid: number }>;
}

export interface ChildServerOptions {
  /** Binds the process to one core, on Linux with `taskset`. Default: wherever the system puts it. */
  readonly core?: number;
}

/** Of the machine: asked before any process is bound to some of them, which then sees no others. */
export const CORES = availableParallelism();

/** Longer than any of them takes to start on a busy machine. */
const START_MS_MAX = 30_000;

export async function startChildServer(
  file: string,
  args: readonly string[] = [],
  { core }: ChildServerOptions = {},
): Promise<ChildServer> {
  const node = [process.execPath, resolve(import.meta.dirname, "servers", file), ...args];
  const [command = "", ...rest] = core === undefined || !canPin() ? node : ["taskset", "-c", String(core), ...node];
  const child = spawn(command, rest, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const listening = await nextMessage(child);
  if (listening.type !== "listening") throw new Error(`${file} did not say where it listens`);
  return {
    url: listening.url,
    async usage() {
      child.send("usage");
      const message = await nextMessage(child);
      if (message.type !== "usage") throw new Error(`${file} did not say what it uses`);
      return message;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}

/** Whether a server can have a core to itself. */
export function canPin(): boolean {
  return process.platform === "linux" && CORES > 1;
}

async function nextMessage(child: ChildProcess): Promise<ChildMessage> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const timer = setTimeout(() => waiting.abort(new Error("a server of the benchmark did not answer")), START_MS_MAX);
  try {
    const [message] = await Promise.race([
      once(child, "message", { signal }),
      once(child, "exit", { signal }).then(() => Promise.reject(new Error("a server of the benchmark ended"))),
    ]);
    return message as ChildMessage;
  } finally {
    clearTimeout(timer);
    waiting.abort();
  }
}
