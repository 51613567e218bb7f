/**
 * Whether the packages work where they are installed: packs them, installs the tarballs into an empty project, imports
 * every entry point, type-checks a consumer, and runs the command. Other dependencies are linked from this repository's
 * own `node_modules`, so that no registry is asked.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "./run-command.ts";
import { ROOT, type WorkspacePackage } from "./workspace.ts";

export async function verifyPackages(packages: readonly WorkspacePackage[]): Promise<void> {
  const project = await mkdtemp(join(tmpdir(), "dragoman-install-"));
  try {
    await install(packages, project);
    await importEverything(packages, project);
    await startWorker(project);
    await typeCheckConsumer(packages, project);
    await runCommands(packages, project);
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

async function install(packages: readonly WorkspacePackage[], project: string): Promise<void> {
  for (const { dist } of packages) await runCommand(["npm", "pack", dist, "--pack-destination", project, "--silent"]);
  const tarballs = (await readdir(project)).filter((name) => name.endsWith(".tgz"));
  const own = new Map(packages.map(({ manifest }) => [manifest.name, `file:./${tarballOf(manifest, tarballs)}`]));
  const manifest = {
    name: "consumer",
    private: true,
    type: "module",
    dependencies: Object.fromEntries(own),
    overrides: { ...Object.fromEntries([...own.keys()].map((name) => [name, `$${name}`])), ...linkedDependencies(packages) },
  };
  await writeFile(join(project, "package.json"), JSON.stringify(manifest, null, 2));
  await runCommand(["npm", "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], project);
}

function tarballOf({ name, version }: WorkspacePackage["manifest"], tarballs: readonly string[]): string {
  const file = `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
  if (!tarballs.includes(file)) throw new Error(`npm pack made no ${file}`);
  return file;
}

/** Dependency -> the copy that stands in the repository: beside the package where its version is not the shared one. */
function linkedDependencies(packages: readonly WorkspacePackage[]): Record<string, string> {
  const own = new Set(packages.map(({ manifest }) => manifest.name));
  const links = packages.flatMap(({ folder, manifest }) =>
    Object.keys(manifest.dependencies ?? {}).map((name) => {
      const copies = [folder, ROOT].map((place) => join(place, "node_modules", name));
      return [name, `file:${copies.find((copy) => existsSync(copy))}`] as const;
    }),
  );
  return Object.fromEntries(links.filter(([name]) => !own.has(name)));
}

function entryPoints(packages: readonly WorkspacePackage[]): readonly string[] {
  return packages.flatMap(({ manifest }) => Object.keys(manifest.exports ?? {}).map((entry) => manifest.name + entry.slice(1)));
}

async function importEverything(packages: readonly WorkspacePackage[], project: string): Promise<void> {
  for (const entry of entryPoints(packages)) {
    const answer = await runCommand(["node", "--input-type=module", "--eval", importAndTell(entry)], project);
    const { names, dependencies } = JSON.parse(answer) as { names: number; dependencies: readonly string[] };
    if (names === 0) throw new Error(`${entry} exports nothing`);
    const early = dependencies.filter((name) => !LOADED_AT_ONCE[entry]?.includes(name));
    if (early.length > 0) throw new Error(`${entry} loads ${early.join(", ")} before anybody needs it`);
  }
}

/** What an entry point may load as soon as it is imported. Every other dependency has to wait until it is needed. */
const LOADED_AT_ONCE: Readonly<Record<string, readonly string[]>> = {
  "@dragoman/gateway": ["fastify", "smol-toml", "yaml"],
  "@dragoman/gateway/config": ["smol-toml", "yaml"],
  "@dragoman/gateway/server": ["fastify"],
};

/** A program that imports an entry point and tells which dependencies our own files loaded on the way. */
function importAndTell(entry: string): string {
  return `import { registerHooks } from "node:module";
const dependencies = [];
registerHooks({
  resolve(specifier, context, next) {
    const isOurs = /node_modules.(@dragoman|dragoman)./.test(context.parentURL ?? "");
    if (isOurs && !/^(\\.|node:|@dragoman)/.test(specifier)) dependencies.push(specifier);
    return next(specifier, context);
  },
});
const names = Object.keys(await import("${entry}")).length;
console.log(JSON.stringify({ names, dependencies }));`;
}

/** `completeSync` finds its worker beside itself: the refusal below comes from there. */
async function startWorker(project: string): Promise<void> {
  const code = `import { completeSync } from "@dragoman/llm/sync";
try { completeSync({ model: "nobody:nothing", prompt: "Hello", timeouts: { totalMs: 5000 } }); } catch (error) { console.log(error.code); }`;
  // A file, for a worker inherits the flags of `--eval` and cannot start with them.
  await writeFile(join(project, "ask.mjs"), code);
  const answer = await runCommand(["node", "ask.mjs"], project);
  if (answer.trim() !== "unknown_model") throw new Error(`the worker of @dragoman/llm/sync answered ${answer}`);
}

/** Strict and with `skipLibCheck` off, so that a declaration that names a missing file fails. */
async function typeCheckConsumer(packages: readonly WorkspacePackage[], project: string): Promise<void> {
  const lines = entryPoints(packages).map((entry, index) => `export * as entry${index} from "${entry}";`);
  await writeFile(join(project, "consumer.ts"), lines.join("\n"));
  const compilerOptions = {
    target: "es2024",
    module: "nodenext",
    strict: true,
    noEmit: true,
    types: ["node"],
    typeRoots: [join(ROOT, "node_modules/@types")],
  };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
  await runCommand(["tsc", "-p", project], project);
}

async function runCommands(packages: readonly WorkspacePackage[], project: string): Promise<void> {
  for (const { manifest } of packages) {
    for (const name of Object.keys(manifest.bin ?? {})) {
      const installed = join(project, "node_modules/.bin", name);
      const version = (await runCommand([installed, "--version"], project)).trim();
      if (version !== manifest.version) throw new Error(`${name} --version says ${version}, its manifest ${manifest.version}`);
    }
  }
}
