import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "examples/**/*.test.ts", "scripts/**/*.test.ts"],
    pool: "threads",
    testTimeout: 20_000,
    setupFiles: ["scripts/no-real-requests.ts"],
  },
});
