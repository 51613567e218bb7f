/** `docs/conformance.md`: which provider has shown what in the conformance suite, and why where it has not. */
import { conformanceCases } from "@dragoman/llm/testing";
import { CONFORMANCE_FEATURES, gapsOf } from "../../packages/llm/src/testing/conformance/features.ts";
import { VENDOR_SUBJECTS } from "../../packages/llm/test/subjects/index.ts";
import { page, table } from "./markdown.ts";

export function conformancePage(): string {
  const reasons: string[] = [];
  const rows = VENDOR_SUBJECTS.map((subject) => {
    const gaps = gapsOf(conformanceCases(subject));
    return [subject.title, ...CONFORMANCE_FEATURES.map((feature) => cell(gaps.get(feature), reasons))];
  });
  return page(
    "# Conformance",
    "Every provider of the package runs the same suite (`@dragoman/llm/testing`) against a fake server of its vendor, in " +
      "every run of the tests. *yes*: all cases of the feature pass, whole and streamed. A number: they are not asked, for " +
      "the reason below. The suite runs against a live vendor as well: see [testing](testing.md).",
    table(["provider", ...CONFORMANCE_FEATURES], rows),
    "## Gaps",
    reasons.map((reason, index) => `${index + 1}. ${reason}`).join("\n"),
  );
}

function cell(reason: string | undefined, reasons: string[]): string {
  if (reason === undefined) return "yes";
  if (!reasons.includes(reason)) reasons.push(reason);
  return String(reasons.indexOf(reason) + 1);
}
