create temporary table staged_product (seq bigint, product_id bigint, fresh bigint, feed_version_id bigint,
        source text, record_reference text, fingerprint bytea, changed_at bigint, edition_number text, title text,
        subtitle text, instrumentation text, form text, binding text, publisher text, imprint text, pages bigint,
        weight_g numeric, height_mm numeric, width_mm numeric, thickness_mm numeric, publication_date text,
        publishing_status text, availability text, stock bigint, unpriced_reason text, attributes jsonb);
create temporary table staged_identifier (seq bigint, product_id bigint, position bigint, kind text, value text);
create temporary table staged_contributor (seq bigint, product_id bigint, position bigint, sequence bigint,
        role text, name text, sort_name text, born text, died text);
create temporary table staged_price (seq bigint, product_id bigint, position bigint, kind text, qualifier text,
        minimum_quantity bigint, conditions text, amount numeric, currency text, tax_code text, tax_percent numeric,
        territory text, valid_from text, valid_until text);
create temporary table staged_withdrawal (seq bigint, product_id bigint, feed_version_id bigint);
create temporary table staged_date (seq bigint, product_id bigint, changed_at bigint);
create temporary table staged_quarantine (seq bigint, feed_version_id bigint, source text, record_reference text,
        bytes bytea, bytes_digest bytea, feed text, ordinal bigint, line_number bigint, column_number bigint,
        byte_offset bigint, format text, profile_version bigint, context jsonb, findings jsonb);
create temporary table staged_release (seq bigint, source text, record_reference text);
do $$
    begin
    execute 'alter table staged_product alter column attributes set compression lz4';
exception when feature_not_supported or syntax_error then
    null;
end
    $$;

copy staged_product (seq, product_id, fresh, feed_version_id, source, record_reference, fingerprint, changed_at,
        edition_number, title, subtitle, instrumentation, form, binding, publisher, imprint, pages, weight_g,
        height_mm, width_mm, thickness_mm, publication_date, publishing_status, availability, stock, unpriced_reason,
        attributes) from stdin;

copy staged_identifier (seq, product_id, position, kind, value) from stdin;

copy staged_contributor (seq, product_id, position, sequence, role, name, sort_name, born, died) from stdin;

copy staged_price (seq, product_id, position, kind, qualifier, minimum_quantity, conditions, amount, currency,
        tax_code, tax_percent, territory, valid_from, valid_until) from stdin;

copy staged_withdrawal (seq, product_id, feed_version_id) from stdin;

copy staged_date (seq, product_id, changed_at) from stdin;

copy staged_quarantine (seq, feed_version_id, source, record_reference, bytes, bytes_digest, feed, ordinal,
        line_number, column_number, byte_offset, format, profile_version, context, findings) from stdin;

copy staged_release (seq, source, record_reference) from stdin;

delete from staged_product where seq >= $1;

delete from staged_identifier where seq >= $1;

delete from staged_contributor where seq >= $1;

delete from staged_price where seq >= $1;

delete from staged_withdrawal where seq >= $1;

delete from staged_date where seq >= $1;

delete from staged_quarantine where seq >= $1;

delete from staged_release where seq >= $1;

truncate staged_product;
truncate staged_identifier;
truncate staged_contributor;
truncate staged_price;
truncate staged_withdrawal;
truncate staged_date;
truncate staged_quarantine;
truncate staged_release;

delete from staged_withdrawal where exists (select 1 from staged_product later
    where later.product_id = staged_withdrawal.product_id and later.seq > staged_withdrawal.seq);

delete from staged_product s using staged_product later
    where later.product_id = s.product_id and later.seq > s.seq;

delete from staged_identifier where seq not in (select seq from staged_product);

delete from staged_contributor where seq not in (select seq from staged_product);

delete from staged_price where seq not in (select seq from staged_product);

delete from product_identifier where product_id in (select product_id from staged_product where fresh = 0);

insert into product_identifier (product_id, position, kind, value)
    select product_id, position, kind, value
    from staged_identifier;

delete from product_contributor where product_id in (select product_id from staged_product where fresh = 0);

insert into product_contributor (product_id, position, sequence, role, name, sort_name, born, died)
    select product_id, position, sequence, role, name, sort_name, born, died
    from staged_contributor;

delete from product_price where product_id in (select product_id from staged_product where fresh = 0);

insert into product_price (product_id, position, kind, qualifier, minimum_quantity, conditions, amount, currency,
        tax_code, tax_percent, territory, valid_from, valid_until)
    select product_id, position, kind, qualifier, minimum_quantity, conditions, amount, currency, tax_code,
        tax_percent, territory, valid_from, valid_until
    from staged_price;

update quarantine set state = 'superseded', resolved_at = cast($1 as timestamptz)
    from staged_release r
    where quarantine.state = 'open' and quarantine.source = r.source
    and quarantine.record_reference = r.record_reference;

update quarantine set state = 'superseded', resolved_at = cast($1 as timestamptz)
    from staged_quarantine s
    where quarantine.state = 'open' and quarantine.source = s.source
    and quarantine.record_reference = s.record_reference
    and quarantine.feed_version_id <> s.feed_version_id
    and not exists (select 1 from staged_quarantine same
    where same.source = quarantine.source and same.bytes_digest = quarantine.bytes_digest);

insert into product (id, source, record_reference, fingerprint, first_run, last_changed_run,
    feed_version_id, changed_at, edition_number, title, subtitle, instrumentation, form, binding, publisher, imprint,
        pages, weight_g, height_mm, width_mm, thickness_mm, publication_date, publishing_status, availability, stock,
        unpriced_reason, attributes)
    select product_id, source, record_reference, fingerprint, $1, $1, feed_version_id, changed_at, edition_number,
        title, subtitle, instrumentation, form, binding, publisher, imprint, pages, weight_g, height_mm, width_mm,
        thickness_mm, publication_date, publishing_status, availability, stock, unpriced_reason, attributes
    from staged_product where fresh = 1 order by seq;

update product set fingerprint = s.fingerprint, withdrawn_at = null, last_changed_run = $1,
    feed_version_id = s.feed_version_id, changed_at = s.changed_at, edition_number = s.edition_number, title = s.title,
        subtitle = s.subtitle, instrumentation = s.instrumentation, form = s.form, binding = s.binding,
        publisher = s.publisher, imprint = s.imprint, pages = s.pages, weight_g = s.weight_g, height_mm = s.height_mm,
        width_mm = s.width_mm, thickness_mm = s.thickness_mm, publication_date = s.publication_date,
        publishing_status = s.publishing_status, availability = s.availability, stock = s.stock,
        unpriced_reason = s.unpriced_reason, attributes = s.attributes
    from staged_product s where product.id = s.product_id and s.fresh = 0;

update product set withdrawn_at = cast($2 as timestamptz), last_changed_run = $1,
    feed_version_id = s.feed_version_id
    from staged_withdrawal s where product.id = s.product_id and product.withdrawn_at is null;

update product set changed_at = s.changed_at
    from (select product_id, max(changed_at) as changed_at from staged_date group by product_id) s
    where product.id = s.product_id and (product.changed_at is null or product.changed_at < s.changed_at);

update quarantine set last_run = $1, feed_version_id = s.feed_version_id, feed = s.feed, ordinal = s.ordinal,
        line_number = s.line_number, column_number = s.column_number, byte_offset = s.byte_offset, format = s.format,
        profile_version = s.profile_version, context = s.context, findings = s.findings
    from (select s.* from staged_quarantine s where not exists (select 1 from staged_quarantine o
    where o.source = s.source and o.bytes_digest = s.bytes_digest
    and coalesce(o.record_reference, '') = coalesce(s.record_reference, '')
    and (o.feed_version_id > s.feed_version_id
    or (o.feed_version_id = s.feed_version_id and o.seq < s.seq)))) s
    where quarantine.state = 'open' and quarantine.source = s.source
    and quarantine.bytes_digest = s.bytes_digest;

insert into quarantine (state, resolved_at, created_at, first_run, last_run, feed_version_id,
    source, record_reference, bytes, bytes_digest, feed, ordinal, line_number, column_number, byte_offset, format,
        profile_version, context, findings)
    select case when released then 'superseded' else 'open' end,
    case when released then cast($2 as timestamptz) end, cast($2 as timestamptz), $1, $1, feed_version_id,
    source, record_reference, bytes, bytes_digest, feed, ordinal, line_number, column_number, byte_offset, format,
        profile_version, context, findings
    from (select s.*, exists (select 1 from staged_release r where r.source = s.source
    and r.record_reference = s.record_reference and r.seq > s.seq) as released
    from (select s.* from staged_quarantine s where not exists (select 1 from staged_quarantine o
    where o.source = s.source and o.bytes_digest = s.bytes_digest
    and coalesce(o.record_reference, '') = coalesce(s.record_reference, '')
    and (o.feed_version_id > s.feed_version_id
    or (o.feed_version_id = s.feed_version_id and o.seq < s.seq)))) s) as s
    where not exists (select 1 from quarantine q
    where q.state = 'open' and q.source = s.source and q.bytes_digest = s.bytes_digest)
    order by seq;

select json_build_array(id, record_reference, json_build_object('edition_number', edition_number, 'title', title,
        'subtitle', subtitle, 'instrumentation', instrumentation, 'form', form, 'binding', binding, 'publisher',
        publisher, 'imprint', imprint, 'pages', pages, 'weight_g', weight_g::text, 'height_mm', height_mm::text,
        'width_mm', width_mm::text, 'thickness_mm', thickness_mm::text, 'publication_date', publication_date,
        'publishing_status', publishing_status, 'availability', availability, 'stock', stock, 'unpriced_reason',
        unpriced_reason, 'attributes', attributes))::text
    from product
    where source = $1 and record_reference in (select jsonb_array_elements_text($2::jsonb))
    order by id;

select json_build_array(product_id, json_build_object('kind', kind, 'value', value))::text
    from product_identifier where product_id in (select jsonb_array_elements_text($1::jsonb)::bigint)
    order by product_id, position;

select json_build_array(product_id, json_build_object('sequence', sequence, 'role', role, 'name', name,
        'sort_name', sort_name, 'born', born, 'died', died))::text
    from product_contributor where product_id in (select jsonb_array_elements_text($1::jsonb)::bigint)
    order by product_id, position;

select json_build_array(product_id, json_build_object('kind', kind, 'qualifier', qualifier, 'minimum_quantity',
        minimum_quantity, 'conditions', conditions, 'amount', amount::text, 'currency', currency, 'tax_code', tax_code,
        'tax_percent', tax_percent::text, 'territory', territory, 'valid_from', valid_from, 'valid_until',
        valid_until))::text
    from product_price where product_id in (select jsonb_array_elements_text($1::jsonb)::bigint)
    order by product_id, position;

select json_build_array(seq, record_reference, json_build_object('edition_number', edition_number, 'title', title,
        'subtitle', subtitle, 'instrumentation', instrumentation, 'form', form, 'binding', binding, 'publisher',
        publisher, 'imprint', imprint, 'pages', pages, 'weight_g', weight_g::text, 'height_mm', height_mm::text,
        'width_mm', width_mm::text, 'thickness_mm', thickness_mm::text, 'publication_date', publication_date,
        'publishing_status', publishing_status, 'availability', availability, 'stock', stock, 'unpriced_reason',
        unpriced_reason, 'attributes', attributes))::text
    from staged_product
    where source = $1 and record_reference in (select jsonb_array_elements_text($2::jsonb))
    order by seq;

select json_build_array(seq, json_build_object('kind', kind, 'value', value))::text
    from staged_identifier where seq in (select jsonb_array_elements_text($1::jsonb)::bigint)
    order by seq, position;

select json_build_array(seq, json_build_object('sequence', sequence, 'role', role, 'name', name, 'sort_name',
        sort_name, 'born', born, 'died', died))::text
    from staged_contributor where seq in (select jsonb_array_elements_text($1::jsonb)::bigint)
    order by seq, position;

select json_build_array(seq, json_build_object('kind', kind, 'qualifier', qualifier, 'minimum_quantity',
        minimum_quantity, 'conditions', conditions, 'amount', amount::text, 'currency', currency, 'tax_code', tax_code,
        'tax_percent', tax_percent::text, 'territory', territory, 'valid_from', valid_from, 'valid_until',
        valid_until))::text
    from staged_price where seq in (select jsonb_array_elements_text($1::jsonb)::bigint)
    order by seq, position;

