/** Vectors as the wires write them: lists of numbers, or their bytes in base64. */
import { DragomanError } from "../errors.ts";

/** How the bytes of a vector are to be read: four for a number (little-endian, IEEE 754), or one, signed. */
export type VectorBytes = "float32" | "int8";

/** Throws `invalid_response` for what is no vector. `place` names it, as in `data[0].embedding`. */
export function readVector(value: unknown, place: string, bytes: VectorBytes = "float32"): readonly number[] {
  if (typeof value === "string") return vectorFromBase64(value, place, bytes);
  if (!Array.isArray(value) || value.length === 0) throw noVector(place, "is no list of numbers");
  const flaw = value.findIndex((number: unknown) => typeof number !== "number" || !Number.isFinite(number));
  if (flaw >= 0) throw noVector(place, `holds ${shown(value[flaw])} at ${flaw}, where a number belongs`);
  return value;
}

/** Small integers stay what they are: how they stand to the numbers of other models is nowhere said. */
function vectorFromBase64(text: string, place: string, bytes: VectorBytes): readonly number[] {
  const buffer = Buffer.from(text, "base64");
  const size = bytes === "int8" ? 1 : Float32Array.BYTES_PER_ELEMENT;
  if (buffer.length === 0 || buffer.length % size !== 0) {
    throw noVector(place, `holds ${buffer.length} bytes, which are no vector of ${bytes}`);
  }
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  const vector = Array.from({ length: buffer.length / size }, (_item, index) =>
    bytes === "int8" ? view.getInt8(index) : view.getFloat32(index * size, true),
  );
  if (!vector.every(Number.isFinite)) throw noVector(place, "holds what is no number");
  return vector;
}

/** For a client that asked for base64: 32 bits a number, little-endian. */
export function vectorAsBase64(vector: readonly number[]): string {
  const buffer = Buffer.alloc(vector.length * Float32Array.BYTES_PER_ELEMENT);
  for (const [index, value] of vector.entries()) buffer.writeFloatLE(value, index * Float32Array.BYTES_PER_ELEMENT);
  return buffer.toString("base64");
}

export function noVector(place: string, why: string): DragomanError {
  return new DragomanError({ code: "invalid_response", detail: `${place} ${why}` });
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 40);
}
