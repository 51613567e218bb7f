/** The governed server with a profiler: SIGUSR2 begins a profile of its CPU, the next one ends it and writes it to the file named first. */
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";

/** Microseconds: fine enough for what takes a few of a call, coarse enough not to be felt. */
const SAMPLING_US = 250;

const [file = ""] = process.argv.splice(2, 1);
let session: Session | undefined;

async function begin(): Promise<Session> {
  const begun = new Session();
  begun.connect();
  await begun.post("Profiler.enable");
  await begun.post("Profiler.setSamplingInterval", { interval: SAMPLING_US });
  await begun.post("Profiler.start");
  return begun;
}

process.on("SIGUSR2", async () => {
  if (session === undefined) {
    session = await begin();
  } else {
    const { profile } = await session.post("Profiler.stop");
    writeFileSync(file, JSON.stringify(profile));
  }
});

await import("./governed.ts");
