import { describe, it } from "vitest";
import { badRanges, createAddressList, isLoopbackAddress, plainAddress } from "../../src/tenancy/addresses.ts";
import { matchesAny } from "../../src/tenancy/name-patterns.ts";

describe("an address", () => {
  it.for([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["0:0:0:0:0:ffff:c000:0201", "192.0.2.1"],
    ["2001:DB8:0::1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["192.0.2.1:80", undefined],
    ["192.0.2", undefined],
    ["unknown", undefined],
    ["", undefined],
  ] as const)("%s is spelt %s", ([text, expected], { expect }) => {
    expect(plainAddress(text)).toBe(expected);
  });

  it("of loopback is one however it is spelt", ({ expect }) => {
    for (const address of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"])
      expect(isLoopbackAddress(address)).toBe(true);
    for (const address of ["128.0.0.1", "::2", "127.0.0.1.example", undefined]) expect(isLoopbackAddress(address)).toBe(false);
  });
});

describe("a list of addresses", () => {
  it.for([
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.1.2.3/8", "10.200.0.1", true],
    ["::ffff:10.0.0.0/104", "10.200.0.1", true],
    ["::ffff:10.0.0.0/104", "11.0.0.1", false],
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7", "192.0.2.8", false],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["::/0", "2001:db8::1", true],
    ["::/0", "192.0.2.1", false],
    ["0.0.0.0/0", "::ffff:192.0.2.1", true],
  ] as const)("%s has %s: %s", ([range, address, expected], { expect }) => {
    expect(badRanges([range])).toEqual([]);
    expect(createAddressList([range]).has(address)).toBe(expected);
  });

  it("is told which entries are no ranges", ({ expect }) => {
    const bad = ["10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "2001:db8::/129", "::ffff:10.0.0.0/90", "fe80::1%eth0/64", "any", "/8"];
    expect(badRanges(["10.0.0.0/8", ...bad])).toEqual(bad);
    expect(createAddressList(bad).has("10.0.0.1")).toBe(false);
  });
});

describe("a pattern of names", () => {
  it.for([
    ["gpt-*", "gpt-5", true],
    ["gpt-*", "gpt-", true],
    ["gpt-*", "GPT-5", false],
    ["gpt-5", "gpt-5-mini", false],
    ["*", "", true],
    ["*:*-mini", "openai:gpt-5-mini", true],
    ["*:*-mini", "openai:gpt-5", false],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["*ab*ab*", "abab", true],
    ["*ab*ab*", "aab", false],
    ["a.c", "abc", false],
    ["(a+)+$", "aaaa", false],
  ] as const)("%s is that of %s: %s", ([pattern, name, expected], { expect }) => {
    expect(matchesAny([pattern], name)).toBe(expected);
  });

  it("is matched in no time however it is made", ({ expect }) => {
    expect(matchesAny([`${"a*".repeat(150)}b`], "a".repeat(100_000))).toBe(false);
  });
});
