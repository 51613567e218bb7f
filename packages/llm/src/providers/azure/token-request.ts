/** One request for a token, and the reading of its answer: Entra's, the metadata service's and App Service's are alike. */
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { sharedTransport } from "../../transport/shared-transport.ts";
import type { Transport, TransportRequest } from "../../transport/transport.ts";
import { parseJsonBody } from "../../vendor-connection.ts";
import type { AccessToken } from "./entra-credential.ts";

export interface TokenRequest {
  readonly transport: Transport | undefined;
  readonly request: Pick<TransportRequest, "url" | "method" | "headers" | "body">;
  /** What must not stand in an error. */
  readonly secret?: string;
  /** What to do about a refusal. */
  readonly advice: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Whoever waits for a token waits for a call. */
const TIMEOUTS = { connectMs: 5_000, totalMs: 20_000 } as const;
const TOKEN_BYTES_MAX = 1_048_576;

/** Throws `authentication` for a refusal, `connection_failed` or `timeout` where nobody answers. */
export async function requestToken({ transport, request, secret, advice, now }: TokenRequest): Promise<AccessToken> {
  const sender = transport ?? (await sharedTransport());
  const response = await sender.send({ ...request, timeouts: TIMEOUTS });
  const text = await response.text(TOKEN_BYTES_MAX);
  if (response.status < 200 || response.status >= 300) {
    const detail = hide(`no token: ${refusalOf(text, response.status)}`, secret);
    throw new DragomanError({ code: "authentication", status: response.status, detail, advice });
  }
  const answer = parseJsonBody(text);
  const token = isJsonObject(answer) ? answer.access_token : undefined;
  if (typeof token !== "string" || token === "" || !isJsonObject(answer)) {
    throw new DragomanError({ code: "invalid_response", detail: "the answer to a token request holds no access_token" });
  }
  return { token, expiresOnTimestamp: expiryOf(answer, now()) };
}

/** `expires_on` is a time in seconds, `expires_in` a span; each may be text. Without either, the token is for once. */
function expiryOf({ expires_in: span, expires_on: time }: JsonObject, now: number): number {
  if (time !== undefined && Number.isFinite(Number(time))) return Number(time) * 1000;
  return Number.isFinite(Number(span)) ? now + Number(span) * 1000 : now;
}

function refusalOf(text: string, status: number): string {
  try {
    const body: unknown = JSON.parse(text);
    const said = isJsonObject(body) ? (body.error_description ?? body.error ?? body.message) : undefined;
    if (typeof said === "string") return said.split(/[\r\n]/, 1)[0] ?? said;
  } catch {
    // The status alone is told; the body may be a proxy's page.
  }
  return `the identity service answered ${status}`;
}

function hide(text: string, secret: string | undefined): string {
  return secret === undefined || secret === "" ? text : text.replaceAll(secret, "***");
}
