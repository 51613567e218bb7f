/** The JSON Schema of a file, for editors. */
import type { JsonSchema } from "@dragoman/llm";
import { z } from "zod";
import { configurationForm } from "./configuration-form.ts";

export function configurationSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(configurationForm.file, { io: "input", unrepresentable: "any", reused: "ref" });
  return {
    $schema,
    title: "Dragoman",
    description: "Configuration of the gateway: dragoman.yaml or dragoman.toml.",
    ...(JSON.parse(JSON.stringify(schema)) as JsonSchema),
  };
}
