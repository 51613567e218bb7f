/** `docs/translation.md`: every client's wire in front of every vendor's wire, tried out over the fake vendors. */
import { DIALECT_SUBJECTS } from "../../packages/llm/test/subjects/dialects.ts";
import { EGRESS, type Egress } from "../../packages/llm/test/translation/egress.ts";
import { begin, goOn, reportOf, startMakers } from "../../packages/llm/test/translation/hand-over.ts";
import { type Crossing, cross, FEATURES, type Feature, missingFeature } from "../../packages/llm/test/translation/translate.ts";
import { code, page, table } from "./markdown.ts";

/** A loss in its own words, with the features that it was reported for anywhere. */
type Notes = Map<string, { readonly number: number; readonly features: Set<string> }>;

export async function translationPage(): Promise<string> {
  const notes: Notes = new Map();
  const rows: string[][] = [];
  for (const { name, dialect } of DIALECT_SUBJECTS) {
    const row = [code(name)];
    for (const egress of EGRESS) row.push(cell(await cross(dialect, egress, "plain"), egress, notes));
    rows.push(row);
  }
  return page(
    "# Translation",
    "Rows are what a client speaks, columns what the vendor speaks. On each way the features " +
      `${FEATURES.join(", ")} were asked for, whole and streamed, against a fake server of the vendor; the table is written ` +
      "from what arrived. *All* means that nothing was lost or changed; a number names what the caller is told in a warning. " +
      "The tests put fields that nobody knows into each request and each answer as well: between two different wires none " +
      "goes through.",
    table(["client", ...EGRESS.map(({ wire }) => code(wire))], rows),
    "## What is lost or changed",
    [...notes].map(([note, { number, features }]) => `${number}. ${note} (${[...features].join(", ")})`).join("\n"),
    ...(await handoffTable()),
  );
}

/** Rows began a conversation, columns go on with it. */
async function handoffTable(): Promise<readonly string[]> {
  const makers = await startMakers();
  try {
    const notes: string[] = [];
    const rows: string[][] = [];
    for (const maker of makers.all) {
      const messages = await begin(maker);
      const row = [code(maker.wire)];
      for (const next of makers.all) row.push(noted(reportOf(await goOn(next, messages)), notes));
      rows.push(row);
    }
    return [
      "## Handoff",
      "Rows began a conversation with reasoning and a tool call, columns were given the result and went on. Each number is what " +
        "the handoff reported; *whole*: everything travelled.",
      table(["from", ...makers.all.map(({ wire }) => code(wire))], rows),
      notes.map((note, index) => `${index + 1}. ${note}`).join("\n"),
    ];
  } finally {
    await makers.close();
  }
}

function noted(report: readonly string[], notes: string[]): string {
  const numbers = report.map((note) => (notes.includes(note) ? notes.indexOf(note) + 1 : notes.push(note)));
  return numbers.length === 0 ? "whole" : numbers.sort((one, other) => one - other).join(", ");
}

function cell(crossings: readonly Crossing[], egress: Egress, notes: Notes): string {
  const numbers = new Set(FEATURES.flatMap((feature) => remarksOn(feature, crossings, egress, notes)));
  return numbers.size === 0 ? "all" : [...numbers].sort((one, other) => one - other).join(", ");
}

function remarksOn(feature: Feature, crossings: readonly Crossing[], egress: Egress, notes: Notes): readonly number[] {
  const missing = missingFeature(egress, feature);
  if (missing !== undefined) return [numberOf(missing, feature, notes)];
  return crossings
    .filter((crossing) => crossing.feature === feature)
    .flatMap(({ losses, violations }) => [
      ...losses.map(({ detail }) => numberOf(detail, feature, notes)),
      ...violations.map((violation) => numberOf(`NOT SAID: ${violation}`, feature, notes)),
    ]);
}

function numberOf(note: string, feature: Feature, notes: Notes): number {
  const known = notes.get(note) ?? { number: notes.size + 1, features: new Set() };
  known.features.add(feature);
  notes.set(note, known);
  return known.number;
}
