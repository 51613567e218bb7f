/**
 * What calls asked and were answered, as the nodes' files have it: compressed. How far each file has been copied stands in `sources`, in the
 * transaction that copied it.
 */
export const SHARED_CONTENT_TABLES = `
alter table dragoman.sources add column contents_entry bigint not null default 0;

create table dragoman.contents (
  -- Of a call. It may be here before its call is, and is asked of only with it.
  id text collate "C" not null,
  source text collate "C" not null,
  -- Its place in the file of its node.
  entry bigint not null,
  kept_at bigint not null,
  bytes bigint not null,
  request bytea not null,
  answer bytea not null,
  primary key (id, source)
);
create index contents_by_entry on dragoman.contents (source, entry) include (bytes);
create index contents_by_time on dragoman.contents (kept_at);
-- They are compressed.
alter table dragoman.contents alter column request set storage external, alter column answer set storage external;
`;
