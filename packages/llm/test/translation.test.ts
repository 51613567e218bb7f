/** Every client's wire in front of every vendor's wire: nothing is lost unsaid, and nothing goes through untranslated. */
import { describe, expect, test } from "vitest";
import { DIALECT_SUBJECTS } from "./subjects/dialects.ts";
import { EGRESS } from "./translation/egress.ts";
import { cross } from "./translation/translate.ts";

const TABLE = DIALECT_SUBJECTS.flatMap(({ name: client, dialect }) =>
  EGRESS.map((egress) => ({ client, dialect, egress, title: egress.vendor.title })),
);

describe.each(TABLE)("$client in front of $title", ({ dialect, egress }) => {
  test("carries every feature, whole and streamed, or says what is lost", async () => {
    const crossings = [...(await cross(dialect, egress, "plain")), ...(await cross(dialect, egress, "foreign"))];
    expect(crossings.length).toBeGreaterThan(0);
    expect(crossings.flatMap(({ feature, stream, violations }) => violations.map((text) => ({ feature, stream, text })))).toEqual(
      [],
    );
  });
});
