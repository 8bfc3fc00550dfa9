create temporary table staged_product (
    seq integer primary key, product_id integer, fresh integer, feed_version_id integer, source text,
    record_reference text, edition_number text, title text, subtitle text, instrumentation text, form text,
    binding text, publisher text, imprint text, pages integer, weight_g text, height_mm text, width_mm text,
    thickness_mm text, publication_date text, publishing_status text, availability text, stock integer,
    fingerprint blob, attributes text
);
create temporary table staged_identifier (
    seq integer, product_id integer, position integer, kind text, value text
);
create temporary table staged_contributor (
    seq integer, product_id integer, position integer, sequence integer, role text, name text, sort_name text,
    born text, died text
);
create temporary table staged_price (
    seq integer, product_id integer, position integer, kind text, amount text, currency text, tax_code text,
    tax_percent text, territory text, valid_from text, valid_until text
);
create temporary table staged_withdrawal (seq integer primary key, product_id integer, feed_version_id integer);
create temporary table staged_quarantine (
    seq integer primary key, feed_version_id integer, source text, feed text, record_reference text,
    ordinal integer, line_number integer, column_number integer, byte_offset integer, format text,
    profile_version integer, context text, bytes blob, bytes_digest blob, findings text
);
create index temp.staged_quarantine_digest on staged_quarantine (bytes_digest);
create temporary table staged_release (seq integer, source text, record_reference text);
create index temp.staged_release_reference on staged_release (source, record_reference);
