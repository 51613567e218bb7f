/** Which configuration a command means. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DragomanError } from "@dragoman/llm";
import { userFolder } from "../user-data.ts";

/** In this order, in the working folder and then in the user's own. */
export const CONFIGURATION_NAMES = ["dragoman.yaml", "dragoman.yml", "dragoman.toml"] as const;

/**
 * The file that is named, else `DRAGOMAN_CONFIG`, else the first there is: in the working folder, then in the user's own.
 * Undefined where there is none; a file that is named need not be there.
 */
export function findConfiguration(named: string | undefined, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (named !== undefined) return named;
  const fromVariable = environment.DRAGOMAN_CONFIG?.trim();
  if (fromVariable) return fromVariable;
  const candidates = [...CONFIGURATION_NAMES, ...CONFIGURATION_NAMES.map((name) => join(userFolder(environment), name))];
  return candidates.find((file) => existsSync(file));
}

/** Throws `configuration` where there is none. */
export function requireConfiguration(named: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
  const file = findConfiguration(named, environment);
  if (file !== undefined) return file;
  throw new DragomanError({
    code: "configuration",
    detail: `there is no ${CONFIGURATION_NAMES.join(", ")} here or in ${userFolder(environment)}`,
    advice: "write one with dragoman init, or name one with --config or DRAGOMAN_CONFIG",
  });
}
