import { expect, it } from "vitest";
import { callHeaders } from "../src/http/call-headers.ts";

const ORIGIN = { dialect: "test", provider: "café", model: "mod\r\nel" } as const;

it("writes visible ASCII only, whatever a vendor calls its model", () => {
  expect(callHeaders(ORIGIN, [])).toEqual({ "x-dragoman-model": "caf\\u00e9:mod\\u000d\\u000ael" });
});

it("leaves out what is not known", () => {
  expect(callHeaders(undefined, [])).toEqual({});
});

it("lists warnings as JSON that reads back", () => {
  const warnings = [{ type: "lossy", path: "tools[0]", detail: "ü 世界" }] as const;
  expect(JSON.parse(callHeaders(undefined, warnings)["x-dragoman-warnings"] ?? "")).toEqual(warnings);
});

it("stays below what proxies take, and counts what it left out", () => {
  const warnings = Array.from({ length: 500 }, () => ({ type: "other" as const, detail: "世界".repeat(20) }));
  const header = callHeaders(undefined, warnings)["x-dragoman-warnings"] ?? "";
  const read: unknown = JSON.parse(header);
  expect(header.length).toBeLessThan(8_192);
  const kept = Array.isArray(read) ? read.length - 1 : 0;
  expect(Array.isArray(read) ? read.at(-1) : undefined).toEqual({ type: "other", detail: `${500 - kept} more warnings` });
});
