/**
 * One name for what a vendor spells in several ways: `Claude Sonnet 4.5`, `claude-sonnet-4-5` and `claude-sonnet-4-5-20250929` are one, as are
 * `gpt-4o` and `gpt-4o-2024-08-06`. Versions that differ in nothing but their date are added together.
 */
export function billedModel(model: string): string {
  return model
    .trim()
    .toLowerCase()
    .replace(/[\s._/]+/g, "-")
    .replace(/-(latest|\d{8}|\d{4}-\d{2}-\d{2})(?=-|$)/g, "");
}
