import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Lets Node keep what it compiles, which is most of what a start costs. In the user's own folder, as what lies there is
 * run: `DRAGOMAN_HOME/cache`, else `$XDG_CACHE_HOME/dragoman`, else `~/.cache/dragoman`. Without effect where that cannot be
 * written, where `NODE_COMPILE_CACHE` names another place, and with `NODE_DISABLE_COMPILE_CACHE=1`.
 */
export function keepCompiledCode({ DRAGOMAN_HOME, XDG_CACHE_HOME }: NodeJS.ProcessEnv = process.env): void {
  enableCompileCache(
    DRAGOMAN_HOME ? join(DRAGOMAN_HOME, "cache") : join(XDG_CACHE_HOME || join(homedir(), ".cache"), "dragoman"),
  );
}
