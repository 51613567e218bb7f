import type { Benchmark } from "./bench.ts";
export const startUp: Benchmark = { name: "start-up", run: async () => [] };
