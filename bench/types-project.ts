/** Projects that use the library as published: the sample beside an installation of it, whole or with something taken out. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buildPackage } from "../scripts/publishing/build-package.ts";
import { ROOT, workspacePackages } from "../scripts/publishing/workspace.ts";

/** Below `node_modules`, so that types of other packages are found and nothing of it is committed. */
const WORK = join(ROOT, "node_modules/.cache/dragoman-bench-types");
const SAMPLE = join(import.meta.dirname, "types-sample");
/** Each gets a copy of `vendor.ts`. */
const VENDORS = ["anthropic", "openai", "gemini", "mistral", "groq", "deepseek", "xai", "cohere"];

export interface TypesProject {
  readonly name: string;
  readonly folder: string;
  /** How many TypeScript files it has of its own. */
  readonly files: number;
}

/** The folder of the built package. Its JavaScript is of no use here. */
export async function buildDeclarations(): Promise<string> {
  const [llm] = workspacePackages().filter(({ manifest }) => manifest.name === "@dragoman/llm");
  if (llm === undefined) throw new Error("there is no package @dragoman/llm");
  await buildPackage(llm, []);
  return llm.dist;
}

export type Change = (installed: string) => void;

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
  return { name, folder, files: readdirSync(folder).filter((file) => file.endsWith(".ts")).length };
}

const PROJECT = {
  extends: join(ROOT, "tsconfig.json"),
  compilerOptions: { typeRoots: [join(ROOT, "node_modules/@types")], noUnusedLocals: false },
  include: ["*.ts"],
};

/** The names of models are `never`, so that only `string & {}` is left. */
export function withoutNames(installed: string): void {
  const file = declarationFile(installed, (name) => name === "model-names.generated.d.ts");
  rewrite(file, (text) => text.replaceAll(/(readonly [\w"-]+:)[^;]*;/g, "$1 never;"));
}

/** Each wire's entry is any JSON object, as that of a wire that is not known. */
export function withoutOptions(installed: string): void {
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
