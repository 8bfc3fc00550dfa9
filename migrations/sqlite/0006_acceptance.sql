-- What a feed came to, in the words that reports and metrics use; null for feeds of older versions.

alter table feed_version add column acceptance text
    check (acceptance in ('accepted', 'not_fully_checked', 'held', 'deviations', 'failed', 'cancelled'));
