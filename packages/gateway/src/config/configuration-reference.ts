/** Every key of a file with its meaning and default, as rows: for the documentation. */
import { z } from "zod";
import { configurationForm } from "./configuration-form.ts";
import type { FieldFacts, FormFacts } from "./form.ts";

export interface ReferenceRow {
  /** As `teams.NAME.budgets[].per`. */
  readonly path: string;
  readonly type: string;
  readonly description: string;
  /** Absent where there is none, or where the rows of its fields tell it. */
  readonly defaultText?: string;
  readonly isRequired: boolean;
}

/** What holds the same fields wherever it stands is told once, under this heading. */
const SHARED: readonly (readonly [heading: string, isIt: (path: string) => boolean])[] = [
  ["RULE", (path) => path.endsWith("limits[]") || path.endsWith("budgets[]")],
  ["TARGET", (path) => /\.(?:targets|fallback|overflow)\[\]$/.test(path)],
  ["TIMEOUTS", (path) => path.endsWith("timeouts")],
];

/** Rates that stand in a price already. */
const REPEATED = /\.(?:tiers|hours)\[\]\.\w+_usd$/;

/** By heading: `""` for the file itself, then what is shared. */
export function configurationReference(): ReadonlyMap<string, readonly ReferenceRow[]> {
  const sections = new Map<string, ReferenceRow[]>([["", []]]);

  function describe(facts: FormFacts, path: string, section: string): void {
    const shared = SHARED.find(([, isIt]) => isIt(path))?.[0];
    if (shared !== undefined && facts.fields !== undefined) {
      if (sections.has(shared)) return;
      sections.set(shared, []);
      for (const field of facts.fields) row(field, field.name, shared);
      return;
    }
    for (const field of facts.fields ?? []) row(field, path === "" ? field.name : `${path}.${field.name}`, section);
    for (const [suffix, form] of facts.inner ?? []) describe(form, `${path}${suffix}`, section);
  }

  function row({ description, defaultText, isRequired, form }: FieldFacts, path: string, section: string): void {
    if (REPEATED.test(path)) return;
    sections
      .get(section)
      ?.push({ path, type: typeText(form.file), description, isRequired, ...(defaultText !== undefined && { defaultText }) });
    describe(form, path, section);
  }

  describe(configurationForm, "", "");
  return sections;
}

/** In a word or two. */
function typeText(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return jsonTypeText(json);
}

function jsonTypeText(json: z.core.JSONSchema.BaseSchema): string {
  if (json.enum !== undefined) return json.enum.map((value) => String(value)).join(" | ");
  const ways = json.anyOf ?? [];
  if (ways.length > 0) return [...new Set(ways.map((way) => (typeof way === "object" ? jsonTypeText(way) : "any")))].join(" | ");
  if (json.type === "array")
    return typeof json.items === "object" && !Array.isArray(json.items) ? `list of ${jsonTypeText(json.items)}` : "list";
  const words: Readonly<Record<string, string>> = { string: "text", integer: "number", boolean: "true | false", object: "table" };
  const type = typeof json.type === "string" ? json.type : "any";
  return words[type] ?? type;
}
