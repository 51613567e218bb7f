/** A vendor's own words that begin with `key_` were starred out of its message. */
import { expect, test } from "vitest";
import { redactSecrets } from "../../src/index.ts";

test.each(["key_limit_exceeded", "the key-value-store is full"])("%s stays", (words) => {
  expect(redactSecrets(words)).toBe(words);
});

test.each(["key-0a1b2c3d4e5f", "key_abcdef******wxyz"])("%s goes", (key) => {
  expect(redactSecrets(`wrong key ${key}.`)).toBe("wrong key ***.");
});
