/**
 * Follows a file and gives each new configuration that is right; the last good one stays until then. A folder is watched rather than
 * the file: editors put a new file in its place, and Kubernetes changes a link some folders above. What no watcher
 * tells, as on some network disks, a look at the file's facts every few seconds finds.
 */
import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { GatewayConfiguration } from "../configuration.ts";
import { type ConfigurationChange, diffConfigurations } from "./diff-configurations.ts";
import { type LoadConfigurationOptions, type LoadedConfiguration, loadConfiguration } from "./load-configuration.ts";
import { ConfigurationError } from "./problem.ts";

export interface WatchConfigurationOptions extends LoadConfigurationOptions {
  /** What holds until the first change. Default: what the file says when watching begins. */
  readonly current?: LoadedConfiguration;
  /**
   * Another configuration is right. May take its time: changes meanwhile are looked at afterwards. Where it throws or rejects, the one before
   * stays the last good one, and `onError` is told. `cause`: as `reload` was given it; undefined where the file was looked at by itself.
   */
  readonly onChange: (
    loaded: LoadedConfiguration,
    changes: readonly ConfigurationChange[],
    cause: string | undefined,
  ) => void | Promise<void>;
  /**
   * The file is wrong, or gone, or was not taken: the last good one goes on. Told once for each content that is wrong; again where
   * somebody asked, and gave a cause.
   */
  readonly onError: (error: unknown, lastGood: GatewayConfiguration | undefined, cause: string | undefined) => void;
  /** Ends the watching. */
  readonly signal: AbortSignal;
  /** How long it must be quiet before the file is read. Milliseconds. Default 100. */
  readonly debounceMs?: number;
  /** How often the file is looked at in case no watcher tells. Milliseconds; 0 never. Default 5 000. */
  readonly pollMs?: number;
}

export interface ConfigurationWatch {
  readonly lastGood: GatewayConfiguration | undefined;
  /** Looks at the file now, as after SIGHUP. Resolves when what it found has been taken or told; never rejects. */
  readonly reload: (cause?: string) => Promise<LookResult>;
}

/** What came of a look at the file: it is in force, changed or not, or it was not taken. */
export type LookResult = { readonly taken: true } | { readonly taken: false; readonly error: unknown };

/** Resolves when watching has begun. Never rejects: a file that is wrong from the start is told to `onError`. */
export async function watchConfiguration(file: string, options: WatchConfigurationOptions): Promise<ConfigurationWatch> {
  const { signal, debounceMs = 100, pollMs = 5_000, onChange, onError } = options;
  let lastGood = options.current;
  let lastError: string | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let seen = await factsOf(file);

  async function look(cause: string | undefined): Promise<LookResult> {
    if (signal.aborted) return { taken: true };
    seen = await factsOf(file);
    try {
      const loaded = await loadConfiguration(file, options);
      if (loaded.text.trim() === "" && lastGood !== undefined) throw emptied(file);
      lastError = undefined;
      if (signal.aborted || loaded.text === lastGood?.text) return { taken: true };
      const changes = lastGood === undefined ? [] : diffConfigurations(lastGood.configuration, loaded.configuration);
      // A comment that was moved is no change.
      if (lastGood === undefined || changes.length > 0) await onChange(loaded, changes, cause);
      lastGood = loaded;
      return { taken: true };
    } catch (error) {
      fail(error, cause);
      return { taken: false, error };
    }
  }

  function fail(error: unknown, cause: string | undefined): void {
    const said = error instanceof ConfigurationError ? error.message : undefined;
    if (said === undefined || said !== lastError || cause !== undefined) onError(error, lastGood?.configuration, cause);
    lastError = said;
  }

  /** One at a time, in turn. */
  function reload(cause?: string): Promise<LookResult> {
    const looked = running.then(() => look(cause));
    running = looked;
    return looked;
  }

  function soon(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void reload(), debounceMs);
  }

  const watcher = signal.aborted ? undefined : watchFolder(dirname(resolve(file)), soon);
  const poll =
    pollMs === 0 || signal.aborted
      ? undefined
      : setInterval(async () => {
          if ((await factsOf(file)) !== seen) soon();
        }, pollMs).unref();
  signal.addEventListener(
    "abort",
    () => {
      clearTimeout(timer);
      clearInterval(poll);
      watcher?.close();
    },
    { once: true },
  );
  if (lastGood === undefined)
    lastGood = await loadConfiguration(file, options).catch((error: unknown) => void fail(error, undefined));
  return {
    get lastGood() {
      return lastGood?.configuration;
    },
    reload,
  };
}

/** Whoever writes a file in place empties it first: seen in between, it would mean that every setting has its default. */
function emptied(file: string): ConfigurationError {
  return new ConfigurationError([{ severity: "error", file, path: "", message: "the file is empty" }]);
}

/** Any change in the folder: which file it was is not always told, and a link may point anywhere. Undefined where watching is not possible. */
function watchFolder(folder: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    // The folder is gone, or there are no watchers left: the regular look goes on.
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

/** What a new content changes, through links: which file it is, its size and its time. */
async function factsOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(file);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch {
    return "absent";
  }
}
