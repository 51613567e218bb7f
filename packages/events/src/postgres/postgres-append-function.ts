/**
 * Appends happen in the server, in one call for as many as wait: one round trip, and the lock below is held for no longer than the
 * server takes.
 *
 * **The order of the log.** A position that is taken from a sequence is not yet one that can be read: of two transactions the later number
 * may be committed first, and a reader that has gone past it never sees the earlier one. There are two ways out. One is to read only up
 * to the oldest transaction that still runs; then any long transaction, of whatever program on that server, holds up every reader,
 * and a writer does not find what it has just written. The other is taken here: positions are given out under a lock that is held until
 * the commit can be seen, so they appear in their order, and at once. Writers then follow one another; what that costs in flushes of the
 * disk is won back by the queue, which puts the appends of a process that wait into one call.
 *
 * The lock is of the transaction, so it cannot be left behind, and advisory, so it writes nothing. PostgreSQL releases it after the
 * commit has become visible (`CommitTransaction` in xact.c: `ProcArrayEndTransaction` first, then the locks), and each statement of a
 * volatile function sees what was committed before it began, which the ones after the lock rely on.
 */

/** Whoever waits to be told listens here; the message is the schema. */
export const CHANNEL = "dragoman_events";

/**
 * Takes the streams of all appends, each once; of each append its stream (as a place in that list, from 1 on), what it expects
 * (null: anything), how many events it has and when; and all events in their order, each with the place of its append.
 *
 * What is known already is looked up for all at once, decided on append by append without touching a table, and written at once: that
 * is several times as fast as a few statements for each. Two appends of one call that bring the same id break the rule that ids are
 * unique, and the call fails whole; the queue then gives them one by one.
 */
export const APPEND_FUNCTION = `
create function $S.append_events(
  p_streams text[], p_stream_of integer[], p_expected integer[], p_counts integer[], p_recorded bigint[],
  p_append_of integer[], p_ids text[], p_types text[], p_data text[], p_schema_versions integer[], p_metadata text[], p_tenants text[]
) returns table (outcome text, first_version integer, first_position bigint, taken text)
language plpgsql volatile
-- A session keeps the plans that it made when the tables were small; by index is right at any size.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $body$
declare
  v_outcome text[] := array_fill(null::text, array[cardinality(p_counts)]);
  v_first_version integer[] := array_fill(null::integer, array[cardinality(p_counts)]);
  v_first_position bigint[] := array_fill(null::bigint, array[cardinality(p_counts)]);
  v_first_event integer[] := array_fill(null::integer, array[cardinality(p_counts)]);
  v_taken text[] := array_fill(null::text, array[cardinality(p_counts)]);
  v_versions integer[];
  v_known record;
  v_append integer;
  v_stream integer;
  v_event integer := 1;
  v_start bigint;
  v_next bigint;
begin
  -- Two numbers: the schema's own lock. 1145913671 is "DRAG".
  perform pg_advisory_xact_lock(1145913671, hashtext('$S'));

  for i in 1 .. cardinality(p_counts) loop
    v_first_event[i] := v_event;
    v_event := v_event + p_counts[i];
  end loop;
  v_versions := array(
    select coalesce(s.version, 0) from unnest(p_streams) with ordinality as n (stream, at)
    left join $S.streams s on s.stream = n.stream order by n.at
  );

  for v_known in
    select n.at, e.id, e.stream, e.version from unnest(p_ids) with ordinality as n (id, at)
    join $S.events e on e.id = n.id order by n.at
  loop
    v_append := p_append_of[v_known.at];
    if v_outcome[v_append] is not null then continue; end if;
    if v_known.at = v_first_event[v_append] and v_known.stream = p_streams[p_stream_of[v_append]] then
      v_outcome[v_append] := 'repeated';
      v_first_version[v_append] := v_known.version;
    else
      v_outcome[v_append] := 'id-taken';
      v_taken[v_append] := v_known.id;
    end if;
  end loop;

  for i in 1 .. cardinality(p_counts) loop
    if v_outcome[i] is not null then continue; end if;
    v_stream := p_stream_of[i];
    if p_expected[i] <> v_versions[v_stream] then
      v_outcome[i] := 'conflict';
      v_first_version[i] := v_versions[v_stream];
      continue;
    end if;
    if v_start is null then
      v_start := nextval('$S.positions');
      v_next := v_start;
    end if;
    v_outcome[i] := 'added';
    v_first_version[i] := v_versions[v_stream] + 1;
    v_first_position[i] := v_next;
    v_versions[v_stream] := v_versions[v_stream] + p_counts[i];
    v_next := v_next + p_counts[i];
  end loop;

  if v_start is not null then
    perform setval('$S.positions', v_next - 1);
    insert into $S.events (position, stream, version, id, type, data, schema_version, metadata, tenant, recorded_at)
      select v_first_position[e.append] + e.at - v_first_event[e.append], p_streams[p_stream_of[e.append]],
        v_first_version[e.append] + e.at - v_first_event[e.append], e.id, e.type, e.data::json, e.schema_version, e.metadata::json,
        e.tenant, p_recorded[e.append]
      from unnest(p_append_of, p_ids, p_types, p_data, p_schema_versions, p_metadata, p_tenants)
        with ordinality as e (append, id, type, data, schema_version, metadata, tenant, at)
      where v_outcome[e.append] = 'added';
    insert into $S.streams as s (stream, version)
      select n.stream, n.version from unnest(p_streams, v_versions) as n (stream, version) where n.version > 0
      on conflict (stream) do update set version = excluded.version where s.version <> excluded.version;
    perform pg_notify('${CHANNEL}', '$S');
  end if;
  return query select * from unnest(v_outcome, v_first_version, v_first_position, v_taken);
end
$body$;
`;
