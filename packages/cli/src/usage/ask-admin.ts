/** Asks the admin API of a running gateway. */
import { DragomanError, redactSecrets } from "@dragoman/llm";

const WAIT_MS = 10_000;
const SHOWN = 300;

/** The key is `DRAGOMAN_KEY`'s; it goes to the address that is named, and nowhere else. Throws what stands against it. */
export async function askAdmin(url: string, path: string, environment: NodeJS.ProcessEnv = process.env): Promise<unknown> {
  const key = environment.DRAGOMAN_KEY?.trim();
  const address = addressOf(url, path);
  let response: Response;
  try {
    response = await fetch(address, {
      headers: key === undefined || key === "" ? {} : { authorization: `Bearer ${key}` },
      redirect: "error",
      signal: AbortSignal.timeout(WAIT_MS),
    });
  } catch (cause) {
    throw new DragomanError({
      code: "connection_failed",
      detail: `no gateway answers at ${address.origin}`,
      advice: "start it with dragoman serve, or correct --url",
      cause,
    });
  }
  const text = await response.text();
  if (response.ok) return parsed(text, address);
  throw new DragomanError({
    code: response.status === 401 ? "authentication" : response.status === 403 ? "permission_denied" : "provider_unavailable",
    status: response.status,
    detail: `the gateway said ${response.status}: ${redactSecrets(text.slice(0, SHOWN))}`,
    advice: "set DRAGOMAN_KEY to a key that may use the admin API",
  });
}

function addressOf(url: string, path: string): URL {
  const address = URL.parse(path, url);
  if (address !== null && /^https?:$/.test(address.protocol)) return address;
  throw new DragomanError({
    code: "invalid_request",
    field: "url",
    detail: `${url} is no address`,
    advice: "write http://127.0.0.1:4242",
  });
}

function parsed(text: string, { origin }: URL): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DragomanError({ code: "provider_unavailable", detail: `${origin} does not answer as a gateway does` });
  }
}
