/**
 * What nodes ask of the leases, as functions of the server: one round trip each, so that a counter's row is locked for no longer than the
 * server takes.
 *
 * Locks are taken in one order: the node's own row, then counters by their key. A sweep is two transactions, as each
 * takes counters by their key as well.
 */

/** Tables of the leases. `committed` and `used` of a counter are the sums over its leases, kept with them. */
export const LEASE_TABLES = `
create table dragoman.nodes (
  node text collate "C" primary key,
  -- Grows each time that a process takes the name or the lease is taken back: the fencing token.
  epoch bigint not null,
  -- Of the last renewal under it.
  turn bigint not null default 0,
  since timestamptz not null,
  expires_at timestamptz not null,
  -- Its lease was taken back.
  gone boolean not null
) with (fillfactor = 50);

create table dragoman.counters (
  counter text collate "C" primary key,
  label text not null,
  committed bigint not null default 0,
  used bigint not null default 0
) with (fillfactor = 70);
create index counters_empty on dragoman.counters (counter) where committed = 0;

create table dragoman.leases (
  counter text collate "C" not null,
  node text collate "C" not null,
  epoch bigint not null,
  units bigint not null,
  used bigint not null,
  -- When all that is in use will have left its window.
  leaves_at timestamptz not null,
  -- Nobody renews it: it is there until leaves_at.
  orphan boolean not null,
  primary key (counter, node)
) with (fillfactor = 70);
create index leases_by_node on dragoman.leases (node, epoch) where not orphan;
create index leases_orphaned on dragoman.leases (leaves_at) where orphan;
`;

export const LEASE_FUNCTIONS = `
create function dragoman.register_node(p_node text, p_lease_ms integer, p_take_over boolean) returns bigint
language sql volatile as $body$
  insert into dragoman.nodes as n (node, epoch, since, expires_at, gone)
  values (p_node, 1, clock_timestamp(), clock_timestamp() + p_lease_ms * interval '1 ms', false)
  on conflict (node) do update set epoch = n.epoch + 1, turn = 0, since = excluded.since, expires_at = excluded.expires_at, gone = false
    where p_take_over or n.gone or n.expires_at < clock_timestamp()
  returning epoch
$body$;

create function dragoman.leave_node(p_node text, p_epoch bigint) returns void
language sql volatile as $body$
  update dragoman.nodes set expires_at = '-infinity' where node = p_node and epoch = p_epoch
$body$;

-- What a node holds is never taken away here, only by a sweep; it grows by what is free, and shrinks by what it does not want.
-- Of what is free beyond its need, a node gets no more than its share and that of one more, so that the last of it goes round.
create function dragoman.renew_leases(
  p_node text, p_epoch bigint, p_turn bigint, p_lease_ms integer, p_nodes integer, p_count_nodes boolean,
  p_counters text[], p_labels text[], p_amounts bigint[], p_used bigint[], p_needs bigint[], p_demands bigint[], p_wanted bigint[],
  p_leaves_ms bigint[], p_released boolean[]
) returns table (nodes integer, units bigint[], elsewhere bigint[], free bigint[])
language plpgsql volatile
-- A session keeps the plans that it made when the tables were small; by index is right at any size.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $body$
#variable_conflict use_column
declare
  v_count integer := cardinality(p_counters);
  v_locked integer;
begin
  -- Nobody waits for the disk with a counter locked. A crash of the server loses the leases of its last moments, as if the nodes that got
  -- them had been lost once; what was spent they tell again.
  perform set_config('synchronous_commit', 'off', true);
  update dragoman.nodes n set turn = p_turn, expires_at = clock_timestamp() + p_lease_ms * interval '1 ms'
    where n.node = p_node and n.epoch = p_epoch and n.turn < p_turn and not n.gone;
  if not found then
    raise exception 'the lease of node % is another''s', p_node using errcode = 'DRG01';
  end if;

  if p_count_nodes then
    select count(*)::integer into nodes from dragoman.nodes n where n.expires_at > clock_timestamp() and not n.gone;
  end if;

  -- A counter that nobody uses may be swept between its making and its locking.
  loop
    insert into dragoman.counters (counter, label)
      select a.counter, a.label from unnest(p_counters, p_labels) as a (counter, label) order by 1 on conflict do nothing;
    perform 1 from dragoman.counters c where c.counter = any (p_counters) order by c.counter for update;
    get diagnostics v_locked = row_count;
    exit when v_locked = v_count;
  end loop;

  with asked as (
    select * from unnest(p_counters, p_amounts, p_used, p_needs, p_demands, p_wanted, p_leaves_ms, p_released)
      with ordinality as a (counter, amount, used, need, demand, wanted, leaves_ms, released, place)
  ), known as (
    select a.*, coalesce(l.units, 0) as own, coalesce(l.used, 0) as own_used, c.used as all_used, c.committed,
      a.amount - (c.committed - coalesce(l.units, 0)) as available
    from asked a join dragoman.counters c on c.counter = a.counter
    left join dragoman.leases l on l.counter = a.counter and l.node = p_node
  ), granted as (
    select k.*, case when k.released then k.used else greatest(
      k.used,
      least(k.wanted, k.own),
      case when k.need > k.available then 0
        else least(k.wanted, k.need + (k.available - k.need + p_nodes) / (p_nodes + 1)) end
    ) end as new_units
    from known k
  ), reported as (
    select g.*, case when g.released then g.used else greatest(g.used, least(g.demand, g.new_units)) end as new_used
    from granted g
  ), written as (
    insert into dragoman.leases as l (counter, node, epoch, units, used, leaves_at, orphan)
    select r.counter, p_node, p_epoch, r.new_units, r.new_used, clock_timestamp() + r.leaves_ms * interval '1 ms', r.released
    from reported r where r.new_units > 0
    on conflict (counter, node) do update set epoch = excluded.epoch, units = excluded.units, used = excluded.used,
      leaves_at = excluded.leaves_at, orphan = excluded.orphan
  ), removed as (
    delete from dragoman.leases l using reported r where r.new_units = 0 and l.counter = r.counter and l.node = p_node
  ), summed as (
    update dragoman.counters c set committed = c.committed + r.new_units - r.own, used = c.used + r.new_used - r.own_used
    from reported r where c.counter = r.counter and (r.new_units <> r.own or r.new_used <> r.own_used)
  )
  select coalesce(array_agg(r.new_units order by r.place), '{}'), coalesce(array_agg(r.all_used - r.own_used order by r.place), '{}'),
    coalesce(array_agg(r.amount - r.committed + r.own - r.new_units order by r.place), '{}')
  into units, elsewhere, free from reported r;
  return next;
end
$body$;

-- Takes back what dead nodes hold beyond what they said to be in use, and what was held by an earlier process of a node that has had the
-- time to ask for it. So many rows at a time, by one node at a time.
create function dragoman.reclaim_leases(p_lease_ms integer, p_rows_max integer) returns integer
language plpgsql volatile
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $body$
declare
  v_counters text[];
  v_nodes text[];
  v_rows integer := 0;
begin
  -- 1145913671 is "DRAG".
  if not pg_try_advisory_xact_lock(1145913671, 1) then
    return 0;
  end if;

  update dragoman.nodes n set epoch = n.epoch + 1, gone = true
    where n.node in (
      select d.node from dragoman.nodes d where not d.gone and d.expires_at < clock_timestamp() for update skip locked
    );

  select array_agg(f.counter), array_agg(f.node) into v_counters, v_nodes from (
    select l.counter, l.node from dragoman.nodes n
    join dragoman.leases l on l.node = n.node and not l.orphan and l.epoch < n.epoch
    where n.gone or n.since < clock_timestamp() - p_lease_ms * interval '1 ms'
    limit p_rows_max
  ) f;
  if v_counters is not null then
    perform 1 from dragoman.counters c where c.counter = any (v_counters) order by c.counter for update;
    -- Looked at again, now that nobody else changes them.
    with dead as (
      select l.counter, l.node, l.units, l.used from unnest(v_counters, v_nodes) as f (counter, node)
      join dragoman.leases l on l.counter = f.counter and l.node = f.node
      join dragoman.nodes n on n.node = l.node and l.epoch < n.epoch
      where not l.orphan
    ), orphaned as (
      update dragoman.leases l set units = d.used, orphan = true from dead d where l.counter = d.counter and l.node = d.node
    ), summed as (
      update dragoman.counters c set committed = c.committed - s.units
      from (select d.counter, sum(d.units - d.used)::bigint as units from dead d group by d.counter) s where c.counter = s.counter
    )
    select count(*) into v_rows from dead;
  end if;
  return v_rows;
end
$body$;

-- Lets go of what has left its window, and of counters that nobody holds anything of.
create function dragoman.release_leases(p_rows_max integer) returns integer
language plpgsql volatile
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $body$
declare
  v_counters text[];
  v_nodes text[];
  v_rows integer := 0;
begin
  if not pg_try_advisory_xact_lock(1145913671, 2) then
    return 0;
  end if;

  select array_agg(f.counter), array_agg(f.node) into v_counters, v_nodes from (
    select l.counter, l.node from dragoman.leases l where l.orphan and l.leaves_at < clock_timestamp() limit p_rows_max
  ) f;
  if v_counters is not null then
    perform 1 from dragoman.counters c where c.counter = any (v_counters) order by c.counter for update;
    with left_window as (
      delete from dragoman.leases l using unnest(v_counters, v_nodes) as f (counter, node)
      where l.counter = f.counter and l.node = f.node and l.orphan and l.leaves_at < clock_timestamp()
      returning l.counter, l.units, l.used
    ), summed as (
      update dragoman.counters c set committed = c.committed - s.units, used = c.used - s.used
      from (select w.counter, sum(w.units)::bigint as units, sum(w.used)::bigint as used from left_window w group by w.counter) s
      where c.counter = s.counter
    )
    select count(*) into v_rows from left_window;
  end if;

  delete from dragoman.counters c where c.counter in (
    select e.counter from dragoman.counters e where e.committed = 0
    and not exists (select 1 from dragoman.leases l where l.counter = e.counter) limit p_rows_max for update skip locked
  );
  return v_rows;
end
$body$;
`;

/**
 * A counter keeps what its key was made of, so that a process that starts again under its node's name knows what the earlier one has left;
 * and a renewal brings what others use of counters of which there is nothing to renew. Those are read first, and not locked.
 */
export const LEASE_NAMES = `
alter table dragoman.counters add column name text;
-- For the question that says so alone: any other would be planned to read all that a node holds, while that is little.
create index leases_of_node on dragoman.leases (node, counter) where counter > '';

create function dragoman.renew_and_look(
  p_node text, p_epoch bigint, p_turn bigint, p_lease_ms integer, p_nodes integer, p_count_nodes boolean,
  p_counters text[], p_labels text[], p_amounts bigint[], p_used bigint[], p_needs bigint[], p_demands bigint[], p_wanted bigint[],
  p_leaves_ms bigint[], p_released boolean[], p_names text[], p_looks text[]
) returns table (nodes integer, units bigint[], elsewhere bigint[], free bigint[], looks bigint[])
language plpgsql volatile
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $body$
#variable_conflict use_column
begin
  -- Row by row, so that each is found by its key whatever is known of the tables' size.
  select coalesce(array_agg(
      coalesce((select c.used from dragoman.counters c where c.counter = k.counter), 0)
      - coalesce((select l.used from dragoman.leases l where l.counter = k.counter and l.node = p_node), 0)
    order by k.place), '{}') into looks
    from unnest(p_looks) with ordinality as k (counter, place);

  select r.nodes, r.units, r.elsewhere, r.free into nodes, units, elsewhere, free from dragoman.renew_leases(
    p_node, p_epoch, p_turn, p_lease_ms, p_nodes, p_count_nodes,
    p_counters, p_labels, p_amounts, p_used, p_needs, p_demands, p_wanted, p_leaves_ms, p_released
  ) r;

  -- Told once by each process that uses it; written once. The rows are locked already.
  update dragoman.counters c set name = a.name from unnest(p_counters, p_names) as a (counter, name)
    where a.name is not null and c.counter = a.counter and c.name is null;
  return next;
end
$body$;
`;
