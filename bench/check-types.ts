/** Two ways to check a project's types. Each throws when the project does not compile: its figures would mean nothing. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ROOT } from "../scripts/publishing/workspace.ts";
import type { TypesProject } from "./types-project.ts";

type TypeScript = typeof import("../docs/reference/node_modules/typescript/lib/typescript.js");
type Program = import("../docs/reference/node_modules/typescript/lib/typescript.js").Program;
type SourceFile = import("../docs/reference/node_modules/typescript/lib/typescript.js").SourceFile;

/** What one check took: a figure's name with its unit -> the figure. */
export type CheckFigures = Readonly<Record<string, number>>;

/** `tsc` of TypeScript 7, once. It tells times in whole milliseconds. */
export function checkWithCommand({ name, folder }: TypesProject): CheckFigures {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  // One thread and no garbage collector, which has threads of its own: what else the machine does changes less.
  const args = [tsc, "-p", folder, "--extendedDiagnostics", "--singleThreaded"];
  const run = spawnSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, GOGC: "off" } });
  if (run.status !== 0) throw new Error(`the sample does not compile ${name}: ${run.stdout}${run.stderr}`);
  const figure = (label: string): number => {
    const text = new RegExp(`^${label}:\\s+([\\d.]+)`, "m").exec(run.stdout)?.[1];
    if (text === undefined) throw new Error(`the compiler does not tell ${label}`);
    return Number(text);
  };
  return {
    "check ms": figure("Check time") * 1_000,
    "total ms": figure("Total time") * 1_000,
    allocations: figure("Memory allocs"),
    types: figure("Types"),
    instantiations: figure("Instantiations"),
  };
}

/** Checks with TypeScript 5.9 in this process, over files that are read and parsed once: an editor works so. */
export function createWarmChecker(projects: readonly TypesProject[]): (project: TypesProject) => CheckFigures {
  const ts: TypeScript = createRequire(join(ROOT, "docs/reference/package.json"))("typescript");
  const parsed = new Map<string, SourceFile | undefined>();
  const creators = new Map(projects.map((project) => [project, programCreator(ts, project, parsed)]));
  return (project) => {
    const program = creators.get(project)?.();
    if (program === undefined) throw new Error(`there is no project ${project.name}`);
    const before = process.threadCpuUsage();
    const problems = [...program.getGlobalDiagnostics(), ...program.getSemanticDiagnostics()];
    const { user, system } = process.threadCpuUsage(before);
    const [first] = problems;
    if (first !== undefined) {
      throw new Error(`the sample does not compile ${project.name}: ${ts.flattenDiagnosticMessageText(first.messageText, "\n")}`);
    }
    return {
      "check CPU ms": (user + system) / 1_000,
      types: program.getTypeCount(),
      instantiations: program.getInstantiationCount(),
    };
  };
}

/** Each program has a checker of its own, which knows nothing yet; the parsed files and where they lie are kept. */
function programCreator(ts: TypeScript, { folder }: TypesProject, parsed: Map<string, SourceFile | undefined>): () => Program {
  const { config } = ts.readConfigFile(join(folder, "tsconfig.json"), ts.sys.readFile);
  const { options, fileNames: rootNames } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile;
  host.getSourceFile = (file, ...rest) => {
    if (!parsed.has(file)) parsed.set(file, read(file, ...rest));
    return parsed.get(file);
  };
  const first = ts.createProgram({ rootNames, options, host });
  return () => ts.createProgram({ rootNames, options, host, oldProgram: first });
}
