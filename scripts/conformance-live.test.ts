import { execFile } from "node:child_process";
import { join } from "node:path";
import { startFakeVendor } from "@dragoman/llm/testing";
import { expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "conformance-live.ts");

function run(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...args], { env: { ...process.env, ...environment } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` });
    });
  });
}

test("runs the suite against whatever the provider's base URL leads to, and tells what it cost", async () => {
  const vendor = await startFakeVendor("groq");
  const environment = { GROQ_API_KEY: "sk-live", GROQ_BASE_URL: vendor.baseUrl };
  const args = ["groq", "--model", "llama-3.3-70b-versatile", "--reasoning", "none", "--images", "none", "--json", "none"];
  const { code, output } = await run(args, environment);
  expect(output).toMatch(/ok {6}answers a question/);
  expect(output).toMatch(/\d+ passed, 0 failed/);
  expect(output).toMatch(/it cost \d/);
  expect(output).not.toContain("sk-live");
  expect(code).toBe(0);
  await vendor.close();
}, 60_000);

test("a failed case is an exit of 1, a missing key or an unknown provider one of 2", async () => {
  const vendor = await startFakeVendor("groq");
  const environment = { GROQ_API_KEY: "sk-live", GROQ_BASE_URL: vendor.baseUrl };
  const failing = await run(["groq", "--model", "fault-500", "--only", "answers a question"], environment);
  expect(failing).toMatchObject({ code: 1, output: expect.stringContaining("FAILED  answers a question") });
  await vendor.close();
  expect(await run(["groq", "--model", "any"], { GROQ_API_KEY: "" })).toMatchObject({
    code: 2,
    output: expect.stringContaining("set GROQ_API_KEY"),
  });
  expect((await run(["nobody"], {})).code).toBe(2);
}, 60_000);
