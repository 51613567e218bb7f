import type { Benchmark } from "./bench.ts";
export const gateway: Benchmark = { name: "gateway", run: async () => [] };
