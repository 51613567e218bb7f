import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const FOLDERS = ["packages/*/test", "examples", "scripts"];
/** Files that fake timers or other globals, or mock modules. */
const ISOLATED = FOLDERS.map((folder) => `${folder}/**/*.isolated.test.ts`);

export default defineConfig({
  test: {
    pool: "threads",
    // One more than there are processors: many a test waits, for a deadline or a process. The default would leave one processor unused.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Processes and threads that tests start strip and compile each source once, not once each.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), "dragoman-test-compile-cache") },
    projects: [
      {
        extends: true,
        test: {
          name: "shared",
          include: FOLDERS.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ISOLATED,
          // The files of a thread share their modules, which are loaded once: half of the time.
          isolate: false,
          // Node loads the sources itself, as it does outside of tests; `vi.mock` works in isolated files only.
          experimental: { viteModuleRunner: false, nodeLoader: false },
          setupFiles: ["scripts/no-real-requests.ts", "scripts/leave-no-trace.ts"],
        },
      },
      {
        extends: true,
        test: { name: "isolated", include: ISOLATED, isolate: true, setupFiles: ["scripts/no-real-requests.ts"] },
      },
    ],
  },
});
