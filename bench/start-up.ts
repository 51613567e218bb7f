/**
 * What it costs to begin: processes started one after the other, each against a bare Node in the same round. Once as
 * published (built), which is what the budgets are about, and once from the TypeScript sources of a checkout.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Benchmark, BenchOptions, BenchResult, Budget } from "./bench.ts";
import { median } from "./median.ts";
import { publishLocally } from "./published.ts";

const SOURCE_COMMAND = join(import.meta.dirname, "../packages/cli/src/main.ts");
const RUN_MS_MAX = 30_000;

export const startUp: Benchmark = {
  name: "start-up",
  async run(options) {
    const published = await publishLocally();
    const home = mkdtempSync(join(tmpdir(), "dragoman-bench-"));
    try {
      const imports = measureImports(published.folder, home, options);
      const commands = measureCommands(published.command, home, options);
      return [imports, commands, await measureServe(published.command, home, options)];
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
};

/** No keys, no user data: what is found on this machine must not matter. */
function environmentIn(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home, NO_COLOR: "1" };
}

interface Import {
  readonly ms: number;
  readonly mib: number;
}

/** Time and memory since the process began, told by itself. */
const TELL = "console.log(JSON.stringify({ ms: performance.now(), mib: process.memoryUsage.rss() / 2 ** 20 }))";

function measureImports(folder: string, home: string, { quick }: BenchOptions): BenchResult {
  const scripts = [
    { name: "bare Node", file: scriptIn(folder, "bare.mjs", TELL) },
    { name: "@dragoman/llm", file: scriptIn(folder, "import.mjs", `await import("@dragoman/llm");\n${TELL}`) },
    {
      name: "@dragoman/llm from source",
      file: scriptIn(import.meta.dirname, ".import-source.mjs", `await import("@dragoman/llm");\n${TELL}`),
    },
  ];
  const found = interleave(scripts, quick ? 3 : 25, ({ file }): Import => {
    const run = spawnSync(process.execPath, [file], { encoding: "utf8", timeout: RUN_MS_MAX, env: environmentIn(home) });
    if (run.status !== 0) throw new Error(`importing failed: ${run.stderr}`);
    return JSON.parse(run.stdout) as Import;
  });
  rmSync(join(import.meta.dirname, ".import-source.mjs"));
  const [bare = []] = [...found.values()];
  return {
    name: "import",
    title: 'Start-up, `import "@dragoman/llm"`',
    method: "More than a bare Node of the same round; time and resident memory since the process began, told by itself.",
    rows: [...found].flatMap(([{ name }, runs], index) => {
      const more = (key: keyof Import) => median(runs.map((run, round) => run[key] - (bare[round]?.[key] ?? Number.NaN)));
      const figures = { ms: median(runs.map(({ ms }) => ms)), MiB: median(runs.map(({ mib }) => mib)) };
      if (index === 0) return [{ subject: name, figures }];
      const all = { ...figures, "more ms": more("ms"), "more MiB": more("mib") };
      if (index === 2) return [{ subject: name, figures: all }];
      return [
        { subject: name, figures: all, budget: { figure: "more ms", atMost: 60 } },
        { subject: `${name}, memory`, figures: all, budget: { figure: "more MiB", atMost: 25 } },
      ];
    }),
  };
}

function scriptIn(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, `${text}\n`);
  return file;
}

function measureCommands(command: string, home: string, { quick }: BenchOptions): BenchResult {
  const budget: Budget = { figure: "ratio", atMost: 2.5 };
  const commands = [
    { name: "node -e 0", args: ["-e", "0"] },
    { name: "dragoman --version", args: [command, "--version"], budget },
    { name: "dragoman --help", args: [command, "--help"], budget },
    { name: "dragoman --version from source", args: [SOURCE_COMMAND, "--version"] },
    { name: "dragoman --help from source", args: [SOURCE_COMMAND, "--help"] },
  ];
  const found = interleave(commands, quick ? 5 : 25, ({ args }): number => {
    const startedAt = performance.now();
    const run = spawnSync(process.execPath, args, { stdio: "ignore", timeout: RUN_MS_MAX, env: environmentIn(home) });
    if (run.status !== 0) throw new Error(`${args.join(" ")} ended with ${run.status}`);
    return performance.now() - startedAt;
  });
  const [bare = []] = [...found.values()];
  return {
    name: "command",
    title: "Start-up, the command",
    method: "Wall-clock time from starting the process to its end, against a bare Node in the same round.",
    rows: [...found].map(([{ name, budget: kept }, runs]) => ({
      subject: name,
      figures: { ms: median(runs) },
      ratio: median(runs.map((ms, round) => ms / (bare[round] ?? Number.NaN))),
      ...(kept === undefined ? {} : { budget: kept }),
    })),
  };
}

async function measureServe(command: string, home: string, { quick }: BenchOptions): Promise<BenchResult> {
  const rows = [];
  for (const [subject, file, budget] of [
    ["dragoman serve", command, { figure: "idle RSS MiB", atMost: 80 }],
    ["dragoman serve from source", SOURCE_COMMAND, undefined],
  ] as const) {
    const runs: Serving[] = [];
    for (let round = 0; round < (quick ? 2 : 9); round++) runs.push(await startServing(file, home));
    const rss = runs.flatMap(({ rssMiB }) => rssMiB ?? []);
    rows.push({
      subject,
      figures: {
        "ms to listening": median(runs.map(({ listeningMs }) => listeningMs)),
        ...(rss.length === 0 ? {} : { "idle RSS MiB": median(rss) }),
      },
      ...(budget === undefined || rss.length === 0 ? {} : { budget }),
    });
  }
  return {
    name: "serve",
    title: "Start-up, `dragoman serve`",
    method:
      "From starting the process to its line about where it listens, without any provider set up; memory half a second later.",
    rows,
  };
}

interface Serving {
  readonly listeningMs: number;
  /** Only where `/proc` tells it. */
  readonly rssMiB?: number;
}

const IDLE_MS = 500;

async function startServing(command: string, home: string): Promise<Serving> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [command, "serve", "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: environmentIn(home),
    cwd: home,
    timeout: RUN_MS_MAX,
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  try {
    for await (const _line of child.stdout.setEncoding("utf8")) break;
    const listeningMs = performance.now() - startedAt;
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const rssMiB = residentMiB(child.pid);
    return { listeningMs, ...(rssMiB === undefined ? {} : { rssMiB }) };
  } finally {
    child.kill("SIGTERM");
    await gone;
  }
}

function residentMiB(pid: number | undefined): number | undefined {
  if (process.platform !== "linux" || pid === undefined) return undefined;
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024;
}

/** A B C, A B C, …; what each run found, by its subject. */
function interleave<Subject, Found>(
  subjects: readonly Subject[],
  rounds: number,
  run: (subject: Subject) => Found,
): ReadonlyMap<Subject, readonly Found[]> {
  const found = new Map<Subject, Found[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round++) for (const [subject, runs] of found) runs.push(run(subject));
  return found;
}
