/** The admin API as an OpenAPI 3.1 document, from the same schemas that check its requests. */
import { ERROR_TABLE, isJsonObject, type JsonObject } from "@dragoman/llm";
import { z } from "zod";
import type { AdminRoute } from "./admin-route.ts";

export const openApiSchema = z.looseObject({ openapi: z.string(), info: z.unknown(), paths: z.unknown() });

const errorBody = z
  .strictObject({
    error: z.strictObject({
      code: z.enum(Object.keys(ERROR_TABLE)),
      message: z.string(),
      detail: z.string(),
      advice: z.string().describe("The next step."),
      retryable: z.boolean(),
      field: z.string().exactOptional(),
      retryAfterMs: z.number().exactOptional(),
      requestId: z.string().exactOptional(),
    }),
  })
  .meta({ id: "Error" });

export function openApiDocument(routes: readonly AdminRoute[], version: string): JsonObject {
  const schemas: Record<string, JsonObject> = {};
  const describe = (schema: z.ZodType): JsonObject => describeSchema(schema, schemas);
  const error = describe(errorBody);
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const route of routes) {
    const path = openApiPath(route.url);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, describe, error) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Dragoman admin API", version },
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "A key made with dragoman keys create --admin." },
      },
    },
  };
}

/** `/keys/:id` -> `/keys/{id}`. */
export function openApiPath(url: string): string {
  return url.replace(/:([A-Za-z]+)/g, "{$1}");
}

function operation(route: AdminRoute, describe: (schema: z.ZodType) => JsonObject, error: JsonObject): JsonObject {
  const parameters = [...parametersOf(route.params, "path", describe), ...parametersOf(route.query, "query", describe)];
  const isBodyOptional = route.body?.safeParse(undefined).success === true;
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.group],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: { required: !isBodyOptional, content: json(describe(route.body)) } }),
    responses: {
      [route.status]: { description: "Done.", content: json(describe(route.answer)) },
      default: { description: "What went wrong; the status is that of the code.", content: json(error) },
    },
  };
}

function operationId({ method, url }: AdminRoute): string {
  const words = url.replace("/admin/v1/", "").split(/[/:.]+/);
  return [method.toLowerCase(), ...words]
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join("");
}

function parametersOf(
  schema: z.ZodObject,
  place: "path" | "query",
  describe: (schema: z.ZodType) => JsonObject,
): readonly JsonObject[] {
  return Object.entries(schema.shape).map(([name, one]) => {
    const { description, ...described } = describe(one as z.ZodType);
    const isRequired = place === "path" || !(one as z.ZodType).safeParse(undefined).success;
    return {
      name,
      in: place,
      required: isRequired && !isExactlyOptional(one as z.ZodType),
      ...(description === undefined ? {} : { description }),
      schema: described,
      // Lists are written as `a,b`.
      ...(described.type === "array" ? { style: "form", explode: false } : {}),
    };
  });
}

/** Absent is right, undefined is not: such a one does not show by what it parses. */
function isExactlyOptional(schema: z.ZodType): boolean {
  return z.strictObject({ value: schema }).safeParse({}).success;
}

function json(schema: JsonObject): JsonObject {
  return { "application/json": { schema } };
}

/** What has a name of its own goes under `components`, once. */
function describeSchema(schema: z.ZodType, schemas: Record<string, JsonObject>): JsonObject {
  const { $schema: _dialect, $defs, ...described } = asJson(z.toJSONSchema(schema, { unrepresentable: "any", reused: "inline" }));
  for (const [name, definition] of Object.entries(isJsonObject($defs) ? $defs : {})) {
    if (isJsonObject(definition)) schemas[name] = withComponentReferences(definition);
  }
  return withComponentReferences(described);
}

function withComponentReferences(schema: JsonObject): JsonObject {
  const text = JSON.stringify(schema).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/');
  return asJson(JSON.parse(text));
}

function asJson(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
