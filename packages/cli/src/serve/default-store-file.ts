import { join } from "node:path";
import { userFolder } from "../user-data.ts";

/** Where the gateway keeps what it must not lose, where no configuration says otherwise. */
export function defaultStoreFile(environment: NodeJS.ProcessEnv = process.env): string {
  return join(userFolder(environment), "dragoman.db");
}
