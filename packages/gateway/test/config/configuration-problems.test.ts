import { describe, expect, it } from "vitest";
import { ConfigurationError, type ConfigurationProblem, parseConfiguration } from "../../src/config/index.ts";

function problemsOf(text: string, format: "yaml" | "toml" = "yaml"): readonly ConfigurationProblem[] {
  try {
    return parseConfiguration(text, { format, file: "d.yaml" }).warnings;
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

/** Each as `line:column path: message [nearest]`. */
function told(text: string, severity: "error" | "warning" = "error", format: "yaml" | "toml" = "yaml"): readonly string[] {
  const problems = problemsOf(text, format).filter((problem) => problem.severity === severity);
  return problems.map(
    ({ line, column, path, message, nearest }) =>
      `${line}:${column} ${path}: ${message}${nearest === undefined ? "" : ` [${nearest.join(", ")}]`}`,
  );
}

const OPENAI = "providers: { openai: {} }\n";

describe("a problem", () => {
  it.each([
    ["an unknown key", "server:\n  prot: 1\n", "2:3 server.prot: there is no such key [port]"],
    ["an unknown key at the top", "server: {}\nstroe: memory\n", "2:1 stroe: there is no such key [store]"],
    [
      "letters that changed places",
      "providers:\n  openai: { kye: env:A }\n",
      "2:13 providers.openai.kye: there is no such key [key]",
    ],
    [
      "a value of the wrong kind",
      "server: { port: high }",
      "1:17 server.port: it must be a whole number from 0 to 65535, in digits alone",
    ],
    [
      "a duration without a unit",
      "server:\n  drain: 30\n",
      "2:10 server.drain: it must be a duration with its unit, as 500ms, 30s, 5m, 1h30m or 7d",
    ],
    [
      "a choice that there is not",
      "telemetry: { log_level: inof }",
      "1:25 telemetry.log_level: it must be one of debug, info, warn, error, silent [info]",
    ],
    [
      "a time zone that there is not",
      "limits: [{ usd: 1, per: day, time_zone: Mars/Base }]",
      "1:41 limits[0].time_zone: there is no such time zone; write it as Europe/Berlin or UTC",
    ],
    [
      "a date that there is not",
      "keys: { a: { key: env:A, expires: 2027-02-31 } }",
      "1:35 keys.a.expires: it must be a date, as 2027-01-31, or a time with its zone, as 2027-01-31T18:00:00Z",
    ],
    ["a missing key", "keys:\n  a: { team: x }\nteams: { x: {} }", "2:3 keys.a.key: it is missing"],
    [
      "a route to a missing provider",
      `${OPENAI}models:\n  a: { targets: [opena:gpt-5] }`,
      '3:18 models.a.targets[0]: there is no provider "opena" [openai:gpt-5]',
    ],
    ["a short route to one", `${OPENAI}models:\n  a: opena:gpt-5`, '3:6 models.a: there is no provider "opena" [openai:gpt-5]'],
    [
      "a model without its provider",
      `${OPENAI}models:\n  a: gpt-5`,
      "3:6 models.a: a model is written as provider:model [openai:gpt-5]",
    ],
    [
      "a fallback to a missing route",
      `${OPENAI}models:\n  fast: openai:gpt-5\n  a: { targets: [openai:gpt-5], fallback: [fats] }`,
      "4:44 models.a.fallback[0]: it is neither a route nor a model, which is written as provider:model [fast]",
    ],
    [
      "a route among targets",
      `${OPENAI}models:\n  b: openai:gpt-5\n  a: [b]`,
      "4:7 models.a[0]: a route cannot stand here, only a model",
    ],
    [
      "a route without targets",
      `${OPENAI}models:\n  a: { targets: [] }`,
      "3:17 models.a.targets: a route needs at least one target",
    ],
    [
      "routes in a circle",
      `${OPENAI}models:\n  a: { targets: [openai:gpt-5], fallback: [b] }\n  b: { targets: [openai:gpt-5], fallback: [a] }`,
      "4:44 models.b.fallback[0]: routes fall back in a circle: a -> b -> a",
    ],
    [
      "an agent without a model",
      "agents: { a: smrt }\nproviders: { openai: {} }\nmodels: { smart: openai:gpt-5 }",
      "1:14 agents.a: it is neither a route nor a model, which is written as provider:model [smart]",
    ],
    [
      "a key of a missing team",
      "teams: { search: {} }\nkeys: { a: { key: env:A, team: serch } }",
      "2:32 keys.a.team: there is no such team [search]",
    ],
    [
      "a provider that there is not",
      "providers:\n  anthropc: {}",
      "2:3 providers.anthropc: there is no built-in provider and no installed package of this name [anthropic]",
    ],
    [
      "a server without its address",
      "providers:\n  mine: { type: openai-compatible }",
      "2:3 providers.mine: an openai-compatible server needs its address",
    ],
    [
      "an unknown option",
      "providers: { ollama: { options: { context_token: 1 } } }",
      "1:35 providers.ollama.options.context_token: there is no such option [context_tokens]",
    ],
    [
      "a fallback of a provider to nothing",
      "providers: { openai: { fallback: [antropic:x] } }",
      '1:35 providers.openai.fallback[0]: there is no provider "antropic"',
    ],
    [
      "a preference for nobody",
      `${OPENAI}preferred: { gpt-5: opena }`,
      "2:21 preferred.gpt-5: there is no such provider [openai]",
    ],
    [
      "a limit of a missing team",
      "teams: { search: {} }\nlimits: [{ usd: 1, per: day, of: { team: [serch] } }]\nstore: sqlite:a",
      "2:43 limits[0].of.team[0]: this matches nothing: there is no such name under teams [search]",
    ],
    [
      "a limit of a model on no route",
      `${OPENAI}models: { a: openai:gpt-5 }\nlimits: [{ requests: 1, per: minute, of: { model: gpt-6 } }]`,
      "3:51 limits[0].of.model: this matches nothing: no route and no provider has this model [gpt-5]",
    ],
    [
      "a limit of nothing",
      "limits: [{ per: day }]",
      "1:10 limits[0]: it does not say how much of what: write one of requests, tokens, input_tokens, output_tokens, usd, concurrency",
    ],
    [
      "a limit of two things",
      "limits: [{ requests: 1, tokens: 2, per: day }]",
      "1:33 limits[0].tokens: it counts requests and tokens: write a rule for each",
    ],
    [
      "a limit without a span",
      "limits: [{ requests: 1 }]",
      "1:10 limits[0]: it does not say over which span: write per, as per: minute",
    ],
    [
      "a span of calls at once",
      "limits: [{ concurrency: 1, per: day }]",
      "1:33 limits[0].per: calls at once have no span: leave it out",
    ],
    [
      "an amount that is text",
      "limits: [{ requests: 10_000, per: day }]\nstore: sqlite:a",
      "1:22 limits[0].requests: it must be a whole number of 1 or more, in digits alone",
    ],
    [
      "two limits of one name",
      "store: sqlite:a\nlimits:\n  - { name: a, requests: 1, per: day }\n  - { name: a, requests: 1, per: day }",
      "4:13 limits[1].name: another limit has this name",
    ],
    [
      "a rule of another team than its own",
      "store: sqlite:a\nteams: { a: { budgets: [{ usd: 1, per: day, of: { team: a } }] } }",
      "2:57 teams.a.budgets[0].of.team: this rule is of the team in which it stands",
    ],
    [
      "a pattern that matches nothing",
      `${OPENAI}models: { smart: openai:gpt-5 }\ndirect_models: false\nteams: { a: { models: [smrt] } }`,
      "4:24 teams.a.models[0]: it matches no route and no model [smart]",
    ],
    [
      "a route named like a provider's model",
      `${OPENAI}models:\n  openai:fast: openai:gpt-5`,
      "3:3 models.openai:fast: a route's name must not begin with openai:, which is a provider",
    ],
    ["the same key twice", "server: { port: 1 }\nserver: { port: 2 }", "2:1 : this is no valid YAML: Map keys must be unique"],
    [
      "YAML that ends early",
      "server: { port: 1",
      "1:18 : this is no valid YAML: Flow map in block collection must be sufficiently indented and end with a }",
    ],
    ["a tag", "server: { host: !!binary aGk= }", "1:26 server.host: tags are not taken"],
    ["a name that JavaScript has", "models: { constructor: a:b }", "1:11 models: this name cannot be used"],
    ["a prototype", "__proto__: { port: 1 }", "1:1 : this name cannot be used"],
  ])("tells %s with its line", (_, text, expected) => {
    expect(told(text)).toEqual([expected]);
  });

  it.each([
    ["an unknown key", "[server]\n  prot = 1\n", "2:3 server.prot: there is no such key [port]"],
    [
      "a key in a list of tables",
      "[[limits]]\nrequests = 1\nper = 'minute'\n[[limits]]\nrequests = 1\nper = 'fortnight'",
      "6:7 limits[1].per: it must be second, minute, hour, day, week, month, year, or a duration, as 10m or 30d",
    ],
    [
      "a value in a list in a table in a list",
      'limits = [ { requests = 1, per = "minute", # a [comment]\n of = { team = ["a.b", \'x\'] } } ]\n[teams."a.b"]',
      "2:24 limits[0].of.team[1]: this matches nothing: there is no such name under teams",
    ],
    ["a dotted key", 'server.host = "a"\nserver.prot = 1', "2:1 server.prot: there is no such key [port]"],
    [
      "a key behind a long text",
      'server.host = """a\n[not]\nb = """\nserver.prot = 1',
      "4:1 server.prot: there is no such key [port]",
    ],
    ["a mistake in the syntax", "[server]\nport = = 1", "2:8 : this is no valid TOML: invalid value"],
    ["a prototype", "[__proto__]\na = 1", "1:1 : this name cannot be used"],
  ])("tells %s of TOML with its line", (_, text, expected) => {
    expect(told(text, "error", "toml")).toEqual([expected]);
  });

  it("is told with all others, in the order of the file", () => {
    expect(
      told(`server: { prot: 1, port: high }
providers:
  openai: { kye: env:A, limits: [{ requests: 1 }] }
models:
  a: { targets: [openai:gpt-5, { modl: x }, opena:x], strategy: ordre }
limits:
  - { requests: none, per: day }
  - { requests: 1, per: minute, of: { team: [serch] } }
teams: { search: {} }
`).map((line) => line.split(": ")[0]),
    ).toEqual([
      "1:11 server.prot",
      "1:26 server.port",
      "3:13 providers.openai.kye",
      "3:34 providers.openai.limits[0]",
      "5:32 models.a.targets[1].model",
      "5:34 models.a.targets[1].modl",
      "5:45 models.a.targets[2]",
      "5:65 models.a.strategy",
      "7:17 limits[0].requests",
      "8:46 limits[1].of.team[0]",
    ]);
  });

  it("stands in the error's message with file, line and advice", () => {
    expect(() => parseConfiguration("server: { prot: 1 }", { format: "yaml", file: "dragoman.yaml" })).toThrow(
      "dragoman.yaml:1:11: server.prot: there is no such key; did you mean port?",
    );
  });

  it.each([
    ["a key", "providers: { openai: { key: SECRET } }", "providers.openai.key"],
    ["a key of a caller", "keys: { a: { key: SECRET } }", "keys.a.key"],
    [
      "a header",
      "providers: { openai: { headers: { Authorization: Bearer SECRET } } }",
      "providers.openai.headers.Authorization",
    ],
    [
      "an option",
      "providers: { bedrock: { options: { credentials: { secret_access_key: SECRET } } } }",
      "providers.bedrock.options.credentials.secret_access_key",
    ],
    ["an address", "providers: { openai: { base_url: 'https://me:SECRET@host/v1' } }", "providers.openai.base_url"],
    ["the store's address", "store: postgres://me:SECRET@host/db", "store"],
    ["the cache's address", "cache: { store: { keyv: 'redis://me:SECRET@host' } }", "cache.store"],
    ["a number that is none", "server: { port: SECRET }", "server.port"],
    ["broken YAML", "providers: { openai: { key: 'SECRET }", ""],
  ])("does not repeat a secret that is written down as %s", (_, text, path) => {
    const secret = "sk-live-0123456789abcdef0123456789";
    const problems = problemsOf(text.replace("SECRET", secret));
    expect(problems.some(({ severity }) => severity === "error")).toBe(true);
    expect(problems[0]?.path).toBe(path);
    expect(() => parseConfiguration(text.replace("SECRET", secret), { format: "yaml" })).not.toThrow(secret);
    expect(JSON.stringify(problems)).not.toContain(secret);
  });
});

describe("a warning", () => {
  it("is given for a model that the provider's catalogue does not know", () => {
    const [problem] = problemsOf(`${OPENAI}models:\n  a: openai:claude-sonnet-5`);
    expect(problem).toMatchObject({ severity: "warning", line: 3, column: 6, path: "models.a" });
    expect(problem?.message).toContain("the catalogue of openai does not know this model");
  });

  it("is not given for an engine, whose models are its owner's", () => {
    expect(problemsOf("providers: { ollama: {} }\nmodels: { a: ollama:anything }")).toEqual([]);
  });

  it("is given for a variable that is not set", () => {
    const { warnings } = parseConfiguration("providers:\n  openai: { key: env:NOT_SET }\n  gemini: { key: env:SET }", {
      format: "yaml",
      environment: { SET: "x" },
    });
    expect(warnings).toEqual([
      expect.objectContaining({ severity: "warning", line: 2, column: 18, message: "the variable NOT_SET is not set" }),
    ]);
  });

  it("is given for budgets in memory", () => {
    expect(told("store: memory\nlimits: [{ usd: 1, per: month }]", "warning")).toEqual([
      "1:8 store: budgets are forgotten when the gateway ends",
    ]);
  });
});
