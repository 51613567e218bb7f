/** Vendors that follow OpenAI: a bearer key, errors in OpenAI's form, the chat route and the model routes. */
import type { FakeModel } from "../fake-model.ts";
import { Refusal } from "../reply.ts";
import type { Route, VendorDefinition } from "../vendor-definition.ts";
import type { ChatFlavour } from "../wires/chat-flavour.ts";
import { openAiModelRow } from "../wires/openai-chat.ts";
import { openAiError } from "../wires/openai-error.ts";
import { BAD_KEY, bearerKey, chatRoute, modelRoutes } from "../wires/openai-routes.ts";

export interface KeyRefusals {
  /** There is no key. */
  readonly missing: () => Refusal;
  /** There is one, and it is wrong. */
  readonly wrong: () => Refusal;
}

/** A vendor that asks for a bearer key and words its errors as OpenAI does. */
export function keyedVendor(models: readonly FakeModel[], routes: readonly Route[], refusals: KeyRefusals): VendorDefinition {
  return {
    models,
    basePath: "/v1",
    routes,
    authorise(request) {
      const key = bearerKey(request);
      if (key === undefined) throw refusals.missing();
      if (key === BAD_KEY) throw refusals.wrong();
    },
    refuse: (status, message) => openAiError(message, { status }),
  };
}

/** An engine on the same machine: no key needed, a wrong one refused. */
export function localEngine(models: readonly FakeModel[], routes: readonly Route[]): VendorDefinition {
  return {
    ...keyedVendor(models, routes, { missing: refuseKey, wrong: refuseKey }),
    authorise(request) {
      if (bearerKey(request) === BAD_KEY) throw refuseKey();
    },
  };
}

function refuseKey(): Refusal {
  return new Refusal(401, { error: { code: 401, message: "Invalid API Key", type: "authentication_error" } });
}

type Rows = Parameters<typeof modelRoutes>[0];
const openAiRows: Rows = (model) => openAiModelRow(model, "fake");

/** `POST /v1/chat/completions`, `GET /v1/models` and `GET /v1/models/{id}`. */
export function chatRoutes(flavour: ChatFlavour, rows: Rows = openAiRows): readonly Route[] {
  return [chatRoute(flavour), ...modelRoutes(rows, (id) => flavour.unknownModel(id))];
}

/** One refusal for both, as most vendors have it. */
export function refusesWith(status: number, body: ConstructorParameters<typeof Refusal>[1]): KeyRefusals {
  const refuse = () => new Refusal(status, body);
  return { missing: refuse, wrong: refuse };
}
