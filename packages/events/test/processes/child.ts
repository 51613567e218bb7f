/** A test's own process, with what it prints line by line. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  /** All that was printed so far. */
  readonly lines: readonly string[];
  /** Resolves when it has printed so many lines; rejects when it ends before. */
  printed(count: number): Promise<void>;
  /** Resolves when it has ended and all that it printed was read. */
  readonly ended: Promise<void>;
}

const NODE_COMPILE_CACHE = join(tmpdir(), "dragoman-examples-compile-cache");

export function startChild(script: string, args: readonly string[]): Child {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    env: { ...process.env, NODE_COMPILE_CACHE },
  });
  const lines: string[] = [];
  let said = "";
  const reader = createInterface(child.stdout);
  reader.on("line", (line) => lines.push(line));
  child.stderr.on("data", (text) => {
    said += text;
  });
  const ended = once(child, "close").then(() => {});

  async function printed(count: number): Promise<void> {
    while (lines.length < count) {
      const outcome = await Promise.race([once(reader, "line"), ended.then(() => "ended")]);
      if (outcome === "ended" && lines.length < count) throw new Error(`${script} ended: ${said}`);
    }
  }

  return { process: child, lines, printed, ended };
}
