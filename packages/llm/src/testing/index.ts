/** `@dragoman/llm/testing`: every public name, listed by hand. */

export { type ConformanceOptions, conformance, conformanceCases, type TestFunction } from "./conformance/conformance.ts";
export type { ConformanceCase, DialectSubject, OpenedProvider, ProviderSubject } from "./conformance/conformance-case.ts";
export type { FakeDocument, FakeSearch, FakeSearchName, FakeSearchOptions, SearchFault } from "./fake-search/fake-search.ts";
export { startFakeSearch } from "./fake-search/start-fake-search.ts";
export type { FakeVendor, FakeVendorName, FakeVendorOptions, RecordedRequest } from "./fake-vendors/fake-vendor.ts";
export { FAULTS, type Fault, type FaultOutcome } from "./fake-vendors/faults.ts";
export type { ScriptedFault, SocketFault } from "./fake-vendors/scripted-fault.ts";
export { startFakeVendor } from "./fake-vendors/start-fake-vendor.ts";
export { type FuzzOptions, type FuzzReport, type FuzzSubject, fuzzDialect } from "./fuzz/index.ts";
export { checkStream, checkUsage, compareCompletions, compareJson, foldEvents } from "./laws.ts";
export {
  type PlayRecordingOptions,
  parseRecording,
  playRecording,
  type Recording,
  type RecordingReport,
  type RecordingServer,
  startRecordingServer,
} from "./recordings/index.ts";
export { type ResponseStoreSubject, responseStoreCases } from "./response-store-cases.ts";
export { createScriptedProvider, type ScriptedAnswer, type ScriptedProvider } from "./scripted-provider.ts";
export {
  type OpenedSearchBackend,
  SEARCH_DOCUMENTS,
  type SearchBackendSubject,
  type SearchBackendVariant,
  searchBackendCases,
} from "./search-backend-cases.ts";
export { createSimulator, PERSONAS, type Persona, type SimulatorOptions } from "./simulator.ts";
