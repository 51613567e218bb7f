/** `.env` of the folder where the command runs. */
import { join } from "node:path";

export interface EnvironmentFile {
  readonly path: string;
  readonly state: "read" | "absent" | "unreadable";
  /** Why it could not be read. */
  readonly detail?: string;
}

/** Adds what the file sets to `process.env`; what is set already stays, also when it is set to nothing. */
export function loadEnvironmentFile(folder: string = process.cwd()): EnvironmentFile {
  const path = join(folder, ".env");
  try {
    process.loadEnvFile(path);
    return { path, state: "read" };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? { path, state: "absent" } : { path, state: "unreadable", detail: message };
  }
}
