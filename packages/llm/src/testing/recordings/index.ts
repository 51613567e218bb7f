/** Recorded traffic as a test: a server that answers with it, and a player that holds the dialects against it. */
export { type Chunking, cutIntoChunks, DEFAULT_CHUNKING } from "./chunking.ts";
export { type PlayRecordingOptions, playRecording } from "./play-recording.ts";
export {
  parseRecording,
  type RecordedExchange,
  type RecordedPayload,
  type RecordedRequest,
  type RecordedResponse,
  type Recording,
} from "./recording.ts";
export { type RecordingServer, type RecordingServerOptions, startRecordingServer } from "./recording-server.ts";
export type { ExchangeReport, Finding, RecordingReport } from "./report.ts";
