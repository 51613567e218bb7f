/**
 * The ledger of all nodes. `calls` and `attempts` have the columns of each node's own tables, so that the same questions are asked of both;
 * `sources` says how far each node's file has been copied, in the transaction that copied it.
 */
export const SHARED_LEDGER_TABLES = `
create table dragoman.sources (
  -- Of a node's file: it is another one where the file is.
  source text collate "C" primary key,
  node text not null,
  sequence bigint not null,
  shipped_at timestamptz not null
);

create table dragoman.calls (
  sequence bigint generated always as identity primary key,
  source text collate "C" not null,
  source_sequence bigint not null,
  id text collate "C" not null unique,
  node text not null,
  started_at bigint not null,
  operation text not null,
  key text not null,
  team text,
  agent text,
  session text,
  "user" text,
  route text,
  tags json,
  outcome text not null,
  provider text,
  model text,
  attempts integer not null,
  input_tokens bigint,
  output_tokens bigint,
  cache_read_tokens bigint,
  cache_write_tokens bigint,
  reasoning_tokens bigint,
  known_nano_usd bigint not null,
  failed_nano_usd bigint not null,
  saved_nano_usd bigint not null,
  unpriced integer not null,
  estimated integer not null,
  cached integer not null,
  duration_bucket integer,
  first_token_bucket integer,
  record text not null
);
create index calls_by_start on dragoman.calls (started_at, id);
create index calls_by_key on dragoman.calls (key, started_at);
create index calls_by_session on dragoman.calls (session, started_at) where session is not null;
create index calls_by_user on dragoman.calls ("user", started_at) where "user" is not null;

create table dragoman.attempts (
  call bigint not null references dragoman.calls on delete cascade,
  number integer not null,
  provider text not null,
  model text not null,
  answered integer not null,
  sent integer not null,
  input_tokens bigint,
  output_tokens bigint,
  cache_read_tokens bigint,
  cache_write_tokens bigint,
  reasoning_tokens bigint,
  nano_usd bigint,
  estimated integer not null,
  duration_bucket integer,
  first_token_bucket integer,
  primary key (call, number)
);

-- As a clock at that place shows it; an hour carries its offset, so that the one which comes twice in autumn is two.
create function dragoman.period_label(p_ms bigint, p_unit text, p_zone text) returns text
language sql stable as $body$
  select case p_unit
    when 'month' then to_char(t.there, 'YYYY-MM')
    when 'day' then to_char(t.there, 'YYYY-MM-DD')
    else to_char(t.there, 'YYYY-MM-DD"T"HH24:00') || case
      when t.there = t.utc then 'Z'
      else case when t.there < t.utc then '-' else '+' end
        || to_char(greatest(t.there - t.utc, t.utc - t.there), 'HH24:MI') end
  end
  from (
    select to_timestamp(p_ms / 1000.0) at time zone p_zone as there, to_timestamp(p_ms / 1000.0) at time zone 'UTC' as utc
  ) t
$body$;
`;
