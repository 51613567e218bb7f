import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, it } from "vitest";
import { openPepper, pepperFile } from "../../src/tenancy/pepper.ts";
import { rejectionOf } from "./tenancy-under-test.ts";

const folder = await mkdtemp(join(tmpdir(), "dragoman-pepper-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
const store = (name: string) => ({ type: "sqlite", file: join(folder, name) }) as const;

describe("the pepper", () => {
  it("is made once, for its owner alone, whoever starts at the same time", async ({ expect }) => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => openPepper(store("new/one.db"), {})));
    const values = new Set(opened.map((secret) => secret.reveal()));
    expect(values.size).toBe(1);
    const file = pepperFile(store("new/one.db").file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, "utf8")).trim()).toBe([...values][0]);
    expect((await openPepper(store("new/one.db"), {})).reveal()).toBe([...values][0]);
  });

  it("that others may read is refused", async ({ expect }) => {
    await openPepper(store("open.db"), {});
    await chmod(pepperFile(store("open.db").file), 0o644);
    const error = await rejectionOf(openPepper(store("open.db"), {}));
    expect([error.code, error.advice]).toEqual(["configuration", `chmod 600 ${pepperFile(store("open.db").file)}`]);
  });

  it("that is cut short is refused, not made anew", async ({ expect }) => {
    await writeFile(pepperFile(store("cut.db").file), "", { mode: 0o600 });
    expect((await rejectionOf(openPepper(store("cut.db"), {}))).message).toContain("restore it");
  });

  it("comes from the environment where it is there, and is not shown", async ({ expect }) => {
    const value = "x".repeat(32);
    const pepper = await openPepper(store("never.db"), { DRAGOMAN_PEPPER: value });
    expect(pepper.reveal()).toBe(value);
    expect(`${pepper} ${JSON.stringify(pepper)}`).not.toContain(value);
    const error = await rejectionOf(openPepper(store("never.db"), { DRAGOMAN_PEPPER: "short-one" }));
    expect(error.message).not.toContain("short-one");
  });

  it("of a store in memory is as short-lived as that", async ({ expect }) => {
    const [one, other] = [await openPepper({ type: "memory" }, {}), await openPepper({ type: "memory" }, {})];
    expect(one.reveal()).not.toBe(other.reveal());
  });
});
