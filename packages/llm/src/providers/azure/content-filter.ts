/** A prompt that Azure's filter stopped: 400 `content_filter`, with the categories in an inner error. */
import type { Dialect, ErrorResponse } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";

/** The dialect with refusals that name what was found. Source: Azure OpenAI, "Content filtering", error codes. */
export function withFilterCategories(dialect: Dialect): Dialect {
  return {
    ...dialect,
    parseError(response, context) {
      const error = dialect.parseError(response, context);
      const categories = filteredCategories(response);
      return categories.length === 0 ? error : refusedFor(error, categories);
    },
  };
}

function refusedFor(error: DragomanError, categories: readonly string[]): DragomanError {
  const { detail, provider, model, status, request, requestId, vendorCode } = error;
  return new DragomanError({
    code: "content_refused",
    detail: `${detail.replace(/[.\s]+$/, "")} (${categories.join(", ")})`,
    provider,
    model,
    status,
    request,
    requestId,
    vendorCode,
    field: error.field,
  });
}

/** Chat tells them under `innererror`, responses in a list of filters. */
function filteredCategories({ body }: ErrorResponse): readonly string[] {
  const error = objectIn(parsed(body), "error");
  if (error?.code !== "content_filter") return [];
  const inner = objectIn(error, "innererror");
  const filters = Array.isArray(error.content_filters) ? error.content_filters.filter(isJsonObject) : [];
  const results = [inner?.content_filter_result, ...filters.map((filter) => filter.content_filter_results)];
  return [...new Set(results.flatMap(categoriesOf))];
}

function categoriesOf(result: JsonValue | undefined): readonly string[] {
  if (!isJsonObject(result)) return [];
  return Object.entries(result).flatMap(([name, verdict]) => {
    if (!isJsonObject(verdict) || verdict.filtered !== true) return [];
    return [typeof verdict.severity === "string" ? `${name}: ${verdict.severity}` : name];
  });
}

function objectIn(value: unknown, key: string): JsonObject | undefined {
  const inner = isJsonObject(value) ? value[key] : undefined;
  return isJsonObject(inner) ? inner : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
