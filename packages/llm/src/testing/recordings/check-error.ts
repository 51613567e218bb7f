/** An HTTP error becomes a typed error whose code fits the status and the vendor's words, and that repeats no secret. */
import type { Dialect, ParseContext } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import type { TransportResponse } from "../../transport/transport.ts";
import { expectedErrorCodes, secretIn } from "./expected-error.ts";
import { shortened } from "./raw-json.ts";
import { addressOf, payloadText, type RecordedExchange } from "./recording.ts";
import type { Findings } from "./report.ts";

export async function checkHttpError(
  answer: TransportResponse,
  exchange: RecordedExchange,
  dialect: Dialect,
  context: ParseContext,
  findings: Findings,
): Promise<void> {
  const body = await answer.text();
  if (body !== payloadText(exchange.response.payload)) findings.add("transport error body", "as recorded", shortened(body));
  const request = `${exchange.request.method} ${addressOf(exchange.request).pathname}`;
  const { status, headers } = answer;
  let error: unknown;
  try {
    error = dialect.parseError({ status, headers, body, request }, context);
  } catch (thrown) {
    findings.add("error parseError threw", "a value", shortened(String(thrown)));
    return;
  }
  if (!DragomanError.is(error)) {
    findings.add("error class", "a DragomanError", shortened(String(error)));
    return;
  }
  compareError(error, exchange, body, findings);
}

function compareError(error: DragomanError, exchange: RecordedExchange, body: string, findings: Findings): void {
  const { status } = exchange.response;
  const codes = expectedErrorCodes(status, body);
  if (codes !== undefined && !codes.includes(error.code)) {
    findings.add("error code", codes.join(" or "), `${error.code} from ${status} ${shortened(body, 200)}`);
  }
  if (error.status !== status) findings.add("error status", String(status), String(error.status));
  const secret = secretIn(`${error.message} ${JSON.stringify(error.toJSON())}`);
  if (secret !== undefined) findings.add("error secret in the message", "none", secret);
  const wait = waitAsked(exchange);
  if (wait !== undefined && error.retryAfterMs === undefined) findings.add("error retryAfterMs", `about ${wait} s`, "nothing");
}

/** Seconds that the vendor asked to wait, where it gave a plain number. */
function waitAsked(exchange: RecordedExchange): string | undefined {
  const header = exchange.response.headers["retry-after"];
  return header !== undefined && /^\d+$/.test(header) ? header : undefined;
}
