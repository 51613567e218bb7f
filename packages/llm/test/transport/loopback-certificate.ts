/** A certificate for 127.0.0.1 and localhost, made anew for each run: no key lies in the project, none runs out. */
import { generateKeyPairSync, sign } from "node:crypto";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

// The few DER types that a certificate takes (X.690); all content here is shorter than 64 KiB.

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const sequence = (...contents: readonly Uint8Array[]) => der(0x30, ...contents);
const oid = (...bytes: readonly number[]) => der(0x06, Buffer.of(...bytes));
const octets = (content: Uint8Array) => der(0x04, content);
const bits = (content: Uint8Array) => der(0x03, Buffer.of(0), content);
const time = (text: string) => der(0x18, Buffer.from(text));

const ECDSA_WITH_SHA256 = oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02);
const COMMON_NAME = oid(0x55, 0x04, 0x03);
const SUBJECT_ALT_NAME = oid(0x55, 0x1d, 0x11);
const BASIC_CONSTRAINTS = oid(0x55, 0x1d, 0x13);
const TRUE = der(0x01, Buffer.of(0xff));

/** Self-signed (RFC 5280), so that it is its own authority. */
export function createLoopbackCertificate(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from("loopback test")))));
  const alternatives = sequence(der(0x87, Buffer.of(127, 0, 0, 1)), der(0x82, Buffer.from("localhost")));
  const extensions = sequence(
    sequence(SUBJECT_ALT_NAME, octets(alternatives)),
    sequence(BASIC_CONSTRAINTS, TRUE, octets(sequence(TRUE))),
  );
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))), // Version 3.
    der(0x02, Buffer.of(1)), // Serial number.
    sequence(ECDSA_WITH_SHA256),
    name,
    sequence(time("20000101000000Z"), time("29991231235959Z")),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, extensions),
  );
  const certificate = sequence(body, sequence(ECDSA_WITH_SHA256), bits(sign("sha256", body, privateKey)));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
