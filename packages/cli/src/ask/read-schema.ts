import { readFile } from "node:fs/promises";
import { DragomanError, isJsonObject, type JsonSchema } from "@dragoman/llm";

/** A JSON Schema from a file. Throws `invalid_request` naming the file. */
export async function readSchema(file: string): Promise<JsonSchema> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw wrong(`the schema ${file} cannot be read: ${error.message}`, "check the path");
  });
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (error) {
    throw wrong(`the schema ${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`, "correct the file");
  }
  if (isJsonObject(schema)) return schema;
  throw wrong(`the schema ${file} is not a JSON object`, 'write a JSON Schema, as in {"type":"object","properties":{…}}');
}

function wrong(detail: string, advice: string): DragomanError {
  return new DragomanError({ code: "invalid_request", detail, advice });
}
