/** For vendors whose refusals look otherwise than OpenAI's: every refusal of a route, told again. */
import { objectOf, parsedJson, stringOf } from "../json-reading.ts";
import { Refusal } from "../reply.ts";
import type { Route } from "../vendor-definition.ts";

export interface ToldRefusal {
  readonly status: number;
  readonly message: string;
}

/** The routes, with what they refuse in OpenAI's form brought into another. Refusals in the vendor's own form pass. */
export function inOwnWords(routes: readonly Route[], tell: (refusal: ToldRefusal) => Refusal): readonly Route[] {
  return routes.map((route) => ({
    ...route,
    handle: async (request, world) => {
      try {
        return await route.handle(request, world);
      } catch (thrown) {
        throw thrown instanceof Refusal ? toldAgain(thrown, tell) : thrown;
      }
    },
  }));
}

function toldAgain(refusal: Refusal, tell: (refusal: ToldRefusal) => Refusal): Refusal {
  const { body, status } = refusal.reply;
  const error = objectOf(objectOf(typeof body === "string" ? parsedJson(body) : undefined).error);
  return "param" in error ? tell({ status, message: stringOf(error.message) }) : refusal;
}
