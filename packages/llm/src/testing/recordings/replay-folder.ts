/** Plays every recording below a folder, a few at a time, against one server and one transport that are kept open. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { createUndiciTransport } from "../../transport/undici-transport.ts";
import { DEFAULT_CHUNKING } from "./chunking.ts";
import { playRecording } from "./play-recording.ts";
import { parseRecording, type Recording } from "./recording.ts";
import { startRecordingServer } from "./recording-server.ts";
import type { ExchangeReport } from "./report.ts";

export interface ReplayOptions {
  /** Only files whose path below the folder contains this. */
  readonly only?: string;
  /** Only recordings of this wire. */
  readonly wire?: string;
  /** Called after each file. */
  readonly onProgress?: (done: number, total: number) => void;
}

export type FileReport =
  | { readonly file: string; readonly type: "recording"; readonly wire: string; readonly exchanges: readonly ExchangeReport[] }
  /** The file is JSON by its name, yet no recording. */
  | { readonly file: string; readonly type: "not-a-recording"; readonly reason: string };

const AT_ONCE = 4;

/** Reports in the order of the files' names. Rejects when the folder cannot be read. */
export async function replayFolder(folder: string, options: ReplayOptions = {}): Promise<readonly FileReport[]> {
  const files = (await jsonFiles(folder)).filter((file) => options.only === undefined || file.includes(options.only));
  const server = await startRecordingServer([], { chunking: DEFAULT_CHUNKING });
  const transport = createUndiciTransport();
  const reports: (FileReport | undefined)[] = [];
  let next = 0;
  let done = 0;

  async function work(): Promise<void> {
    for (;;) {
      const index = next++;
      const file = files[index];
      if (file === undefined) return;
      reports[index] = await playFile(file);
      done++;
      options.onProgress?.(done, files.length);
    }
  }

  async function playFile(file: string): Promise<FileReport | undefined> {
    let recording: Recording;
    try {
      recording = parseRecording(JSON.parse(await readFile(path.join(folder, file), "utf8")), file);
    } catch (thrown) {
      return { file, type: "not-a-recording", reason: thrown instanceof Error ? thrown.message : String(thrown) };
    }
    if (options.wire !== undefined && recording.wire !== options.wire) return undefined;
    const { exchanges } = await playRecording(recording, { server, transport });
    return { file, type: "recording", wire: recording.wire, exchanges };
  }

  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    await transport.close();
    await server.close();
  }
  return reports.filter((report) => report !== undefined);
}

/** Paths below the folder, sorted, with `/` between. */
async function jsonFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    .sort();
}
