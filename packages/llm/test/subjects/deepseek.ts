import { deepseek } from "../../src/index.ts";
import { overFakeVendor } from "./over-fake-vendor.ts";

export const deepseekSubject = overFakeVendor("deepseek", "deepseek", deepseek, {
  models: { text: "deepseek-chat", tools: "deepseek-chat", reasoning: "deepseek-v4-pro", json: "deepseek-chat" },
});
