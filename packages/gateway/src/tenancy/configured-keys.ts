/** Keys that stand in the configuration by reference: read once, kept as digests. */
import { DragomanError, type Secret } from "@dragoman/llm";
import type { KeyRestrictions } from "../configuration.ts";
import type { KeyDigester } from "./key-digest.ts";
import { KEY_ID_PREFIX } from "./key-format.ts";
import { checked, keyRestrictions } from "./restrictions.ts";
import type { TenancyConfiguration } from "./tenancy.ts";

export interface ConfiguredKey {
  readonly name: string;
  readonly team?: string;
  readonly restrictions: KeyRestrictions;
  readonly digest: Buffer;
}

/** Reads a key by its reference, as `env:CI_KEY`; undefined where there is none. */
export type SecretReader = (reference: string) => Promise<Secret | undefined>;

/** What is shorter can be guessed. */
const KEY_LENGTH_MIN = 20;
/** Longer than any vendor's; bounds what one request can cost. */
export const KEY_LENGTH_MAX = 512;
/** What fits into a header as it is. */
const HEADER_TEXT = /^[\x21-\x7e]+$/;

/** Throws `configuration`, naming the entry and never the key. */
export async function readConfiguredKeys(
  { keys }: TenancyConfiguration,
  secrets: SecretReader,
  digester: KeyDigester,
): Promise<readonly ConfiguredKey[]> {
  const read: ConfiguredKey[] = [];
  const names = new Map<string, string>();
  for (const [name, { key: reference, team, restrictions }] of Object.entries(keys)) {
    checkName(name);
    const digest = digester.digest(checkedKey(name, reference, await secrets(reference)));
    const same = names.get(digest.toString("hex"));
    if (same !== undefined) throw wrong(name, `is the same key as keys.${same}`, "give each entry a key of its own");
    names.set(digest.toString("hex"), name);
    checkRestrictions(name, restrictions);
    read.push({ name, ...(team === undefined ? {} : { team }), restrictions, digest });
  }
  return read;
}

/** Names stand beside the ids of created keys, in limits, in the ledger, in caches: they must never be taken for one. */
function checkName(name: string): void {
  if (name === "local") throw wrong(name, "is the name of calls without a key", "choose another name");
  if (name.startsWith(KEY_ID_PREFIX))
    throw wrong(name, `begins as the id of a created key does`, `choose a name without ${KEY_ID_PREFIX}`);
}

function checkedKey(name: string, reference: string, secret: Secret | undefined): string {
  if (secret === undefined) throw wrong(name, `${reference} holds no key`, "set it, or take the entry out");
  const key = secret.reveal();
  if (key.length < KEY_LENGTH_MIN || key.length > KEY_LENGTH_MAX) {
    throw wrong(
      name,
      `the key in ${reference} must have ${KEY_LENGTH_MIN} to ${KEY_LENGTH_MAX} characters`,
      "openssl rand -base64 32 makes one",
    );
  }
  if (!HEADER_TEXT.test(key))
    throw wrong(name, `the key in ${reference} does not fit into a header`, "use visible ASCII without spaces");
  return key;
}

function checkRestrictions(name: string, restrictions: KeyRestrictions): void {
  try {
    checked(keyRestrictions, restrictions, `keys.${name}`);
  } catch (error) {
    if (!DragomanError.is(error)) throw error;
    throw new DragomanError({ code: "configuration", detail: error.detail, field: error.field });
  }
}

function wrong(name: string, detail: string, advice: string): DragomanError {
  return new DragomanError({ code: "configuration", field: `keys.${name}`, detail: `keys.${name}: ${detail}`, advice });
}
