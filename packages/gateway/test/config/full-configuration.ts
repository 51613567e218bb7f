/** A configuration that uses most of what there is, in both languages. */
export const FULL_YAML = `# yaml-language-server: $schema=dragoman.schema.json
server: { host: 127.0.0.1, port: 4242, require_key: true, drain: 30s, body_max: 8MiB, connections_max: 2000, unread_max: 1m, trusted_proxies: [10.0.0.0/8] }
store: sqlite:./dragoman.db
providers:
  openai:
    key: env:OPENAI_API_KEY
    default_model: gpt-5-mini
    timeouts: { first_token: 10s, idle: 1m30s }
    stream_max: 16MiB
    prices: { gpt-5: { input_per_million_usd: 1.25, tiers: [{ input_tokens_above: 200000, input_per_million_usd: 2.5 }] } }
    capabilities: { gpt-5: { parallel_tool_calls: false, context_window_tokens: 400000 } }
    limits: [{ requests: 500, per: minute }]
  anthropic: { key: env:ANTHROPIC_API_KEY, fallback: [openai:gpt-5, fast] }
  gemini: {}
  local: { type: ollama, base_url: "http://127.0.0.1:11434", options: { context_tokens: 8192, keep_alive: 5m } }
models:
  smart:
    strategy: order
    targets: [anthropic:claude-sonnet-5, { model: openai:gpt-5, weight: 2, when: { tools: true, capabilities: [json_schema], tags: { tier: gold } } }]
    fallback: [gemini:gemini-2.5-pro, fast]
    complexity: { mode: act, simple: openai:gpt-5-mini }
    commit: { characters: 200 }
  fast: openai:gpt-5-mini
  both: [openai:gpt-5, local:qwen3]
agents: { researcher: smart, writer: { model: local:qwen3, limits: [{ concurrency: 2 }] } }
teams:
  search: { models: [smart, "fa*", "openai:*"], budgets: [{ usd: 100, per: month, warn_at: [0.8] }] }
keys:
  ci: { key: env:DRAGOMAN_CI_KEY, team: search, limits: [{ requests: 60, per: minute }], expires: 2027-01-01, addresses: [10.1.0.0/16] }
limits:
  - { name: everything, usd: 500, per: month, time_zone: Europe/Berlin, unknown_price: flag }
  - { name: burst, tokens: 100000, per: 10m, each: [key, model], of: { team: search, model: [gpt-5] }, overflow: { wait_max: 5s } }
budgets: [{ name: day, input_tokens: 1000000, per: day, window: rolling, overflow: queue }]
cache: { enabled: true, time_to_live: 5m, scope: team, store: { keyv: env:REDIS_URL } }
failing: { attempts_per_target: 2, wait_max: 2s, commit: first-token, breaker: { failures: 5, open: 10s } }
ledger: { retention: forever, content: false }
telemetry: { log_level: warn, metrics: true }
preferred: { gpt-5: openai }
direct_models: true
`;

export const FULL_TOML = `direct_models = true
store = "sqlite:./dragoman.db"
agents = { researcher = "smart", writer = { model = "local:qwen3", limits = [{ concurrency = 2 }] } }

[server]
host = "127.0.0.1"
port = 4_242
require_key = true
drain = "30s"
body_max = "8MiB"
connections_max = 2_000
unread_max = "1m"
trusted_proxies = ["10.0.0.0/8"]

[providers.openai]
key = "env:OPENAI_API_KEY"
default_model = "gpt-5-mini"
timeouts = { first_token = "10s", idle = "1m30s" }
stream_max = "16MiB"
capabilities.gpt-5 = { parallel_tool_calls = false, context_window_tokens = 400_000 }
[providers.openai.prices.gpt-5]
input_per_million_usd = 1.25
[[providers.openai.prices.gpt-5.tiers]]
input_tokens_above = 200_000
input_per_million_usd = 2.5
[[providers.openai.limits]]
requests = 500
per = "minute"
[providers.anthropic]
key = "env:ANTHROPIC_API_KEY"
fallback = [
  "openai:gpt-5", # before the other
  "fast",
]
[providers.gemini]
[providers.local]
type = "ollama"
base_url = 'http://127.0.0.1:11434'
options = { context_tokens = 8192, keep_alive = "5m" }

[models]
fast = "openai:gpt-5-mini"
both = ["openai:gpt-5", "local:qwen3"]
[models.smart]
strategy = "order"
fallback = ["gemini:gemini-2.5-pro", "fast"]
complexity = { mode = "act", simple = "openai:gpt-5-mini" }
commit = { characters = 200 }
targets = ["anthropic:claude-sonnet-5", { model = "openai:gpt-5", weight = 2, when = { tools = true, capabilities = ["json_schema"], tags = { tier = "gold" } } }]

[teams.search]
models = ["smart", "fa*", "openai:*"]
budgets = [{ usd = 100, per = "month", warn_at = [0.8] }]

[keys.ci]
key = "env:DRAGOMAN_CI_KEY"
team = "search"
limits = [{ requests = 60, per = "minute" }]
expires = 2027-01-01
addresses = ["10.1.0.0/16"]

[[limits]]
name = "everything"
usd = 500
per = "month"
time_zone = "Europe/Berlin"
unknown_price = "flag"
[[limits]]
name = "burst"
tokens = 100_000
per = "10m"
each = ["key", "model"]
of = { team = "search", model = ["gpt-5"] }
overflow = { wait_max = "5s" }
[[budgets]]
name = "day"
input_tokens = 1_000_000
per = "day"
window = "rolling"
overflow = "queue"

[cache]
enabled = true
time_to_live = "5m"
scope = "team"
store = { keyv = "env:REDIS_URL" }
[failing]
attempts_per_target = 2
wait_max = "2s"
commit = "first-token"
breaker = { failures = 5, open = "10s" }
[ledger]
retention = "forever"
content = false
[telemetry]
log_level = "warn"
metrics = true
[preferred]
gpt-5 = "openai"
`;
