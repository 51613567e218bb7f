/** `docs/dragoman.schema.json`: for editors. In the form that the formatter leaves alone. */
import { configurationSchema } from "../../packages/gateway/src/config/index.ts";

const LINE_LENGTH_MAX = 130;

export function configurationSchemaFile(): string {
  return `${lines(configurationSchema(), "", 0)}\n`;
}

/** `taken` is what stands on the line before the value, in columns. */
function lines(value: unknown, indent: string, taken: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => lines(item, inner, inner.length));
    const single = `[${items.join(", ")}]`;
    const fits = !single.includes("\n") && indent.length + taken + single.length < LINE_LENGTH_MAX;
    return fits ? single : `[\n${items.map((item) => inner + item).join(",\n")}\n${indent}]`;
  }
  const fields = Object.entries(value).map(([key, field]) => {
    const name = `${JSON.stringify(key)}: `;
    return `${inner}${name}${lines(field, inner, name.length)}`;
  });
  return fields.length === 0 ? "{}" : `{\n${fields.join(",\n")}\n${indent}}`;
}
