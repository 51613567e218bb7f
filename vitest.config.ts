import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "examples/**/*.test.ts", "scripts/**/*.test.ts"],
    pool: "threads",
    // Modules are read once a thread instead of once a file: half of the time. No test keeps state in a module.
    isolate: false,
    testTimeout: 20_000,
    setupFiles: ["scripts/no-real-requests.ts"],
  },
});
