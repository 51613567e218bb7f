/** `docs/quirks.md`: what may be said of a vendor of OpenAI's chat wire, from the doc comments of the type that holds it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { resolveQuirks } from "../../packages/llm/src/dialects/openai-chat/quirks.ts";
import { code, page, table } from "./markdown.ts";

const SOURCE = join(import.meta.dirname, "../../packages/llm/src/dialects/openai-chat/quirks.ts");

interface Field {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
}

export function quirksPage(): string {
  const source = readFileSync(SOURCE, "utf8");
  return page(
    "# Quirks of OpenAI's chat wire",
    "`openaiCompatible({ quirks })` takes what a vendor does otherwise than OpenAI, as data. Without any quirk the wire is " +
      "OpenAI's own. How to find out which ones a vendor needs: " +
      "[adding a vendor](providers/adding-an-openai-compatible-vendor.md).",
    "## `OpenAIChatQuirks`",
    table(
      ["field", "type", "meaning", "value without it"],
      fieldsOf(source, "OpenAIChatQuirks").map((field) => [
        code(field.name),
        code(field.type),
        field.comment,
        defaultOf(field.name),
      ]),
    ),
    ...["ReasoningRequestQuirk", "SystemRoleRule"].flatMap((name) => [
      `## ${code(name)}`,
      table(
        ["field", "type", "meaning"],
        fieldsOf(source, name).map((field) => [code(field.name), code(field.type), field.comment]),
      ),
    ]),
  );
}

/** The value in force when nothing is said, as the dialect itself fills it in. */
function defaultOf(name: string): string {
  const value = Object.entries(resolveQuirks({})).find(([field]) => field === name)?.[1];
  if (value === undefined) throw new Error(`the dialect has no default for ${name}`);
  return code(JSON.stringify(value, (_key, inner) => (inner instanceof RegExp ? String(inner) : (nameOf(inner) ?? inner))));
}

/** A schema profile is known by its name. */
function nameOf(value: unknown): string | undefined {
  return typeof value === "object" && value !== null && "keywords" in value && "name" in value ? String(value.name) : undefined;
}

/**
 * The fields of an interface with their comments. It reads this one file's layout: one field a line or its type over
 * several lines, a doc comment before it. A field that it cannot read makes it throw rather than leave the field out.
 */
function fieldsOf(source: string, name: string): readonly Field[] {
  const body = new RegExp(`export interface ${name} \\{\\n([\\s\\S]*?)\\n\\}`).exec(source)?.[1];
  if (body === undefined) throw new Error(`${SOURCE} has no interface ${name}`);
  const fields = [...body.matchAll(FIELD)].map(([, comment = "", field = "", type = ""]) => ({
    name: field,
    type: type
      .replaceAll(/\/\*\*[\s\S]*?\*\//g, "")
      .replaceAll(/\s+/g, " ")
      .replace(/^\s*\| /, "")
      .trim(),
    comment: plainComment(comment),
  }));
  const declared = [...body.matchAll(/^ {2}readonly (\w+)/gm)].length;
  if (fields.length !== declared) throw new Error(`${name}: ${declared} fields are declared, ${fields.length} were read`);
  return fields;
}

/** A doc comment, if any, directly before a field of two blanks' indent, and the type up to its semicolon at that depth. */
const FIELD = /(?: {2}(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\n)? {2}readonly (\w+)\??:((?:[^;{]|\{[^}]*\})*);/g;

function plainComment(comment: string): string {
  return comment
    .replaceAll(/^\/\*\*|\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim())
    .filter((line) => line !== "")
    .map((line) => line.replace(/^- /, "• "))
    .join(" ");
}
