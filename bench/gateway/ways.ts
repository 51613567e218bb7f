/**
 * The ways to the vendor that are compared: directly, through a bare pass-through, through our server without and with
 * everything on, and through Portkey's gateway where that is installed. Each server is a process of its own, on Linux all on
 * one core, of which only one is asked at a time; whoever asks and answers has the other cores.
 */
import { ask, CLIENT_KEY, openConnection, type Question, renderRequest } from "../ask.ts";
import { type ChildServer, CORES, canPin, startChildServer } from "../child-server.ts";
import { PROMPT } from "../clients.ts";
import { MODELS } from "../vendor-answers.ts";
import { keepOffCore } from "./keep-off-core.ts";
import { findPortkey, PORTKEY_FOLDER } from "./portkey.ts";

export interface Way {
  readonly name: string;
  /** For a picture. */
  readonly shortName: string;
  readonly url: string;
  readonly model: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined for the way without a server between. */
  readonly server?: ChildServer;
}

export interface Ways extends AsyncDisposable {
  readonly direct: Way;
  /** Those with a server between; the bare pass-through is the first. */
  readonly through: readonly Way[];
  readonly vendor: ChildServer;
  /** What the method of each result says about them. */
  readonly method: string;
}

/** How the vendor writes a stream: whole, an event every turn of its loop, an event every 20 ms, or the first token and 5 ms later the rest. */
export type Pace = "" | "/paced" | "/slow" | "/apart";

/** What the budgets are about: everything on. */
export const GOVERNED = "dragoman: keys, limits, budget, ledger, metrics";
export const PORTKEY = "Portkey's gateway";

const PATH = "/v1/chat/completions";
/** The vendor's, which the asking process shares on a machine of two. */
const VENDOR_CORE = 0;

export async function startWays(pace: Pace): Promise<Ways> {
  await using started = new AsyncDisposableStack();
  const core = CORES - 1;
  started.use(keepOffCore(core));
  const start = async (file: string, args: readonly string[], on = core) =>
    started.use(await startChildServer(file, args, { core: on }));
  const vendor = await start("vendor.ts", [], VENDOR_CORE);
  const origin = vendor.url + pace;
  const through: Way[] = [
    way("bare node:http + undici pass-through", "bare pass-through", MODELS.openai, await start("pass-through.ts", [origin])),
    way("dragoman, providers as they are", "dragoman", `vendor:${MODELS.openai}`, await start("dragoman.ts", [origin])),
    way(GOVERNED, "dragoman, everything on", "smart", await start("governed.ts", [origin, CLIENT_KEY, MODELS.openai])),
  ];
  const portkey = await addPortkey(through, origin, pace !== "", start);
  const held = started.move();
  return {
    direct: { name: "direct to the vendor", shortName: "direct", url: origin + PATH, model: MODELS.openai },
    through,
    vendor,
    method: [...(canPin() ? ["Each server alone at work on one core."] : []), portkey].join(" "),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

type Start = (file: string, args: readonly string[]) => Promise<ChildServer>;

/** Adds it where it is installed and answers, and tells in any case what became of it. */
async function addPortkey(through: Way[], origin: string, stream: boolean, start: Start): Promise<string> {
  const portkey = findPortkey();
  if (portkey === undefined) return `Portkey's gateway is not installed here (\`${PORTKEY_FOLDER}\`, see ../README.md).`;
  const headers = { "x-portkey-provider": "openai", "x-portkey-custom-host": `${origin}/v1` };
  const added = { ...way(PORTKEY, "Portkey", MODELS.openai, await start("portkey.ts", [portkey.folder])), headers };
  if (!(await hasAnswered(added, stream))) {
    return `Portkey's gateway ${portkey.version}, as it is installed here, fails each of these calls (see ../README.md).`;
  }
  through.push(added);
  return `Portkey's gateway is ${portkey.version}, from npm.`;
}

async function hasAnswered(asked: Way, stream: boolean): Promise<boolean> {
  const question = questionTo(asked, stream);
  const socket = await openConnection(question.url);
  try {
    await ask(socket, renderRequest(question));
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function way(name: string, shortName: string, model: string, server: ChildServer): Way {
  return { name, shortName, model, server, url: server.url + PATH };
}

export function questionTo({ url, model, headers = {} }: Way, stream: boolean): Question {
  const request = { model, messages: [{ role: "user", content: PROMPT }], max_tokens: 1024 };
  const body = JSON.stringify(stream ? { ...request, stream, stream_options: { include_usage: true } } : request);
  return { url, body, headers };
}
