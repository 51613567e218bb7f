/** One request for a token at one of Google's own hosts, and the reading of its answer. No other host is ever asked. */
import { DragomanError } from "../../errors.ts";
import { isJsonObject } from "../../json.ts";
import { sharedTransport } from "../../transport/shared-transport.ts";
import type { TransportRequest } from "../../transport/transport.ts";
import { parseJsonBody } from "../../vendor-connection.ts";
import type { GoogleToken, GoogleWorld } from "./google-credential.ts";

/** A credential file may name another `token_uri`; it is not followed, as whoever writes the file would get the assertion. */
export const TOKEN_ENDPOINT = "https://oauth2.googleapis.com/token";
export const METADATA_TOKEN = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token";

/** What Vertex AI asks for. Source: Google's list of OAuth scopes. */
export const CLOUD_SCOPE = "https://www.googleapis.com/auth/cloud-platform";

export interface TokenQuestion {
  readonly url: typeof TOKEN_ENDPOINT | typeof METADATA_TOKEN;
  /** Absent: a GET, as the metadata server has it. */
  readonly form?: Readonly<Record<string, string>>;
  /** What to do about a refusal. */
  readonly advice: string;
}

/** Whoever waits for a token waits for a call. */
const TIMEOUTS = { connectMs: 5_000, totalMs: 20_000 } as const;
const ANSWER_BYTES_MAX = 1_048_576;

/** Throws `authentication` for a refusal, `connection_failed` or `timeout` where nobody answers. No secret is in either. */
export async function requestToken({ url, form, advice }: TokenQuestion, world: GoogleWorld): Promise<GoogleToken> {
  const transport = world.transport ?? (await sharedTransport());
  const response = await transport.send({ ...requestOf(url, form), timeouts: TIMEOUTS });
  const text = await response.text(ANSWER_BYTES_MAX);
  if (response.status < 200 || response.status >= 300) {
    const detail = withoutValues(`no access token: ${refusalOf(text, response.status)}`, form);
    // Google is out of order: the credential may well be good.
    const code = response.status >= 500 ? "vendor_error" : "authentication";
    throw new DragomanError({ code, status: response.status, detail, advice });
  }
  const answer = parseTokenAnswer(text);
  const span = Number(answer.expires_in);
  return { token: answer.access_token, expiresAt: world.now() + (Number.isFinite(span) ? span * 1000 : 0) };
}

function requestOf(url: string, form: TokenQuestion["form"]): TransportRequest {
  if (form === undefined) return { method: "GET", url, headers: { "metadata-flavor": "Google" } };
  return {
    method: "POST",
    url,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
  };
}

function parseTokenAnswer(text: string): { readonly access_token: string; readonly expires_in: unknown } {
  let answer: unknown;
  try {
    answer = parseJsonBody(text);
  } catch {
    // Without its words: the body may hold the token.
    answer = undefined;
  }
  const token = isJsonObject(answer) ? answer.access_token : undefined;
  if (typeof token !== "string" || token === "" || !isJsonObject(answer)) {
    throw new DragomanError({ code: "invalid_response", detail: "the answer to a token request holds no access_token" });
  }
  return { access_token: token, expires_in: answer.expires_in };
}

/** OAuth's `error` and `error_description` (RFC 6749, 5.2). */
function refusalOf(text: string, status: number): string {
  try {
    const body: unknown = JSON.parse(text);
    if (isJsonObject(body) && typeof body.error === "string") {
      return typeof body.error_description === "string" ? `${body.error}: ${body.error_description}` : body.error;
    }
  } catch {
    // The status alone is told; the body may be a proxy's page.
  }
  return `Google answered ${status}`;
}

/** Takes out whatever was sent, should the answer repeat it. */
function withoutValues(text: string, form: TokenQuestion["form"] = {}): string {
  const secrets = Object.entries(form).filter(([name]) => name !== "grant_type");
  return secrets.reduce((shown, [, value]) => (value.length < 8 ? shown : shown.replaceAll(value, "***")), text);
}
