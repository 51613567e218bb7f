/** What the tests of single vendors share: a fake, and what it was asked. */
import { type FakeVendor, type FakeVendorName, startFakeVendor } from "@dragoman/llm/testing";
import { onTestFinished } from "vitest";
import { DragomanError, isJsonObject, type JsonObject, Secret, type StreamEvent } from "../../src/index.ts";

export const KEY = new Secret("sk-test-0123456789");

/** Closed with the test that started it. */
export async function startVendor(vendor: FakeVendorName): Promise<FakeVendor> {
  const fake = await startFakeVendor(vendor);
  onTestFinished(() => fake.close());
  return fake;
}

/** The body of the last request. */
export function lastBody(fake: FakeVendor): JsonObject {
  const body = fake.requests.at(-1)?.body;
  if (!isJsonObject(body)) throw new Error("the last request has no JSON body");
  return body;
}

export async function failureOf(promise: Promise<unknown>): Promise<DragomanError> {
  try {
    await promise;
  } catch (thrown) {
    if (DragomanError.is(thrown)) return thrown;
    throw thrown;
  }
  throw new Error("it did not fail");
}

export async function eventsOf(stream: AsyncIterable<StreamEvent>): Promise<readonly StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}
