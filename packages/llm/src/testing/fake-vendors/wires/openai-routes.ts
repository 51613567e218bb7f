/** Keys and listings of the servers that follow OpenAI. */
import type { JsonObject } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { generate } from "../generate.ts";
import { type FakeRequest, jsonReply, type Refusal } from "../reply.ts";
import type { Route } from "../vendor-definition.ts";
import type { FakeWorld } from "../world.ts";
import type { ChatFlavour } from "./chat-flavour.ts";
import { openAiChatWire } from "./openai-chat.ts";

/** The key that no fake accepts. */
export const BAD_KEY = "bad-key";

/** Undefined where the request brings none. */
export function bearerKey(request: FakeRequest): string | undefined {
  const key = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  return key === undefined || key === "" ? undefined : key;
}

export function chatRoute(flavour: ChatFlavour): Route {
  const wire = openAiChatWire(flavour);
  return { method: "POST", path: /^\/v1\/chat\/completions$/, handle: (request, world) => generate(request, wire, world) };
}

/** `GET /v1/models` and `GET /v1/models/{id}`. */
export function modelRoutes(
  rowOf: (model: FakeModel, index: number) => JsonObject,
  unknown: (id: string) => Refusal,
): readonly Route[] {
  return listingRoutes(/^\/v1\/models$/, /^\/v1\/models\/(.+)$/, rowOf, unknown);
}

/** A listing in OpenAI's form, and the rows of it one by one. */
export function listingRoutes(
  list: RegExp,
  one: RegExp,
  rowOf: (model: FakeModel, index: number) => JsonObject,
  unknown: (id: string) => Refusal,
): readonly Route[] {
  const listing: Route = {
    method: "GET",
    path: list,
    handle: (_request, world) => ({ reply: jsonReply(200, { object: "list", data: world.models.map(rowOf) }) }),
  };
  return [listing, oneModelRoute(one, rowOf, unknown)];
}

/** One row by the id that the path's first group holds. */
export function oneModelRoute(
  path: RegExp,
  rowOf: (model: FakeModel, index: number) => JsonObject,
  unknown: (id: string) => Refusal,
): Route {
  return {
    method: "GET",
    path,
    handle: (request, world) => ({ reply: jsonReply(200, findRow(request, world, path, rowOf, unknown)) }),
  };
}

function findRow(
  request: FakeRequest,
  world: FakeWorld,
  one: RegExp,
  rowOf: (model: FakeModel, index: number) => JsonObject,
  unknown: (id: string) => Refusal,
): JsonObject {
  const id = decodeURIComponent(one.exec(request.path)?.[1] ?? "");
  const index = world.models.findIndex((model) => model.id === id);
  const model = world.models[index];
  if (model === undefined) throw unknown(id);
  return rowOf(model, index);
}
