import { conformanceCases } from "@dragoman/llm/testing";
import { expect, test } from "vitest";
import { CONFORMANCE_FEATURES, featureOf, gapsOf } from "../src/testing/conformance/features.ts";
import { VENDOR_SUBJECTS } from "./subjects/index.ts";

const [subject] = VENDOR_SUBJECTS;
const cases = subject === undefined ? [] : conformanceCases(subject);

test("every case of the suite shows a feature of the table, and every feature has a case", () => {
  const features = cases.map(({ name }) => ({ name, feature: featureOf(name) }));
  expect(features.filter(({ feature }) => feature === undefined)).toEqual([]);
  expect(new Set(features.map(({ feature }) => feature))).toEqual(new Set(CONFORMANCE_FEATURES));
});

test("a case that is not asked is a gap with its reason", () => {
  const withGap = cases.map((one) => (one.name === "sees an image" ? { ...one, unavailable: "no eyes" } : one));
  expect(gapsOf(cases).has("images")).toBe(false);
  expect(gapsOf(withGap).get("images")).toBe("no eyes");
});
