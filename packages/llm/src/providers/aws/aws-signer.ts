/**
 * Signs requests to AWS: with a bearer key where there is one, else by Signature Version 4, whose library is loaded when the
 * first request has to be signed.
 */
import { DragomanError } from "../../errors.ts";
import type { RequestSigner, SignableRequest, SignedRequest } from "../../request-signer.ts";
import { resolveSecret, type Secret, type SecretReference, type SecretSources } from "../../secret.ts";
import type { AwsCredentialSource, AwsCredentials } from "./aws-credentials.ts";
import { NEXT_STEP } from "./credential-search.ts";

export interface AwsSignerInit {
  readonly provider: string;
  /** As AWS spells it in signatures: `bedrock`. */
  readonly service: string;
  /** Undefined: nothing says it. */
  readonly region: string | undefined;
  /** A key that goes as it is, where it is set. Undefined: always sign. */
  readonly bearer: SecretReference | undefined;
  readonly secrets: SecretSources | undefined;
  readonly credentials: AwsCredentialSource;
  /** Why there would be no credentials, without asking anybody over the network. */
  readonly missing: () => Promise<string | undefined>;
  /** False where the caller named an address of his own, which needs no region unless it is signed for. */
  readonly regionInAddress: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function createAwsSigner(init: AwsSignerInit): RequestSigner {
  const signingKeys = new Map<string, ArrayBuffer>();

  let known: Secret | undefined;

  /** Read once; a key that was missing is looked for again at the next call. */
  async function bearerKey(): Promise<string | undefined> {
    if (init.bearer === undefined) return undefined;
    known ??= await resolveSecret(init.bearer, init.secrets);
    return known?.reveal();
  }

  return {
    async sign(request) {
      if (init.regionInAddress && init.region === undefined) throw noRegion(init.provider);
      const key = await bearerKey();
      if (key !== undefined) return { headers: { authorization: `Bearer ${key}` }, secrets: [key] };
      if (init.region === undefined) throw noRegion(init.provider);
      return signed(request, await init.credentials(), init.region, init, signingKeys);
    },
    async missing() {
      const key = await bearerKey();
      if (init.region === undefined && (init.regionInAddress || key === undefined)) {
        return { detail: NO_REGION, nextStep: REGION_STEP };
      }
      if (key !== undefined) return undefined;
      const detail = await init.missing();
      return detail === undefined ? undefined : { detail, nextStep: NEXT_STEP };
    },
    nextStep: NEXT_STEP,
  };
}

const NO_REGION = "no region: AWS_REGION and AWS_DEFAULT_REGION are not set, and none is given";
const REGION_STEP = "set AWS_REGION, as in us-east-1";

function noRegion(provider: string): DragomanError {
  return new DragomanError({ code: "configuration", provider, detail: NO_REGION, advice: REGION_STEP });
}

/** Derived keys that are kept: one a day and secret, of which temporary credentials bring many. */
const SIGNING_KEYS_MAX = 16;

/** Only what the signature needs is signed: a proxy on the way may add and change other headers. */
async function signed(
  request: SignableRequest,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  region: string,
  { service, now }: AwsSignerInit,
  cache: Map<string, ArrayBuffer>,
): Promise<SignedRequest> {
  const { AwsV4Signer } = await import("aws4fetch");
  if (cache.size >= SIGNING_KEYS_MAX) cache.clear();
  const signer = new AwsV4Signer({
    method: request.method,
    url: request.url,
    accessKeyId,
    secretAccessKey,
    service,
    region,
    cache,
    datetime: awsTime(now()),
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(request.body === undefined ? {} : { body: bodyOf(request.body) }),
  });
  const { headers } = await signer.sign();
  return {
    headers: Object.fromEntries(headers),
    secrets: sessionToken === undefined ? [secretAccessKey] : [secretAccessKey, sessionToken],
  };
}

/** Bytes of their own, as the library's types want them. */
function bodyOf(body: string | Uint8Array): string | Uint8Array<ArrayBuffer> {
  return typeof body === "string" ? body : Uint8Array.from(body);
}

/** `20150830T123600Z`. */
function awsTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/[-:]|\.\d{3}/g, "");
}
