/** An answer in the shape of a schema. zod here; any Standard Schema that prints JSON Schema, or JSON Schema itself, will do. */
import { textOf, toJsonSchema, userMessage, validateAgainst } from "@dragoman/llm";
import { z } from "zod";
import { chooseModel } from "./model.ts";

const Recipe = z.object({
  title: z.string(),
  minutes: z.int().min(1),
  ingredients: z.array(z.object({ name: z.string(), grams: z.number() })).min(1),
});
const schema = toJsonSchema(Recipe, "recipe");

const { provider, model } = chooseModel();
const { message } = await provider.complete({
  model,
  messages: [userMessage("A quick recipe with lentils.")],
  output: { type: "json", schema, name: "recipe" },
});

const value = JSON.parse(textOf(message));
const violations = await validateAgainst(schema, value);
if (violations.length > 0) throw new Error(violations.map(({ path, detail }) => `${path}: ${detail}`).join("\n"));
const recipe = Recipe.parse(value);
console.log(`${recipe.title}: ${recipe.minutes} minutes, ${recipe.ingredients.length} ingredients`);
