-- What a sender usually brings is asked with every feed: whatever the number of its feeds, a few are looked at.
create index feed_version_full on feed_version (source, format, id) where state = 'applied' and extent = 'full';
create index feed_version_let_in on feed_version (source, format, id) where released_from is not null;
