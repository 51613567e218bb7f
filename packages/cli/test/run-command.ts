/**
 * Runs the real command in a child process, cut off from the settings, files and engines of the machine. The command as it
 * is published, unless its sources are asked for.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DISCOVERY_VARIABLES } from "@dragoman/gateway";
import { builtCommand } from "./built-packages.ts";

const SOURCE = join(import.meta.dirname, "../src");
/** Built before the first test, when sources have changed: that takes seconds. */
const BUILT = await builtCommand();
/** Nothing listens there: port 1 needs rights that no test has. */
const NOWHERE = "http://127.0.0.1:1";

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** Which entry file of the sources, instead of the built command. */
  readonly source?: "main.mjs" | "main.ts";
}

export interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  readonly result: Promise<CommandResult>;
  /** Resolves when standard output, or standard error, holds the text. */
  readonly printed: (text: string, output?: "stdout" | "stderr") => Promise<string>;
}

export interface Sandbox {
  readonly home: string;
  readonly folder: string;
  /** Runs to the end, with the input (default: none) on standard input. */
  run(words: readonly string[], options?: StartOptions & { readonly input?: string | Buffer }): Promise<CommandResult>;
  start(words: readonly string[], options?: StartOptions): Started;
  remove(): void;
}

export function createSandbox(): Sandbox {
  const root = mkdtempSync(join(tmpdir(), "dragoman-cli-"));
  const home = join(root, "home");

  function start(words: readonly string[], { environment = {}, folder = root, source }: StartOptions = {}): Started {
    const child = spawn(process.execPath, [source === undefined ? BUILT : join(SOURCE, source), ...words], {
      cwd: folder,
      env: { ...baseEnvironment(home), ...environment },
    });
    const texts = { stdout: "", stderr: "" };
    const waiting = new Set<() => void>();
    for (const output of ["stdout", "stderr"] as const) {
      child[output].setEncoding("utf8").on("data", (text: string) => {
        texts[output] += text;
        for (const check of waiting) check();
      });
    }
    const result = new Promise<CommandResult>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, ...texts }));
    });
    function printed(text: string, output: "stdout" | "stderr" = "stdout"): Promise<string> {
      return new Promise((resolve, reject) => {
        const check = (): void => {
          if (!texts[output].includes(text)) return;
          waiting.delete(check);
          resolve(texts[output]);
        };
        waiting.add(check);
        check();
        void result.then((ended) => reject(new Error(`ended without printing ${text}: ${JSON.stringify(ended)}`)), reject);
      });
    }
    return { child, result, printed };
  }

  const run: Sandbox["run"] = (words, options = {}) => {
    const { child, result } = start(words, options);
    // A command that does not read its input may have ended before it is written.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
    return result;
  };

  return {
    home,
    folder: root,
    start,
    run,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function baseEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: home,
    DRAGOMAN_HOME: home,
    // One for all runs of all tests: compiling is most of what a start costs.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? "",
    ...Object.fromEntries(DISCOVERY_VARIABLES.map(({ urlVariable }) => [urlVariable, NOWHERE])),
  };
}
