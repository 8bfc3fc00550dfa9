create temporary table staged_product (seq integer primary key, product_id integer, fresh integer,
        feed_version_id integer, source text, record_reference text, fingerprint blob, changed_at integer,
        edition_number text, title text, subtitle text, instrumentation text, form text, binding text, publisher text,
        imprint text, pages integer, weight_g text, height_mm text, width_mm text, thickness_mm text,
        publication_date text, publishing_status text, availability text, stock integer, unpriced_reason text,
        attributes text);
create temporary table staged_identifier (seq integer, product_id integer, position integer, kind text, value text);
create temporary table staged_contributor (seq integer, product_id integer, position integer, sequence integer,
        role text, name text, sort_name text, born text, died text);
create temporary table staged_price (seq integer, product_id integer, position integer, kind text, qualifier text,
        minimum_quantity integer, conditions text, amount text, currency text, tax_code text, tax_percent text,
        territory text, valid_from text, valid_until text);
create temporary table staged_withdrawal (seq integer primary key, product_id integer, feed_version_id integer);
create temporary table staged_date (seq integer primary key, product_id integer, changed_at integer);
create temporary table staged_quarantine (seq integer primary key, feed_version_id integer, source text,
        record_reference text, bytes blob, bytes_digest blob, feed text, ordinal integer, line_number integer,
        column_number integer, byte_offset integer, format text, profile_version integer, context text, findings text);
create temporary table staged_release (seq integer, source text, record_reference text);
create index temp.staged_quarantine_digest on staged_quarantine (bytes_digest);
create index temp.staged_release_reference on staged_release (source, record_reference);

insert into staged_product (seq, product_id, fresh, feed_version_id, source, record_reference, fingerprint,
        changed_at, edition_number, title, subtitle, instrumentation, form, binding, publisher, imprint, pages,
        weight_g, height_mm, width_mm, thickness_mm, publication_date, publishing_status, availability, stock,
        unpriced_reason, attributes)
    select value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, unhex(value->>6), value->>7, value->>8,
        value->>9, value->>10, value->>11, value->>12, value->>13, value->>14, value->>15, value->>16, value->>17,
        value->>18, value->>19, value->>20, value->>21, value->>22, value->>23, value->>24, value->>25, value->26
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

insert into staged_quarantine (seq, feed_version_id, source, record_reference, bytes, bytes_digest, feed, ordinal,
        line_number, column_number, byte_offset, format, profile_version, context, findings)
    select value->>0, value->>1, value->>2, value->>3, unhex(value->>4), unhex(value->>5), value->>6, value->>7,
        value->>8, value->>9, value->>10, value->>11, value->>12, value->13, value->14
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

delete from staged_withdrawal where exists (select 1 from staged_product later
    where later.product_id = staged_withdrawal.product_id and later.seq > staged_withdrawal.seq);

delete from staged_product where seq not in
    (select max(seq) from staged_product group by product_id);

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

update quarantine set state = 'superseded', resolved_at = cast($1 as text)
    from staged_release r
    where quarantine.state = 'open' and quarantine.source = r.source
    and quarantine.record_reference = r.record_reference;

update quarantine set state = 'superseded', resolved_at = cast($1 as text)
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

update product set withdrawn_at = cast($2 as text), last_changed_run = $1,
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
    case when released then cast($2 as text) end, cast($2 as text), $1, $1, feed_version_id,
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

