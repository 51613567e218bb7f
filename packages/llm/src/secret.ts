/**
 * Keys by reference. Configuration names where a key is (`env:NAME`, `file:PATH`, `exec:COMMAND`), never the key; what is
 * read is wrapped in a type that prints as `***` wherever it is logged, thrown or made into JSON.
 */
import { DragomanError } from "./errors.ts";

const inspect = Symbol.for("nodejs.util.inspect.custom");

/** A value that never shows itself. Only `reveal` gives it out, to the place that writes the header. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The key itself. For the one place that sends it. */
  reveal(): string {
    return this.#value;
  }

  /** Never the key. */
  toString(): string {
    return "***";
  }

  /** Never the key. */
  toJSON(): string {
    return "***";
  }

  /** Never the key. */
  [inspect](): string {
    return "Secret(***)";
  }
}

/** `env:NAME`, `file:PATH` or `exec:COMMAND`; or a Secret that the program already holds. */
export type SecretReference = `env:${string}` | `file:${string}` | `exec:${string}` | Secret;

/** Where a reference is looked up. */
export interface SecretSources {
  /** Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** How long a key command may run. */
const EXEC_TIMEOUT_MS = 10_000;

/**
 * Reads a key. Resolves to undefined when an `env:` variable is not set or empty; throws `configuration` when a file or a
 * command cannot be read, or the reference has no known form.
 */
export async function resolveSecret(reference: SecretReference, sources: SecretSources = {}): Promise<Secret | undefined> {
  if (reference instanceof Secret) return reference;
  const [scheme, rest] = splitReference(reference);
  switch (scheme) {
    case "env": {
      const environment = sources.environment ?? process.env;
      return wrap(environment[rest]);
    }
    case "file":
      return wrap(await readSecretFile(rest));
    case "exec":
      return wrap(await runSecretCommand(rest));
  }
}

/** The reference for a person: the name of a variable or a file, never a value. */
export function describeSecret(reference: SecretReference): string {
  return reference instanceof Secret ? "a key held by the program" : reference;
}

function wrap(value: string | undefined): Secret | undefined {
  const trimmed = value?.trim();
  return trimmed === undefined || trimmed === "" ? undefined : new Secret(trimmed);
}

function splitReference(reference: string): ["env" | "file" | "exec", string] {
  const colon = reference.indexOf(":");
  const scheme = reference.slice(0, colon);
  const rest = reference.slice(colon + 1);
  if ((scheme === "env" || scheme === "file" || scheme === "exec") && rest !== "") return [scheme, rest];
  throw new DragomanError({
    code: "configuration",
    detail: "a key is given by reference, as env:NAME, file:PATH or exec:COMMAND",
    advice: "put the key into an environment variable and write env:NAME",
  });
}

async function readSecretFile(path: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new DragomanError({ code: "configuration", detail: `the key file ${path} cannot be read`, cause: error });
  }
}

async function runSecretCommand(command: string): Promise<string> {
  const { exec } = await import("node:child_process");
  const { promisify } = await import("node:util");
  try {
    const { stdout } = await promisify(exec)(command, { timeout: EXEC_TIMEOUT_MS, maxBuffer: 65_536 });
    return stdout;
  } catch {
    // The cause is left out: it repeats the command's output, which may hold the key.
    throw new DragomanError({
      code: "configuration",
      detail: `the key command ${command.split(" ")[0] ?? ""} failed or took over ${EXEC_TIMEOUT_MS / 1000} s`,
    });
  }
}
