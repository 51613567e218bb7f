/**
 * AWS's Signature Version 4, checked as the service checks it: made anew from the request and a secret, and compared.
 * Source: the AWS General Reference, "Create a signed AWS API request".
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { FakeRequest } from "../reply.ts";

export interface SignatureHeader {
  readonly accessKeyId: string;
  /** `20250101/us-east-1/bedrock/aws4_request`. */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** Undefined for a header that is no signature. */
export function readSignature(authorization: string): SignatureHeader | undefined {
  if (!authorization.startsWith("AWS4-HMAC-SHA256 ")) return undefined;
  const fields = new Map(
    authorization
      .slice("AWS4-HMAC-SHA256 ".length)
      .split(",")
      .map((field): readonly [string, string] => {
        const [name = "", value = ""] = field.trim().split("=", 2);
        return [name, value];
      }),
  );
  const [credential, headers, signature] = ["Credential", "SignedHeaders", "Signature"].map((name) => fields.get(name));
  if (credential === undefined || headers === undefined || signature === undefined) return undefined;
  const slash = credential.indexOf("/");
  return {
    accessKeyId: credential.slice(0, slash),
    scope: credential.slice(slash + 1),
    signedHeaders: headers.split(";"),
    signature,
  };
}

type SignedParts = Pick<FakeRequest, "method" | "path" | "query" | "headers" | "bytes">;

/** `request.path` is what stands in the request line, still encoded. */
export function isSignedWith(secret: string, request: SignedParts, header: SignatureHeader): boolean {
  const expected = Buffer.from(signatureOf(secret, request, header), "hex");
  const given = Buffer.from(header.signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export function signatureOf(secret: string, request: SignedParts, { scope, signedHeaders }: SignatureHeader): string {
  const date = request.headers["x-amz-date"] ?? "";
  const text = ["AWS4-HMAC-SHA256", date, scope, sha256(canonicalRequest(request, signedHeaders))].join("\n");
  const key = scope.split("/").reduce<string | Buffer>((secretSoFar, step) => hmac(secretSoFar, step), `AWS4${secret}`);
  return hmac(key, text).toString("hex");
}

function canonicalRequest(request: SignedParts, signedHeaders: readonly string[]): string {
  const headers = signedHeaders.map((name) => `${name}:${(request.headers[name] ?? "").trim().replace(/\s+/g, " ")}\n`).join("");
  const query = [...request.query]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join("&");
  // Every service but S3 encodes the path once more than the request line does.
  const path = request.path.split("/").map(encoded).join("/");
  return [request.method, path, query, headers, signedHeaders.join(";"), sha256(request.bytes)].join("\n");
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text, "utf8").digest();
}
