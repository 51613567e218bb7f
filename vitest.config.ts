import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "examples/**/*.test.ts", "scripts/**/*.test.ts"],
    pool: "threads",
    // Modules are read once a thread instead of once a file: half of the time. Whoever fakes a global puts it back.
    isolate: false,
    testTimeout: 20_000,
    setupFiles: ["scripts/no-real-requests.ts"],
  },
});
