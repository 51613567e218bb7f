/**
 * What the types cost whoever compiles against them: `tsc --noEmit` over some twenty files that use most of the library,
 * against the declarations as published. The same declarations without the names of models, and without the options of
 * each wire, stand beside them, so that the table tells what each of the two costs.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buildPackage } from "../scripts/publishing/build-package.ts";
import { ROOT, workspacePackages } from "../scripts/publishing/workspace.ts";
import type { Benchmark, BenchResult } from "./bench.ts";
import { median, quantile } from "./median.ts";

/** Below `node_modules`, so that types of other packages are found and nothing of it is committed. */
const WORK = join(ROOT, "node_modules/.cache/dragoman-bench-types");
const SAMPLE = join(import.meta.dirname, "types-sample");
/** Each gets a copy of `vendor.ts`. */
const VENDORS = ["anthropic", "openai", "gemini", "mistral", "groq", "deepseek", "xai", "cohere"];

interface Compiler {
  readonly name: string;
  readonly file: string;
  readonly flags: readonly string[];
  readonly rounds: number;
}

/** One thread each, so that the other processes of the machine change less. */
const COMPILERS: readonly Compiler[] = [
  { name: "TypeScript 7", file: join(ROOT, "node_modules/typescript/bin/tsc"), flags: ["--singleThreaded"], rounds: 61 },
  { name: "TypeScript 5.9", file: join(ROOT, "docs/reference/node_modules/typescript/bin/tsc"), flags: [], rounds: 21 },
];

/** A project of its own: the sample beside an installation of the library. */
export interface TypesProject {
  readonly name: string;
  readonly folder: string;
  /** Against the first project. Each feature may cost a twentieth, both together a tenth. */
  readonly ratioMax?: number;
}

export const types: Benchmark = {
  name: "types",
  async run({ quick }) {
    rmSync(WORK, { recursive: true, force: true });
    const declarations = await buildDeclarations();
    const projects = [
      createProject("without names and options", declarations, [withoutNames, withoutOptions]),
      { ...createProject("with names of models", declarations, [withoutOptions]), ratioMax: 1.05 },
      { ...createProject("with options of wires", declarations, [withoutNames]), ratioMax: 1.05 },
      { ...createProject("@dragoman/llm", declarations, []), ratioMax: 1.1 },
    ];
    return COMPILERS.map((compiler) => measureTypes(compiler, projects, quick ? 3 : compiler.rounds));
  },
};

/** The folder of the built package. Its JavaScript is of no use here. */
async function buildDeclarations(): Promise<string> {
  const [llm] = workspacePackages().filter(({ manifest }) => manifest.name === "@dragoman/llm");
  if (llm === undefined) throw new Error("there is no package @dragoman/llm");
  await buildPackage(llm, []);
  return llm.dist;
}

type Change = (installed: string) => void;

/** Writes the project; the changes are made to its own copy of the declarations. */
export function createProject(name: string, declarations: string, changes: readonly Change[]): TypesProject {
  const folder = join(WORK, name.replaceAll(/\W+/g, "-"));
  const installed = join(folder, "node_modules/@dragoman/llm");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(installed, { recursive: true });
  cpSync(declarations, installed, { recursive: true, filter: (file) => !/\.(?:js|mjs|map|md)$/.test(file) });
  for (const change of changes) change(installed);
  for (const file of readdirSync(SAMPLE)) cpSync(join(SAMPLE, file), join(folder, file));
  const vendor = readFileSync(join(SAMPLE, "vendor.ts"), "utf8");
  for (const one of VENDORS) writeFileSync(join(folder, `vendor-${one}.ts`), vendor.replaceAll(/\banthropic\b(?!-)/g, one));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(PROJECT));
  return { name, folder };
}

const PROJECT = {
  extends: join(ROOT, "tsconfig.json"),
  compilerOptions: { typeRoots: [join(ROOT, "node_modules/@types")], noUnusedLocals: false },
  include: ["*.ts"],
};

function withoutNames(installed: string): void {
  const file = declarationFile(installed, (name) => name === "model-names.generated.d.ts");
  rewrite(file, (text) => text.replaceAll(/(readonly \w+:)[^;]*;/g, "$1 never;"));
}

function withoutOptions(installed: string): void {
  for (const file of declarationFiles(installed, (name) => name === "options.d.ts")) rewrite(file, () => "export {};\n");
}

function declarationFiles(installed: string, wanted: (name: string) => boolean): readonly string[] {
  const files = readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((file) => wanted(basename(file)));
  if (files.length === 0) throw new Error("the declarations have no such file: the benchmark would measure nothing");
  return files.map((file) => join(installed, file));
}

function declarationFile(installed: string, wanted: (name: string) => boolean): string {
  return declarationFiles(installed, wanted)[0] ?? "";
}

function rewrite(file: string, change: (text: string) => string): void {
  const before = readFileSync(file, "utf8");
  const after = change(before);
  if (after === before) throw new Error(`nothing was taken out of ${basename(file)}: the benchmark would measure nothing`);
  writeFileSync(file, after);
}

interface Diagnosis {
  readonly checkMs: number;
  readonly totalMs: number;
  readonly mib: number;
  readonly types: number;
  readonly instantiations: number;
}

/**
 * Projects compiled in turn. A check takes so little that the machine's other work decides the median; what it never does is
 * make a run quicker, so the ratio is of the quickest tenths.
 */
export function measureTypes(compiler: Compiler, projects: readonly TypesProject[], rounds: number): BenchResult {
  const found = new Map<TypesProject, Diagnosis[]>(projects.map((project) => [project, []]));
  for (let round = 0; round < rounds; round++) for (const [project, runs] of found) runs.push(compile(compiler, project));
  const [first = []] = [...found.values()];
  const quickCheck = (runs: readonly Diagnosis[]) =>
    quantile(
      runs.map(({ checkMs }) => checkMs),
      0.1,
    );
  return {
    name: `types-${compiler.name}`,
    title: `Types, ${compiler.name}`,
    method: `\`tsc --noEmit\` over ${sampleSize(projects)} files that use most of the library, against its declarations. Medians; the ratio is of the time to check, by the quickest tenth of the runs.`,
    rows: [...found].map(([{ name, ratioMax }, runs]) => ({
      subject: name,
      figures: {
        "check ms": median(runs.map(({ checkMs }) => checkMs)),
        "total ms": median(runs.map(({ totalMs }) => totalMs)),
        MiB: median(runs.map(({ mib }) => mib)),
        types: median(runs.map((run) => run.types)),
        instantiations: median(runs.map(({ instantiations }) => instantiations)),
      },
      ratio: quickCheck(runs) / quickCheck(first),
      ...(ratioMax === undefined ? {} : { budget: { figure: "ratio", atMost: ratioMax } }),
    })),
  };
}

function sampleSize([project]: readonly TypesProject[]): number {
  return project === undefined ? 0 : readdirSync(project.folder).filter((file) => file.endsWith(".ts")).length;
}

function compile({ file, flags }: Compiler, { name, folder }: TypesProject): Diagnosis {
  const run = spawnSync(process.execPath, [file, "-p", folder, "--extendedDiagnostics", ...flags], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`the sample does not compile ${name}: ${run.stdout}${run.stderr}`);
  const figure = (label: string): number => {
    const text = new RegExp(`^${label}:\\s+([\\d.]+)`, "m").exec(run.stdout)?.[1];
    if (text === undefined) throw new Error(`the compiler does not tell ${label}`);
    return Number(text);
  };
  return {
    checkMs: figure("Check time") * 1_000,
    totalMs: figure("Total time") * 1_000,
    mib: figure("Memory used") / 1_024,
    types: figure("Types"),
    instantiations: figure("Instantiations"),
  };
}
