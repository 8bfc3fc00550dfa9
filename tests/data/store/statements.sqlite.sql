select json_object('products', json_array(count(*), json(iif(exists (select 1 from feed_version
    where source = $1 and state = 'applied' and judged_by is not null
    and not exists (select 1 from run r where r.id = run_id and r.rolled_back_by is not null)),
    'true', 'false'))))
    from product where source = $1
    union all
    select json_object('quarantined', record_reference) from quarantine
    where state = 'open' and source = $1 and record_reference is not null
    union all
    select * from (select json_object('feed',
    json_array(id, hex(digest), format, judged_by, run_id, acceptance))
    from feed_version
    where source = $1 and state = 'applied' and digest is not null and judged_by is not null
    and not exists (select 1 from run r where r.id = run_id and r.rolled_back_by is not null)
    order by id desc limit $2)
    union all
    select json_object('mark', json_array(format,
    json_object('number', number, 'repeat', repeat, 'sent', sent, 'run', run_id)))
    from message_mark where source = $1
    union all
    select json_object('held', json_object('feed_version_id', v.id, 'run', v.run_id,
    'format', v.format, 'number', v.place_number, 'sent', v.place_sent, 'digest', lower(hex(v.digest)),
    'is_stale', json(iif(h.plan->>'stale' is null, 'false', 'true'))))
    from held_feed h join feed_version v on v.id = h.feed_version_id
    where h.state = 'open' and v.source = $1
    union all
    select json_object('usual', json_array(last.id, last.format, last.records, last.standing))
    from (with recursive formats as (
    select min(format) as format from feed_version
    where source = $1 and state = 'applied' and extent = 'full'
    union all
    select (select min(v.format) from feed_version v
    where v.source = $1 and v.state = 'applied' and v.extent = 'full' and v.format > formats.format)
    from formats where formats.format is not null)
    select format, coalesce((select max(v.id) from feed_version v
    where v.source = $1 and v.state = 'applied' and v.extent = 'full' and v.format = formats.format
    and v.released_from is not null), 0) as let_in
    from formats where format is not null) f
    cross join feed_version last on last.id in (select v.id from feed_version v
    where v.source = $1 and v.state = 'applied' and v.extent = 'full' and v.format = f.format
    and v.id >= f.let_in
    and exists (select 1 from run r where r.id = v.run_id and r.rolled_back_by is null)
    order by v.id desc limit $3);

select json_object('products', json_array(count(*), json(iif(exists (select 1 from feed_version
    where source = $1 and state = 'applied' and judged_by is not null
    and not exists (select 1 from run r where r.id = run_id and r.rolled_back_by is not null)),
    'true', 'false'))))
    from product where source = $1
    union all
    select json_object('quarantined', record_reference) from quarantine
    where state = 'open' and source = $1 and record_reference is not null
    union all
    select * from (select json_object('feed',
    json_array(id, hex(digest), format, judged_by, run_id, acceptance))
    from feed_version
    where source = $1 and state = 'applied' and digest = unhex($4) and judged_by is not null
    and not exists (select 1 from run r where r.id = run_id and r.rolled_back_by is not null)
    order by id desc limit $2)
    union all
    select json_object('mark', json_array(format,
    json_object('number', number, 'repeat', repeat, 'sent', sent, 'run', run_id)))
    from message_mark where source = $1
    union all
    select json_object('held', json_object('feed_version_id', v.id, 'run', v.run_id,
    'format', v.format, 'number', v.place_number, 'sent', v.place_sent, 'digest', lower(hex(v.digest)),
    'is_stale', json(iif(h.plan->>'stale' is null, 'false', 'true'))))
    from held_feed h join feed_version v on v.id = h.feed_version_id
    where h.state = 'open' and v.source = $1
    union all
    select json_object('usual', json_array(last.id, last.format, last.records, last.standing))
    from (with recursive formats as (
    select min(format) as format from feed_version
    where source = $1 and state = 'applied' and extent = 'full'
    union all
    select (select min(v.format) from feed_version v
    where v.source = $1 and v.state = 'applied' and v.extent = 'full' and v.format > formats.format)
    from formats where formats.format is not null)
    select format, coalesce((select max(v.id) from feed_version v
    where v.source = $1 and v.state = 'applied' and v.extent = 'full' and v.format = formats.format
    and v.released_from is not null), 0) as let_in
    from formats where format is not null) f
    cross join feed_version last on last.id in (select v.id from feed_version v
    where v.source = $1 and v.state = 'applied' and v.extent = 'full' and v.format = f.format
    and v.id >= f.let_in
    and exists (select 1 from run r where r.id = v.run_id and r.rolled_back_by is null)
    order by v.id desc limit $3);

with now as (select count(*) as open from quarantine q where q.state = 'open' and q.source = $1),
    untouched as (select count(*) as staying from quarantine q where q.state = 'open' and q.source = $1
    and not exists (select 1 from staged_release r where r.source = q.source
    and r.record_reference = q.record_reference)
    and not exists (select 1 from staged_quarantine s where s.source = q.source
    and s.record_reference = q.record_reference)
    and not exists (select 1 from staged_quarantine s where s.source = q.source
    and s.bytes_digest = q.bytes_digest)),
    told as (select count(*) as refused from staged_quarantine s where s.source = $1
    and not exists (select 1 from staged_quarantine o
    where o.source = s.source and o.bytes_digest = s.bytes_digest
    and coalesce(o.record_reference, '') = coalesce(s.record_reference, '')
    and (o.feed_version_id > s.feed_version_id
    or (o.feed_version_id = s.feed_version_id and o.seq < s.seq))) and not exists (select 1 from staged_quarantine o
    where o.source = s.source and o.record_reference = s.record_reference
    and o.feed_version_id > s.feed_version_id) and not exists (select 1 from staged_release r
    where r.source = s.source and r.record_reference = s.record_reference and r.seq > s.seq))
    select json_array(staying + refused, max(staying + refused - open, 0)) from now, untouched, told;

create temporary table staged_product (seq integer primary key, product_id integer, fresh integer,
        feed_version_id integer, source text, record_reference text, fingerprint blob, facts integer,
        changed_at integer, edition_number text, title text, subtitle text, instrumentation text, form text,
        binding text, publisher text, imprint text, pages integer, weight_g text, height_mm text, width_mm text,
        thickness_mm text, publication_date text, publishing_status text, availability text, stock integer,
        unpriced_reason text, attributes text);
create temporary table staged_identifier (seq integer, product_id integer, position integer, kind text, value text);
create temporary table staged_contributor (seq integer, product_id integer, position integer, sequence integer,
        role text, name text, sort_name text, born text, died text);
create temporary table staged_price (seq integer, product_id integer, position integer, kind text, qualifier text,
        minimum_quantity integer, conditions text, amount text, currency text, tax_code text, tax_percent text,
        territory text, valid_from text, valid_until text);
create temporary table staged_withdrawal (seq integer primary key, product_id integer, feed_version_id integer);
create temporary table staged_date (seq integer primary key, product_id integer, changed_at integer);
create temporary table staged_quarantine (seq integer primary key, feed_version_id integer, source text,
        record_reference text, bytes blob, bytes_digest blob, entry_id integer, feed text, ordinal integer,
        line_number integer, column_number integer, byte_offset integer, format text, profile_version integer,
        context text, findings text);
create temporary table staged_release (seq integer, source text, record_reference text);
create index temp.staged_quarantine_digest on staged_quarantine (bytes_digest);
create index temp.staged_quarantine_reference on staged_quarantine (source, record_reference);
create index temp.staged_quarantine_entry on staged_quarantine (entry_id) where entry_id is not null;
create index temp.staged_release_reference on staged_release (source, record_reference);

insert into staged_product (seq, product_id, fresh, feed_version_id, source, record_reference, fingerprint, facts,
        changed_at, edition_number, title, subtitle, instrumentation, form, binding, publisher, imprint, pages,
        weight_g, height_mm, width_mm, thickness_mm, publication_date, publishing_status, availability, stock,
        unpriced_reason, attributes)
    select value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, unhex(value->>6), value->>7, value->>8,
        value->>9, value->>10, value->>11, value->>12, value->>13, value->>14, value->>15, value->>16, value->>17,
        value->>18, value->>19, value->>20, value->>21, value->>22, value->>23, value->>24, value->>25, value->>26,
        value->27
    from json_each($1);

insert into staged_identifier (seq, product_id, position, kind, value)
    select value->>0, value->>1, value->>2, value->>3, value->>4
    from json_each($1);

insert into staged_contributor (seq, product_id, position, sequence, role, name, sort_name, born, died)
    select value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8
    from json_each($1);

insert into staged_price (seq, product_id, position, kind, qualifier, minimum_quantity, conditions, amount,
        currency, tax_code, tax_percent, territory, valid_from, valid_until)
    select value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8,
        value->>9, value->>10, value->>11, value->>12, value->>13
    from json_each($1);

insert into staged_withdrawal (seq, product_id, feed_version_id)
    select value->>0, value->>1, value->>2
    from json_each($1);

insert into staged_date (seq, product_id, changed_at)
    select value->>0, value->>1, value->>2
    from json_each($1);

insert into staged_quarantine (seq, feed_version_id, source, record_reference, bytes, bytes_digest, entry_id, feed,
        ordinal, line_number, column_number, byte_offset, format, profile_version, context, findings)
    select value->>0, value->>1, value->>2, value->>3, unhex(value->>4), unhex(value->>5), value->>6, value->>7,
        value->>8, value->>9, value->>10, value->>11, value->>12, value->>13, value->14, value->15
    from json_each($1);

insert into staged_release (seq, source, record_reference)
    select value->>0, value->>1, value->>2
    from json_each($1);

delete from staged_product where seq >= $1;

delete from staged_identifier where seq >= $1;

delete from staged_contributor where seq >= $1;

delete from staged_price where seq >= $1;

delete from staged_withdrawal where seq >= $1;

delete from staged_date where seq >= $1;

delete from staged_quarantine where seq >= $1;

delete from staged_release where seq >= $1;

delete from staged_product;
delete from staged_identifier;
delete from staged_contributor;
delete from staged_price;
delete from staged_withdrawal;
delete from staged_date;
delete from staged_quarantine;
delete from staged_release;

delete from staged_product;
delete from staged_identifier;
delete from staged_contributor;
delete from staged_price;
delete from staged_withdrawal;
delete from staged_date;
delete from staged_quarantine;
delete from staged_release;

insert into product_identifier_before (run_id, product_id, position, kind, value)
    select $1, product_id, position, kind, value
    from product_identifier as part
    where product_id in (select id from product where first_run <> $1 and id in
    (select product_id from staged_product where fresh = 0
    union select product_id from staged_withdrawal))
    and not exists (select 1 from product_before b
    where b.run_id = $1 and b.product_id = part.product_id);

insert into product_contributor_before (run_id, product_id, position, sequence, role, name, sort_name, born, died)
    select $1, product_id, position, sequence, role, name, sort_name, born, died
    from product_contributor as part
    where product_id in (select id from product where first_run <> $1 and id in
    (select product_id from staged_product where fresh = 0
    union select product_id from staged_withdrawal))
    and not exists (select 1 from product_before b
    where b.run_id = $1 and b.product_id = part.product_id);

insert into product_price_before (run_id, product_id, position, kind, qualifier, minimum_quantity, conditions,
        amount, currency, tax_code, tax_percent, territory, valid_from, valid_until)
    select $1, product_id, position, kind, qualifier, minimum_quantity, conditions, amount, currency, tax_code,
        tax_percent, territory, valid_from, valid_until
    from product_price as part
    where product_id in (select id from product where first_run <> $1 and id in
    (select product_id from staged_product where fresh = 0
    union select product_id from staged_withdrawal))
    and not exists (select 1 from product_before b
    where b.run_id = $1 and b.product_id = part.product_id);

insert into product_before (run_id, place, product_id, was_there, source, record_reference, fingerprint, facts,
    withdrawn_at, first_run, last_changed_run, feed_version_id, changed_at, edition_number, title, subtitle,
        instrumentation, form, binding, publisher, imprint, pages, weight_g, height_mm, width_mm, thickness_mm,
        publication_date, publishing_status, availability, stock, unpriced_reason, attributes)
    select $1, $2, id, 1, source, record_reference, fingerprint, facts,
    withdrawn_at, first_run, last_changed_run, feed_version_id, changed_at, edition_number, title, subtitle,
        instrumentation, form, binding, publisher, imprint, pages, weight_g, height_mm, width_mm, thickness_mm,
        publication_date, publishing_status, availability, stock, unpriced_reason, attributes
    from product
    where id in (select id from product where first_run <> $1 and id in
    (select product_id from staged_product where fresh = 0
    union select product_id from staged_withdrawal))
    and not exists (select 1 from product_before b
    where b.run_id = $1 and b.product_id = product.id);

insert into rollback_fresh (run_id, place, product_ids)
    select $1, $2, json_group_array(product_id) from staged_product where fresh = 1
    having count(*) > 0;

insert into product_identifier_before (run_id, product_id, position, kind, value)
    select $1, product_id, position, kind, value
    from product_identifier as part
    where product_id in (select product_id from rolled_product where there = 1)
    and not exists (select 1 from product_before b
    where b.run_id = $1 and b.product_id = part.product_id);

insert into product_contributor_before (run_id, product_id, position, sequence, role, name, sort_name, born, died)
    select $1, product_id, position, sequence, role, name, sort_name, born, died
    from product_contributor as part
    where product_id in (select product_id from rolled_product where there = 1)
    and not exists (select 1 from product_before b
    where b.run_id = $1 and b.product_id = part.product_id);

insert into product_price_before (run_id, product_id, position, kind, qualifier, minimum_quantity, conditions,
        amount, currency, tax_code, tax_percent, territory, valid_from, valid_until)
    select $1, product_id, position, kind, qualifier, minimum_quantity, conditions, amount, currency, tax_code,
        tax_percent, territory, valid_from, valid_until
    from product_price as part
    where product_id in (select product_id from rolled_product where there = 1)
    and not exists (select 1 from product_before b
    where b.run_id = $1 and b.product_id = part.product_id);

insert into product_before (run_id, place, product_id, was_there, source, record_reference, fingerprint, facts,
    withdrawn_at, first_run, last_changed_run, feed_version_id, changed_at, edition_number, title, subtitle,
        instrumentation, form, binding, publisher, imprint, pages, weight_g, height_mm, width_mm, thickness_mm,
        publication_date, publishing_status, availability, stock, unpriced_reason, attributes)
    select $1, $2, id, 1, source, record_reference, fingerprint, facts,
    withdrawn_at, first_run, last_changed_run, feed_version_id, changed_at, edition_number, title, subtitle,
        instrumentation, form, binding, publisher, imprint, pages, weight_g, height_mm, width_mm, thickness_mm,
        publication_date, publishing_status, availability, stock, unpriced_reason, attributes
    from product
    where id in (select product_id from rolled_product where there = 1)
    and not exists (select 1 from product_before b
    where b.run_id = $1 and b.product_id = product.id);

insert into product_before (run_id, place, product_id, was_there, source, record_reference)
    select $1, $2, product_id, 0, source, record_reference
    from rolled_product where there = 0;

insert into quarantine_before (run_id, place, quarantine_id, was_there, state, resolved_at, last_run,
    feed_version_id, feed, ordinal, line_number, column_number, byte_offset, format, profile_version, context,
        findings, record_reference, bytes_digest, bytes)
    select $1, $2, id, 1, state, resolved_at, last_run, feed_version_id, feed, ordinal, line_number, column_number,
        byte_offset, format, profile_version, context, findings,
    case when rewritten = 1 then record_reference end, case when rewritten = 1 then bytes_digest end,
    case when rewritten = 1 then bytes end
    from quarantine left join (select n.entry_id,
        1 as rewritten from staged_quarantine n join quarantine q on q.id = n.entry_id
    where n.bytes_digest <> q.bytes_digest or n.record_reference is distinct from q.record_reference) as fresh on fresh.entry_id = quarantine.id
    where id in (select q.id from quarantine q join staged_release r
    on r.source = q.source and r.record_reference = q.record_reference where q.state = 'open'
    union select q.id from quarantine q join staged_quarantine s
    on s.source = q.source and s.record_reference = q.record_reference where q.state = 'open'
    union select q.id from quarantine q join staged_quarantine s
    on s.source = q.source and s.bytes_digest = q.bytes_digest where q.state = 'open'
    union select value from json_each($3))
    on conflict (run_id, quarantine_id) do update set record_reference = excluded.record_reference,
    bytes_digest = excluded.bytes_digest, bytes = excluded.bytes
    where quarantine_before.was_there = 1 and quarantine_before.bytes is null and excluded.bytes is not null;

insert into quarantine_before (run_id, place, quarantine_id, was_there, state, resolved_at, last_run,
    feed_version_id, feed, ordinal, line_number, column_number, byte_offset, format, profile_version, context,
        findings, record_reference, bytes_digest, bytes)
    select $1, $2, id, 1, state, resolved_at, last_run, feed_version_id, feed, ordinal, line_number, column_number,
        byte_offset, format, profile_version, context, findings,
    case when rewritten = 1 then record_reference end, case when rewritten = 1 then bytes_digest end,
    case when rewritten = 1 then bytes end
    from quarantine left join (select quarantine_id as entry_id,
        rewritten from rolled_entry where rewritten = 1) as fresh on fresh.entry_id = quarantine.id
    where id in (select quarantine_id from rolled_entry)
    on conflict (run_id, quarantine_id) do update set record_reference = excluded.record_reference,
    bytes_digest = excluded.bytes_digest, bytes = excluded.bytes
    where quarantine_before.was_there = 1 and quarantine_before.bytes is null and excluded.bytes is not null;

insert into quarantine_before (run_id, place, quarantine_id, was_there)
    select $1, $2, id, 0
    from quarantine
    where id in (select q.id from quarantine q join staged_quarantine s
    on s.source = q.source and s.bytes_digest = q.bytes_digest
    where q.state = 'open' and q.first_run = $1)
    on conflict (run_id, quarantine_id) do nothing;

insert into message_mark_before (run_id, place, source, format, number, repeat, sent, mark_run)
    select $1, $2, m.value->>'source', m.value->>'format', k.number, k.repeat, k.sent, k.run_id
    from json_each($3) as m
    left join message_mark k on k.source = m.value->>'source' and k.format = m.value->>'format'
    where true
    on conflict (run_id, source, format) do nothing;

insert into tombstone_before (run_id, place, source, record_reference, feed_version_id)
    select $1, $2, m.value->>'source', m.value->>'record_reference', k.feed_version_id
    from json_each($3) as m
    left join tombstone k on k.source = m.value->>'source'
    and k.record_reference = m.value->>'record_reference'
    where true
    on conflict (run_id, source, record_reference) do nothing;

insert into product_before (run_id, place, product_id, was_there, source, record_reference)
    select f.run_id, f.place, p.id, 0, p.source, p.record_reference
    from rollback_fresh f join json_each(f.product_ids) as e
    join product p on p.id = e.value
    where true
    on conflict (run_id, product_id) do nothing;

insert into product_before (run_id, place, product_id, was_there, source, record_reference)
    select f.run_id, f.place, p.product_id, 0, p.source, p.record_reference
    from rollback_fresh f join json_each(f.product_ids) as e
    join product_before p on p.product_id = e.value and p.was_there = 1
    where true
    on conflict (run_id, product_id) do nothing;

delete from rollback_fresh;

delete from staged_withdrawal where exists (select 1 from staged_product later
    where later.product_id = staged_withdrawal.product_id and later.seq > staged_withdrawal.seq);

delete from staged_product where seq not in
    (select max(seq) from staged_product group by product_id);

delete from staged_identifier where seq not in (select seq from staged_product);

delete from staged_contributor where seq not in (select seq from staged_product);

delete from staged_price where seq not in (select seq from staged_product);

delete from product_identifier as here
    where product_id in (select product_id from staged_product where fresh = 0)
    and not exists (select 1 from staged_identifier there
    where there.product_id = here.product_id and there.position = here.position and here.kind is not distinct from there.kind and here.value is not distinct from there.value);

insert into product_identifier (product_id, position, kind, value)
    select product_id, position, kind, value
    from staged_identifier as here
    where not exists (select 1 from product_identifier there
    where there.product_id = here.product_id and there.position = here.position);

delete from product_contributor as here
    where product_id in (select product_id from staged_product where fresh = 0)
    and not exists (select 1 from staged_contributor there
    where there.product_id = here.product_id and there.position = here.position and here.sequence is not distinct from there.sequence and here.role is not distinct from there.role and here.name is not distinct from there.name and here.sort_name is not distinct from there.sort_name and here.born is not distinct from there.born and here.died is not distinct from there.died);

insert into product_contributor (product_id, position, sequence, role, name, sort_name, born, died)
    select product_id, position, sequence, role, name, sort_name, born, died
    from staged_contributor as here
    where not exists (select 1 from product_contributor there
    where there.product_id = here.product_id and there.position = here.position);

delete from product_price as here
    where product_id in (select product_id from staged_product where fresh = 0)
    and not exists (select 1 from staged_price there
    where there.product_id = here.product_id and there.position = here.position and here.kind is not distinct from there.kind and here.qualifier is not distinct from there.qualifier and here.minimum_quantity is not distinct from there.minimum_quantity and here.conditions is not distinct from there.conditions and here.amount is not distinct from there.amount and here.currency is not distinct from there.currency and here.tax_code is not distinct from there.tax_code and here.tax_percent is not distinct from there.tax_percent and here.territory is not distinct from there.territory and here.valid_from is not distinct from there.valid_from and here.valid_until is not distinct from there.valid_until);

insert into product_price (product_id, position, kind, qualifier, minimum_quantity, conditions, amount, currency,
        tax_code, tax_percent, territory, valid_from, valid_until)
    select product_id, position, kind, qualifier, minimum_quantity, conditions, amount, currency, tax_code,
        tax_percent, territory, valid_from, valid_until
    from staged_price as here
    where not exists (select 1 from product_price there
    where there.product_id = here.product_id and there.position = here.position);

insert into product_identifier (product_id, position, kind, value)
    select product_id, position, kind, value
    from staged_identifier;

insert into product_contributor (product_id, position, sequence, role, name, sort_name, born, died)
    select product_id, position, sequence, role, name, sort_name, born, died
    from staged_contributor;

insert into product_price (product_id, position, kind, qualifier, minimum_quantity, conditions, amount, currency,
        tax_code, tax_percent, territory, valid_from, valid_until)
    select product_id, position, kind, qualifier, minimum_quantity, conditions, amount, currency, tax_code,
        tax_percent, territory, valid_from, valid_until
    from staged_price;

create index temp.staged_identifier_place on staged_identifier (product_id, position);
create index temp.staged_contributor_place on staged_contributor (product_id, position);
create index temp.staged_price_place on staged_price (product_id, position);

drop index temp.staged_identifier_place;
drop index temp.staged_contributor_place;
drop index temp.staged_price_place;

delete from staged_quarantine as s where exists (select 1 from staged_quarantine o
    where o.source = s.source and o.bytes_digest = s.bytes_digest
    and coalesce(o.record_reference, '') = coalesce(s.record_reference, '')
    and (o.feed_version_id > s.feed_version_id
    or (o.feed_version_id = s.feed_version_id and o.seq < s.seq)));

delete from staged_quarantine as s where exists (select 1 from staged_quarantine o
    where o.source = s.source and o.record_reference = s.record_reference
    and o.feed_version_id > s.feed_version_id);

update staged_quarantine set entry_id = found.id
    from (select fresh.seq, waiting.id
    from (select s.seq, s.source, s.bytes_digest,
    row_number() over (partition by s.source, s.bytes_digest order by s.seq) as place
    from staged_quarantine s
    where s.entry_id is null and s.bytes_digest is not null and not exists (select 1 from staged_release r
    where r.source = s.source and r.record_reference = s.record_reference and r.seq > s.seq)) as fresh
    join (select q.id, q.source, q.bytes_digest,
    row_number() over (partition by q.source, q.bytes_digest order by q.id) as place
    from quarantine q
    join (select distinct source, bytes_digest from staged_quarantine) as wanted
    on wanted.source = q.source and wanted.bytes_digest = q.bytes_digest
    where q.state = 'open'
    and not exists (select 1 from staged_quarantine had where had.entry_id = q.id)) as waiting
    on waiting.source = fresh.source and waiting.bytes_digest = fresh.bytes_digest and waiting.place = fresh.place
    ) as found
    where staged_quarantine.seq = found.seq;

update staged_quarantine set entry_id = found.id
    from (select fresh.seq, waiting.id
    from (select s.seq, s.source, s.record_reference,
    row_number() over (partition by s.source, s.record_reference order by s.seq) as place
    from staged_quarantine s
    where s.entry_id is null and s.record_reference is not null and not exists (select 1 from staged_release r
    where r.source = s.source and r.record_reference = s.record_reference and r.seq > s.seq)) as fresh
    join (select q.id, q.source, q.record_reference,
    row_number() over (partition by q.source, q.record_reference order by q.id) as place
    from quarantine q
    join (select distinct source, record_reference from staged_quarantine) as wanted
    on wanted.source = q.source and wanted.record_reference = q.record_reference
    where q.state = 'open'
    and not exists (select 1 from staged_quarantine had where had.entry_id = q.id)) as waiting
    on waiting.source = fresh.source and waiting.record_reference = fresh.record_reference and waiting.place = fresh.place
    ) as found
    where staged_quarantine.seq = found.seq;

update quarantine set state = 'superseded', resolved_at = cast($1 as text)
    from staged_release r
    where quarantine.state = 'open' and quarantine.source = r.source
    and quarantine.record_reference = r.record_reference
    and not exists (select 1 from staged_quarantine s where s.entry_id = quarantine.id);

update quarantine set state = 'superseded', resolved_at = cast($1 as text)
    from staged_quarantine s
    where quarantine.state = 'open' and quarantine.source = s.source
    and quarantine.record_reference = s.record_reference
    and quarantine.feed_version_id <> s.feed_version_id
    and not exists (select 1 from staged_quarantine same where same.entry_id = quarantine.id);

insert into product (id, source, record_reference, fingerprint, facts, first_run, last_changed_run,
    feed_version_id, changed_at, edition_number, title, subtitle, instrumentation, form, binding, publisher, imprint,
        pages, weight_g, height_mm, width_mm, thickness_mm, publication_date, publishing_status, availability, stock,
        unpriced_reason, attributes)
    select product_id, source, record_reference, fingerprint, facts, $1, $1, feed_version_id, changed_at,
    edition_number, title, subtitle, instrumentation, form, binding, publisher, imprint, pages, weight_g, height_mm,
        width_mm, thickness_mm, publication_date, publishing_status, availability, stock, unpriced_reason, attributes
    from staged_product where fresh = 1 order by seq;

update product set fingerprint = s.fingerprint, facts = s.facts, withdrawn_at = null, last_changed_run = $1,
    feed_version_id = s.feed_version_id, changed_at = s.changed_at, edition_number = s.edition_number, title = s.title,
        subtitle = s.subtitle, instrumentation = s.instrumentation, form = s.form, binding = s.binding,
        publisher = s.publisher, imprint = s.imprint, pages = s.pages, weight_g = s.weight_g, height_mm = s.height_mm,
        width_mm = s.width_mm, thickness_mm = s.thickness_mm, publication_date = s.publication_date,
        publishing_status = s.publishing_status, availability = s.availability, stock = s.stock,
        unpriced_reason = s.unpriced_reason, attributes = s.attributes
    from staged_product s where product.id = s.product_id and s.fresh = 0;

update product set withdrawn_at = cast($2 as text), last_changed_run = $1,
    feed_version_id = s.feed_version_id
    from staged_withdrawal s where product.id = s.product_id and product.withdrawn_at is null;

update product set changed_at = s.changed_at
    from (select product_id, max(changed_at) as changed_at from staged_date group by product_id) s
    where product.id = s.product_id and (product.changed_at is null or product.changed_at < s.changed_at);

update quarantine set last_run = $1, feed_version_id = s.feed_version_id,
    record_reference = s.record_reference, bytes_digest = s.bytes_digest,
    bytes = case when quarantine.bytes_digest = s.bytes_digest then quarantine.bytes else s.bytes end,
    feed = s.feed, ordinal = s.ordinal, line_number = s.line_number, column_number = s.column_number,
        byte_offset = s.byte_offset, format = s.format, profile_version = s.profile_version, context = s.context,
        findings = s.findings
    from staged_quarantine s
    where quarantine.id = s.entry_id and quarantine.state = 'open';

insert into quarantine (state, resolved_at, created_at, first_run, last_run, feed_version_id,
    source, record_reference, bytes, bytes_digest, feed, ordinal, line_number, column_number, byte_offset, format,
        profile_version, context, findings)
    select case when released then 'superseded' else 'open' end,
    case when released then cast($2 as text) end, cast($2 as text), $1, $1, feed_version_id,
    source, record_reference, bytes, bytes_digest, feed, ordinal, line_number, column_number, byte_offset, format,
        profile_version, context, findings
    from (select s.*, exists (select 1 from staged_release r
    where r.source = s.source and r.record_reference = s.record_reference and r.seq > s.seq) as released from staged_quarantine s where s.entry_id is null) as s
    order by seq;

create temporary table rolled_later (product_id bigint, source text, record_reference text, run_id bigint);
create temporary table rolled_product (product_id bigint primary key, source text, record_reference text,
        put_back integer,
    there integer);
create temporary table rolled_tombstone (source text, record_reference text, feed_version_id bigint);
create temporary table rolled_entry (quarantine_id bigint primary key, rewritten integer);

insert into rolled_later (product_id, source, record_reference, run_id)
    select b.product_id, b.source, b.record_reference, l.run_id
    from product_before b
    join product_before l on l.source = b.source and l.record_reference = b.record_reference
    where b.run_id = $1 and l.run_id <> b.run_id and l.place > b.place
    and exists (select 1 from run x left join run undone on undone.id = x.rolled_back_by
    where x.id = l.run_id and coalesce(undone.rollback_scope, '') <> 'whole'
    and not (coalesce(x.rollback_scope, '') = 'whole'
    and exists (select 1 from product_before t
    where t.run_id = x.rolls_back and t.product_id = l.product_id and t.place > b.place)));

insert into rolled_product (product_id, source, record_reference, put_back, there)
    select b.product_id, b.source, b.record_reference, b.was_there, case when p.id is null then 0 else 1 end
    from product_before b left join product p on p.id = b.product_id
    where b.run_id = $1 and (b.was_there = 1 or p.id is not null)
    and not exists (select 1 from rolled_later k where k.product_id = b.product_id);

insert into rolled_product (product_id, source, record_reference, put_back, there)
    select b.product_id, b.source, b.record_reference, b.was_there, case when p.id is null then 0 else 1 end
    from product_before b left join product p on p.id = b.product_id
    where b.run_id = $1 and (b.was_there = 1 or p.id is not null);

insert into rolled_product (product_id, source, record_reference, put_back, there)
    select distinct p.id, p.source, p.record_reference, 0, 1
    from rolled_later k join product p on p.source = k.source and p.record_reference = k.record_reference
    where not exists (select 1 from rolled_product r where r.product_id = p.id);

delete from product_identifier where product_id in (select product_id from rolled_product where there = 1);

delete from product_contributor where product_id in (select product_id from rolled_product where there = 1);

delete from product_price where product_id in (select product_id from rolled_product where there = 1);

delete from product where id in
    (select product_id from rolled_product where put_back = 0 and there = 1);

update product set fingerprint = s.fingerprint, facts = s.facts, withdrawn_at = s.withdrawn_at,
    first_run = s.first_run, last_changed_run = s.last_changed_run,
    feed_version_id = s.feed_version_id, changed_at = s.changed_at, edition_number = s.edition_number, title = s.title,
        subtitle = s.subtitle, instrumentation = s.instrumentation, form = s.form, binding = s.binding,
        publisher = s.publisher, imprint = s.imprint, pages = s.pages, weight_g = s.weight_g, height_mm = s.height_mm,
        width_mm = s.width_mm, thickness_mm = s.thickness_mm, publication_date = s.publication_date,
        publishing_status = s.publishing_status, availability = s.availability, stock = s.stock,
        unpriced_reason = s.unpriced_reason, attributes = s.attributes
    from product_before s
    where s.run_id = $1 and product.id = s.product_id and s.product_id in
    (select product_id from rolled_product where put_back = 1 and there = 1);

insert into product (id, source, record_reference, fingerprint, facts, withdrawn_at, first_run,
    last_changed_run, feed_version_id, changed_at, edition_number, title, subtitle, instrumentation, form, binding,
        publisher, imprint, pages, weight_g, height_mm, width_mm, thickness_mm, publication_date, publishing_status,
        availability, stock, unpriced_reason, attributes)
    select product_id, source, record_reference, fingerprint, facts, withdrawn_at, first_run, last_changed_run,
    feed_version_id, changed_at, edition_number, title, subtitle, instrumentation, form, binding, publisher, imprint,
        pages, weight_g, height_mm, width_mm, thickness_mm, publication_date, publishing_status, availability, stock,
        unpriced_reason, attributes
    from product_before
    where run_id = $1 and product_id in
    (select product_id from rolled_product where put_back = 1 and there = 0);

insert into product_identifier (product_id, position, kind, value)
    select product_id, position, kind, value
    from product_identifier_before
    where run_id = $1 and product_id in (select product_id from rolled_product where put_back = 1);

insert into product_contributor (product_id, position, sequence, role, name, sort_name, born, died)
    select product_id, position, sequence, role, name, sort_name, born, died
    from product_contributor_before
    where run_id = $1 and product_id in (select product_id from rolled_product where put_back = 1);

insert into product_price (product_id, position, kind, qualifier, minimum_quantity, conditions, amount, currency,
        tax_code, tax_percent, territory, valid_from, valid_until)
    select product_id, position, kind, qualifier, minimum_quantity, conditions, amount, currency, tax_code,
        tax_percent, territory, valid_from, valid_until
    from product_price_before
    where run_id = $1 and product_id in (select product_id from rolled_product where put_back = 1);

select json_object('source', b.source, 'format', b.format, 'number', b.number,
    'repeat', b.repeat, 'sent', b.sent, 'run', b.mark_run,
    'later', json(iif(exists (select 1 from message_mark_before l
    where l.source = b.source and l.format = b.format and l.run_id <> b.run_id and l.place > b.place
    and exists (select 1 from run x left join run undone on undone.id = x.rolled_back_by
    where x.id = l.run_id and coalesce(undone.rollback_scope, '') <> 'whole'
    and not (coalesce(x.rollback_scope, '') = 'whole'
    and exists (select 1 from message_mark_before t
    where t.run_id = x.rolls_back and t.source = l.source and t.format = l.format and t.place > b.place)))), 'true',
        'false')))
    from message_mark_before b where b.run_id = $1;

select json_object('source', b.source, 'format', b.format, 'number', b.number,
    'repeat', b.repeat, 'sent', b.sent, 'run', b.mark_run, 'later', json('false'))
    from message_mark_before b join run r on r.id = b.run_id
    where b.run_id = $1 and b.source = $2 and b.format = $3
    and r.rolled_back_by is not null and r.rolled_back_by <> $4;

delete from message_mark where exists
    (select 1 from json_each($1) as m
    where m.value->>'source' = message_mark.source
    and m.value->>'format' = message_mark.format and m.value->>'run' is null);

insert into message_mark (source, format, number, repeat, sent, run_id)
    select value->>'source', value->>'format', value->>'number', value->>'repeat', value->>'sent',
    value->>'run'
    from json_each($1) where value->>'run' is not null
    on conflict (source, format) do update set number = excluded.number,
    repeat = excluded.repeat, sent = excluded.sent, run_id = excluded.run_id;

insert into rolled_tombstone (source, record_reference, feed_version_id)
    select b.source, b.record_reference, b.feed_version_id
    from tombstone_before b
    where b.run_id = $1 and not exists (select 1 from tombstone_before l
    where l.source = b.source and l.record_reference = b.record_reference and l.run_id <> b.run_id and l.place > b.place
    and exists (select 1 from run x left join run undone on undone.id = x.rolled_back_by
    where x.id = l.run_id and coalesce(undone.rollback_scope, '') <> 'whole'
    and not (coalesce(x.rollback_scope, '') = 'whole'
    and exists (select 1 from tombstone_before t
    where t.run_id = x.rolls_back and t.source = l.source and t.record_reference = l.record_reference and t.place > b.place))));

insert into rolled_entry (quarantine_id, rewritten)
    select b.quarantine_id, case when b.bytes is null then 0 else 1 end
    from quarantine_before b join quarantine q on q.id = b.quarantine_id
    where b.run_id = $1 and q.state <> 'discarded'
    and not exists (select 1 from quarantine_before l
    where l.quarantine_id = b.quarantine_id and l.run_id <> b.run_id and l.place > b.place
    and exists (select 1 from run x left join run undone on undone.id = x.rolled_back_by
    where x.id = l.run_id and coalesce(undone.rollback_scope, '') <> 'whole'
    and not (coalesce(x.rollback_scope, '') = 'whole'
    and exists (select 1 from quarantine_before t
    where t.run_id = x.rolls_back and t.quarantine_id = l.quarantine_id and t.place > b.place))))
    and not (b.was_there = 1 and b.state = 'open' and q.state <> 'open'
    and exists (select 1 from quarantine other
    join quarantine_before fresh on fresh.quarantine_id = other.id
    where other.state = 'open' and other.source = q.source
    and (other.bytes_digest = q.bytes_digest
    or other.record_reference = q.record_reference)
    and fresh.was_there = 0 and fresh.run_id <> $1 and fresh.place > b.place));

update quarantine set state = 'superseded', resolved_at = cast($2 as text)
    from quarantine_before s
    where s.run_id = $1 and s.was_there = 0 and quarantine.id = s.quarantine_id and quarantine.state = 'open'
    and s.quarantine_id in (select quarantine_id from rolled_entry);

update quarantine set state = s.state, resolved_at = s.resolved_at, last_run = s.last_run,
    feed_version_id = s.feed_version_id, feed = s.feed, ordinal = s.ordinal, line_number = s.line_number,
        column_number = s.column_number, byte_offset = s.byte_offset, format = s.format,
        profile_version = s.profile_version, context = s.context, findings = s.findings,
    record_reference = case when s.bytes is null then quarantine.record_reference
    else s.record_reference end,
    bytes_digest = coalesce(s.bytes_digest, quarantine.bytes_digest),
    bytes = coalesce(s.bytes, quarantine.bytes)
    from quarantine_before s
    where s.run_id = $1 and s.was_there = 1 and quarantine.id = s.quarantine_id
    and s.quarantine_id in (select quarantine_id from rolled_entry);

select json_array(id, record_reference, json_object('edition_number', edition_number, 'title', title, 'subtitle',
        subtitle, 'instrumentation', instrumentation, 'form', form, 'binding', binding, 'publisher', publisher,
        'imprint', imprint, 'pages', pages, 'weight_g', weight_g, 'height_mm', height_mm, 'width_mm', width_mm,
        'thickness_mm', thickness_mm, 'publication_date', publication_date, 'publishing_status', publishing_status,
        'availability', availability, 'stock', stock, 'unpriced_reason', unpriced_reason, 'attributes',
        json(attributes)))
    from product
    where source = $1 and record_reference in (select value from json_each($2))
    order by id;

select json_array(product_id, json_object('kind', kind, 'value', value))
    from product_identifier where product_id in (select value from json_each($1))
    order by product_id, position;

select json_array(product_id, json_object('sequence', sequence, 'role', role, 'name', name, 'sort_name', sort_name,
        'born', born, 'died', died))
    from product_contributor where product_id in (select value from json_each($1))
    order by product_id, position;

select json_array(product_id, json_object('kind', kind, 'qualifier', qualifier, 'minimum_quantity',
        minimum_quantity, 'conditions', conditions, 'amount', amount, 'currency', currency, 'tax_code', tax_code,
        'tax_percent', tax_percent, 'territory', territory, 'valid_from', valid_from, 'valid_until', valid_until))
    from product_price where product_id in (select value from json_each($1))
    order by product_id, position;

select json_array(seq, record_reference, json_object('edition_number', edition_number, 'title', title, 'subtitle',
        subtitle, 'instrumentation', instrumentation, 'form', form, 'binding', binding, 'publisher', publisher,
        'imprint', imprint, 'pages', pages, 'weight_g', weight_g, 'height_mm', height_mm, 'width_mm', width_mm,
        'thickness_mm', thickness_mm, 'publication_date', publication_date, 'publishing_status', publishing_status,
        'availability', availability, 'stock', stock, 'unpriced_reason', unpriced_reason, 'attributes',
        json(attributes)))
    from staged_product
    where source = $1 and record_reference in (select value from json_each($2))
    order by seq;

select json_array(seq, json_object('kind', kind, 'value', value))
    from staged_identifier where seq in (select value from json_each($1))
    order by seq, position;

select json_array(seq, json_object('sequence', sequence, 'role', role, 'name', name, 'sort_name', sort_name,
        'born', born, 'died', died))
    from staged_contributor where seq in (select value from json_each($1))
    order by seq, position;

select json_array(seq, json_object('kind', kind, 'qualifier', qualifier, 'minimum_quantity', minimum_quantity,
        'conditions', conditions, 'amount', amount, 'currency', currency, 'tax_code', tax_code, 'tax_percent',
        tax_percent, 'territory', territory, 'valid_from', valid_from, 'valid_until', valid_until))
    from staged_price where seq in (select value from json_each($1))
    order by seq, position;

