import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { describeSecret, redactSecrets, resolveSecret, Secret } from "../src/index.ts";

const KEY = "sk-ant-api03-abcdefghijklmnop";

test("a secret never shows itself", () => {
  const secret = new Secret(KEY);
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ deep: { secret } }),
    describeSecret(secret),
  ].join(" ");
  expect(shown).not.toContain("abcdef");
  expect(secret.reveal()).toBe(KEY);
});

test("reads a key from a variable, a file and a command, without the white space around it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "secret-"));
  try {
    const file = join(folder, "key");
    await writeFile(file, `${KEY}\n`);
    const environment = { MY_KEY: ` ${KEY} ` };
    for (const reference of ["env:MY_KEY", `file:${file}`, `exec:cat ${file}`] as const) {
      expect((await resolveSecret(reference, { environment }))?.reveal()).toBe(KEY);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a variable that is empty or missing is no key", async () => {
  expect(await resolveSecret("env:NOTHING", { environment: {} })).toBeUndefined();
  expect(await resolveSecret("env:EMPTY", { environment: { EMPTY: "  " } })).toBeUndefined();
});

test("a file or command that fails says so without showing its output", async () => {
  await expect(resolveSecret("file:/nowhere/at/all")).rejects.toMatchObject({ code: "configuration" });
  const failing = resolveSecret(`exec:echo ${KEY}; exit 3`);
  await expect(failing).rejects.toMatchObject({ code: "configuration" });
  await failing.catch((error: Error) => expect(`${error.message} ${inspect(error, { depth: 9 })}`).not.toContain("abcdef"));
});

test("a key itself is refused where a reference belongs, and is not repeated", async () => {
  const reference = KEY as `env:${string}`;
  await expect(resolveSecret(reference)).rejects.toMatchObject({
    code: "configuration",
    message: expect.not.stringContaining("abcdef"),
  });
});

test.each([
  ["Incorrect API key provided: sk-proj-abcdefghijklmnop", "sk-proj"],
  ["Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"],
  ["https://api.example.com/v1?key=abcdefghijklmnop&x=1", "abcdefghijklmnop"],
  ["AIzaSyAbcdefghijklmnopqrstu", "AIzaSy"],
  ['{"api_key":"abcdefghijklmnop"}', "abcdefghijklmnop"],
  ["hf_abcdefghijklmnop", "abcdefghijklmnop"],
  ["https://user:hunter2secret@host/path", "hunter2secret"],
])("redacts %s", (text, secret) => {
  expect(redactSecrets(text)).not.toContain(secret);
});

test("leaves ordinary text alone", () => {
  const text = "The model gpt-5-mini was not found at https://api.example.com/v1/models?page=2.";
  expect(redactSecrets(text)).toBe(text);
});
