/**
 * The manifest that a package is published with, made from the one that it is developed with: entry points lead to built
 * JavaScript instead of sources, and what only development needs is left out. Pure.
 */

/** What a manifest under `packages/` holds, as far as publishing reads it. */
export interface SourceManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly license: string;
  readonly type: "module";
  readonly sideEffects?: boolean;
  readonly engines: { readonly node: string };
  readonly files: readonly string[];
  /** Entry point -> source, as in `{ "./sync": "./src/sync/index.ts" }`. */
  readonly exports?: Readonly<Record<string, string>>;
  /** Command -> source. */
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly publishConfig: { readonly access: "public" };
}

export interface EntryPoint {
  readonly types: string;
  readonly default: string;
}

export type PublishedManifest = Omit<SourceManifest, "exports"> & {
  readonly exports?: Readonly<Record<string, EntryPoint | string>>;
};

/**
 * Where built files lie in a package. One folder deep, as `src` is, so that a path from a module to its manifest
 * (`../package.json`) is the same in both.
 */
export const BUILT_FOLDER = "lib";

export function publishManifest(source: SourceManifest): PublishedManifest {
  const { name, version, description, keywords, license, type, sideEffects, engines, files } = source;
  const { bin, dependencies, peerDependencies, publishConfig } = source;
  return {
    name,
    version,
    description,
    keywords,
    license,
    type,
    ...(sideEffects === undefined ? {} : { sideEffects }),
    engines,
    files,
    ...(source.exports === undefined ? {} : { exports: publishExports(source.exports) }),
    ...(bin === undefined ? {} : { bin: mapValues(bin, builtFile) }),
    ...(dependencies === undefined ? {} : { dependencies }),
    ...(peerDependencies === undefined ? {} : { peerDependencies }),
    publishConfig,
  };
}

function publishExports(entries: Readonly<Record<string, string>>): Readonly<Record<string, EntryPoint | string>> {
  const built = mapValues(entries, (file) => ({ types: builtFile(file, ".d.ts"), default: builtFile(file) }));
  return { ...built, "./package.json": "./package.json" };
}

/**
 * `./src/sync/index.ts` -> `./lib/sync/index.js`. A command that starts through `main.mjs` in a checkout, to load faster,
 * starts with the built `main.js`. Throws for anything that is not a source.
 */
function builtFile(source: string, ending: ".js" | ".d.ts" = ".js"): string {
  const match = /^\.\/src\/(.+)\.(?:ts|mjs)$/.exec(source);
  if (match?.[1] === undefined) throw new Error(`${source} is not a source under ./src/`);
  return `./${BUILT_FOLDER}/${match[1]}${ending}`;
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
