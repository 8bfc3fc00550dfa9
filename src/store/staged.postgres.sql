create temporary table staged_product (
    seq bigint, product_id bigint, fresh smallint, feed_version_id bigint, source text, record_reference text,
    edition_number text, title text, subtitle text, instrumentation text, form text, binding text,
    publisher text, imprint text, pages bigint, weight_g numeric, height_mm numeric, width_mm numeric,
    thickness_mm numeric, publication_date text, publishing_status text, availability text, stock bigint,
    fingerprint bytea, attributes jsonb
);
do $$
begin
    execute 'alter table staged_product alter column attributes set compression lz4';
exception when feature_not_supported or syntax_error then
    null;
end
$$;
create temporary table staged_identifier (
    seq bigint, product_id bigint, position bigint, kind text, value text
);
create temporary table staged_contributor (
    seq bigint, product_id bigint, position bigint, sequence bigint, role text, name text, sort_name text,
    born text, died text
);
create temporary table staged_price (
    seq bigint, product_id bigint, position bigint, kind text, amount numeric, currency text, tax_code text,
    tax_percent numeric, territory text, valid_from text, valid_until text
);
create temporary table staged_withdrawal (seq bigint, product_id bigint, feed_version_id bigint);
create temporary table staged_quarantine (
    seq bigint, feed_version_id bigint, source text, feed text, record_reference text, ordinal bigint,
    line_number bigint, column_number bigint, byte_offset bigint, format text, profile_version bigint,
    context jsonb, bytes bytea, bytes_digest bytea, findings jsonb
);
create temporary table staged_release (seq bigint, source text, record_reference text);
