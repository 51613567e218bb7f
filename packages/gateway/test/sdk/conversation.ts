/** What every SDK test says: the same questions, so that one table of backends serves all clients. */
import { z } from "zod";

/** One transparent pixel. */
export const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
/** How the fakes say that they got it. */
export const PIXEL_BYTES = `of ${Buffer.byteLength(PIXEL, "base64")} bytes`;

export const CITY_INPUT = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
} as const;
export const ZONE_INPUT = {
  type: "object",
  properties: { zone: { type: "string" } },
  required: ["zone"],
  additionalProperties: false,
} as const;

export const TOOLS = [
  { name: "get_weather", description: "The weather of a city.", input: CITY_INPUT },
  { name: "get_time", description: "The time of a zone.", input: ZONE_INPUT },
] as const;

/** The word makes the fakes call every tool at once. */
export const PARALLEL_QUESTION = "In parallel: weather and time?";
/** What each tool answers, found again in the model's last words. */
export const RESULTS: Readonly<Record<string, string>> = { get_weather: "sunny-7f31", get_time: "noon-c05d" };

export const Person = z.object({ name: z.string(), age: z.int() });

/** How often to look whether the vendor has seen its client go. */
export const POLL = { interval: 5, timeout: 10_000 } as const;
