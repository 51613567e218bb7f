import type { Completion } from "../../completion.ts";
import type { ClientContext, RenderedResponse } from "../../dialect.ts";
import type { JsonObject } from "../../json.ts";
import type { Origin, VendorData } from "../../message.ts";
import type { Usage } from "../../usage.ts";
import type { Warning } from "../../warning.ts";
import { dataOf, objectOf } from "./fields.ts";
import { renderStatus } from "./finish.ts";
import { renderSteps } from "./steps.ts";
import { renderUsage } from "./usage.ts";
import { GEMINI_INTERACTIONS } from "./vendor-data.ts";

export function renderResponse(completion: Completion, client: ClientContext): RenderedResponse {
  const warnings: Warning[] = [];
  const { message } = completion;
  const steps = renderSteps(message.parts, "message", warnings);
  return { body: { ...renderInteraction({ ...completion, messageVendor: message.vendor }, client, warnings), steps }, warnings };
}

export interface AnswerEnd {
  readonly id: string;
  readonly origin: Origin | undefined;
  readonly finish: Completion["finish"];
  readonly usage: Usage;
  readonly createdAt?: number | undefined;
  readonly vendor?: VendorData | undefined;
  readonly messageVendor?: VendorData | undefined;
}

/** The interaction without its steps, as it stands in a body and at the end of a stream. */
export function renderInteraction(answer: AnswerEnd, client: ClientContext, warnings: Warning[]): JsonObject {
  const { finish, createdAt } = answer;
  const usage = renderUsage(answer.usage, warnings);
  const isOwn = answer.origin?.dialect === GEMINI_INTERACTIONS;
  const status = renderStatus(finish, isOwn ? finish.raw : undefined, warnings);
  const created = timeOf(createdAt);
  // The client is told the name that it asked for, below.
  const { agent: _agent, ...own } = objectOf(dataOf(answer.vendor).response);
  return {
    ...own,
    ...dataOf(answer.messageVendor),
    id: answer.id,
    object: "interaction",
    ...namesOf(client),
    status,
    ...(created === undefined ? {} : { created }),
    ...(usage === undefined ? {} : { usage }),
    ...(status === "failed" ? { errors: [{ message: finish.detail ?? "generation failed", code: "internal" }] } : {}),
  };
}

export function namesOf({ model, echo }: ClientContext): JsonObject {
  return typeof echo.agent === "string" ? { agent: echo.agent } : { model };
}

/** Without fractions of a second, as the vendor writes it. Undefined for what no calendar holds. */
function timeOf(seconds: number | undefined): string | undefined {
  const date = new Date((seconds ?? Number.NaN) * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace(/\.\d+Z$/, "Z");
}
