/** An answer in the shape of a schema, read while it grows. */
import {
  type CompletionCall,
  checkOutput,
  DragomanError,
  gemini,
  type JsonSchema,
  type JsonValue,
  structuredOutput,
  toJsonSchema,
  validateAgainst,
} from "@dragoman/llm";
import { z } from "zod";

const Recipe = z.object({ title: z.string(), minutes: z.int().min(1), steps: z.array(z.object({ text: z.string() })) });
const schema: JsonSchema = toJsonSchema(Recipe, "recipe");
const provider = structuredOutput(gemini(), { repairsMax: 2 });

export async function recipe(messages: CompletionCall["messages"]): Promise<z.infer<typeof Recipe>> {
  const call = { model: "gemini-flash", messages, output: { type: "json", schema, strict: true } } as const;
  return Recipe.parse(await checkOutput(await provider.complete(call), call));
}

export async function complaints(value: JsonValue): Promise<readonly string[]> {
  const violations = await validateAgainst(schema, value);
  return violations.map(({ path, detail }) => `${path}: ${detail}`);
}

export async function title(messages: CompletionCall["messages"]): Promise<string> {
  try {
    return (await recipe(messages)).title;
  } catch (error) {
    if (DragomanError.is(error) && error.code === "invalid_output") return error.detail;
    throw error;
  }
}
