/** That the comparison is the constant-time one, and is made whether the id is known or not. In a file of its own: it looks into node:crypto. */
import { createMemoryLog } from "@dragoman/events";
import { Secret } from "@dragoman/llm";
import { describe, it, vi } from "vitest";
import { createTenancy } from "../../src/tenancy/create-tenancy.ts";

const compared = vi.hoisted(() => ({ times: 0, hashed: 0 }));
vi.mock("node:crypto", async (importOriginal) => {
  const crypto = await importOriginal<typeof import("node:crypto")>();
  return {
    ...crypto,
    timingSafeEqual: (left: Buffer, right: Buffer) => {
      compared.times += 1;
      return crypto.timingSafeEqual(left, right);
    },
    createHmac: (...given: Parameters<typeof crypto.createHmac>) => {
      compared.hashed += 1;
      return crypto.createHmac(...given);
    },
  };
});

describe("looking a key up", () => {
  it("hashes and compares as often for an unknown id as for a wrong or right secret", async ({ expect }) => {
    const configuration = { keys: {}, teams: {} };
    const tenancy = await createTenancy({
      log: createMemoryLog(),
      configuration,
      pepper: new Secret("p".repeat(40)),
      follow: false,
    });
    const { key } = await tenancy.createKey({ name: "ci" }, "test");
    const wrong = key.slice(0, 21) + "A".repeat(43);
    const unknown = `dgm_${"a".repeat(16)}_${"A".repeat(43)}`;
    const counts = [key, wrong, unknown, "no key of ours"].map((one) => {
      compared.times = 0;
      compared.hashed = 0;
      try {
        tenancy.authenticate(one, {});
      } catch {
        // Only how it was looked up is counted.
      }
      return [compared.hashed, compared.times];
    });
    expect(counts).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });
});
