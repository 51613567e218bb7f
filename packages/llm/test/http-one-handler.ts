/**
 * Lets AWS's own client speak HTTP/1.1, as our servers do: for Bedrock it brings a handler for HTTP/2 only. The package with
 * the other handler is no dependency of ours.
 */
import { type IncomingMessage, request as send } from "node:http";

/** What AWS's client hands to a handler, as far as it is used here. */
interface AwsHttpRequest {
  readonly hostname: string;
  readonly port?: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array;
}

interface AwsHttpResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: IncomingMessage;
}

export function httpOneHandler() {
  return {
    handle: ({ hostname, port, method, path, headers, body }: AwsHttpRequest) =>
      new Promise<{ response: AwsHttpResponse }>((resolve, reject) => {
        const request = send({ hostname, port, method, headers, path }, (response) => {
          const answered = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
          const { statusCode = 0 } = response;
          resolve({ response: { statusCode, headers: Object.fromEntries(answered), body: response } });
        });
        request.on("error", reject);
        request.end(body);
      }),
  };
}
