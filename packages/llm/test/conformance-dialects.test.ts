/** Every dialect of the package, by itself. */
import { conformance } from "@dragoman/llm/testing";
import { test } from "vitest";
import { DIALECT_SUBJECTS } from "./subjects/dialects.ts";

for (const subject of DIALECT_SUBJECTS) conformance(subject, { test });
