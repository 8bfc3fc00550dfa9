//! feedgate: the gate between product XML feeds and a shop's database.
//!
//! A feed is streamed, each record validated against its schema, what is right imported, what is
//! not quarantined, and every deviation named with its place.
//!
//! # Layers
//!
//! ```text
//!  cli                                  what a person asks for               async, I/O
//!  serve                                HTTP: what programs and people ask for, a queue, workers   async, I/O
//!  run                                  a plan, its feeds, who is told, its end   async, I/O
//!  import  access                       the shop; who may do what            async, I/O
//!  store  telemetry  config             databases, signals, settings         async, I/O
//!  report  diff  pipeline  source       output, comparison, feeds, files     sync I/O
//!  survey                               files and endpoints of what expires   sync I/O
//!  map  drift  feed                     record → product; what feeds look like; what a record is   pure
//!  judgement                            findings, outcomes, verdicts: the words everyone shares   pure
//!  xsd  expiry                          schema → automata → deviations; bytes → dates of what expires   pure
//!  xml  product                         events, positions; product types     pure
//!
//!  rule: a module uses only what stands below it or to its right
//! ```
//!
//! *Pure* means bytes in, values out: no file, socket, clock, thread or logger. The test
//! `tests/suite/layering.rs` reads the `use` lines and holds the crate to this picture.
//!
//! # The way of a record
//!
//! ```text
//!  source   file, folder, stdin; gzip, zstd, zip ─▶ bytes under caps, digest of what was delivered
//!  xml      bytes ─▶ UTF-8 window ─▶ events; offsets become places while the bytes are at hand
//!  xsd      events ─▶ deviations: one table step and one attribute pass for each start tag
//!  feed     the same events ─▶ header and records, a record being a small tree that is reused
//!  drift    records ─▶ what a feed looks like, when somebody asks; held against feeds before it
//!  map      record ─▶ product with a fingerprint, or faults of the format's rules
//!  pipeline all of this in one pass; events in record order, refused records byte for byte, through one ordered queue
//!  run      takes each event once: through the import, then to whoever watches
//!  import   event ─▶ staged rows, and what it becomes by them; unchanged products are not even sent; a whole feed is
//!           weighed by the guard before it is applied, and held when it would do too much
//!  store    staged rows ─▶ shop tables, a whole feed in one transaction or nothing; what was there before is kept
//! ```
//!
//! The code on this way stands in 49 files, 11 of them from the judged record to the staged row: `reading`, `feeds` and
//! `queue` of `pipeline`, `run::run`, `import`, `writer`, `records`, `feed` and `target` of `import`, `stage` and
//! `columns` of `store`. The guard is four more: `watch` counts what a feed would do, `guard` knows the limits and
//! nothing else, `approval` decides, `held` writes down.
//!
//! A feed that comes over HTTP ([`serve`]) takes the same way, with a queue before it:
//!
//! ```text
//!  serve    body ─▶ spool (a folder, synced), digest ─▶ whose it is ─▶ row in the queue ─▶ 202
//!           worker: claim (attempt n, lease) ─▶ run ─▶ end of the run, reports, copy of the feed: one transaction
//! ```
//!
//! The pages of the service (`serve::web`) answer from the same functions as its JSON: what is told, who may do what
//! and what is written down cannot differ. A page is a view struct, a template beside it and words in both languages;
//! style, script and macros are those of the report pages (`report::page`). Sentences of findings are made in English
//! once, and German is a table of patterns over them (`report::german`), used where people read and nowhere else.
//!
//! Bytes that were imported before do not go this way again: a file is hashed, and what the feed told is told again
//! from the database ([`judgement::Telling`]) to the import and to whoever watches, as if it had been read.
//!
//! Reports and [`telemetry`] are told behind the import: what they say of a record or a feed is what became of it.
//!
//! `diff` goes its own way from `source`, `xml` and `feed`: two indexes, joined by key, then the records that
//! differ once more.
//!
//! What expires goes a way of its own, too: an inventory says what is watched, `survey` fetches bytes and what
//! endpoints serve, [`expiry`] reads dates from them and judges each thing by a moment that is handed in;
//! `report::expiry` and [`telemetry`] tell it.
//!
//! [`drift`] looks at records as they are cut: `feedgate drift` holds one feed against others by that. An import holds
//! each feed against what earlier runs applied of the same source and format, and against what was called expected
//! since: before the guard weighs it, so that a drift can hold it, too (`baselines`, `drifted` and `structures`).
//!
//! Several processes can share a night ([`import::Shard`]): each takes the feeds of its sources and imports them as if
//! there were no others; the database keeps them apart as it keeps apart any two imports.
//!
//! Feeds are worked on in parallel, and told in the order they were given. Threads that have no feed of their own judge
//! records of large ones ahead of the thread that reads them.
//! Within one feed, reading overlaps with the database.
//!
//! # What always holds
//!
//! * *Valid* needs every check to have run over everything; what a schema says and the engine does
//!   not check makes the verdict *not fully checked* ([`judgement::Verdict`]).
//! * One mistake gives one deviation, and a wrong record says nothing about its neighbours.
//! * How input is cut into reads never changes an event, a place or a verdict.
//! * A feed that is cut off, not well-formed or of an unknown format leaves nothing in the shop.
//! * A feed is applied, held or refused as a whole; what is held changes nothing, keeps plan and bytes, and is let in
//!   only as it was seen. Every change of the shop has its pre-image for the last runs, and goes back by one command.
//! * What a person decides is written down, with who and why, in the transaction that does it.
//! * Memory does not depend on the size of a feed, but for the keys of constraints declared above
//!   records and of IDs: 16 bytes for each, counted and capped ([`xsd::KEYS_MAX`]), and references
//!   that wait for theirs ([`xsd::REFERENCES_MAX`]). Every other size that input
//!   controls has a limit with a name that its refusal tells. `diff` remembers 68 bytes of each record, on disk
//!   beyond [`diff::INDEX_ROWS_MAX`], and of packed feeds some 32 bytes of each record that differs.
//!   `import` remembers of its sources some 150 bytes for each product (what is known, its numbers), up to
//!   half a million of them; of the source of the feed at hand all, whatever its size, and of that feed the prices
//!   that change, up to a limit.
//! * What the service has answered by 202 is done once, whoever is killed or stopped meanwhile: the row is written when
//!   the bytes are on the disk, and every write of a worker, the transaction that applies included, holds for its own
//!   attempt only ([`store::Attempt`]). Feeds of one source are done one after another: only the oldest of a lane is
//!   ever claimed.
//! * A collector of traces, metrics and logs that is down costs a bounded wait at the end, and no data of the shop.
//! * `xsd` knows no feed, no file and no thread; it could be a crate of its own unchanged.
//!
//! # Where it departs from the first design, and why
//!
//! * Schema documents are kept as a small tree, not as a second family of declared types: the tree
//!   has places and scopes, and components are made from it in one step.
//! * Content models with occurrence bounds are matched with counters on their edges at run time;
//!   only models without bounds become the shared table. No bound is ever unrolled.
//! * Positions are offsets of the decoded stream, turned into places of the source on demand: feeds
//!   in UTF-16 or Latin-1 cost nothing extra where nobody asks for a place.
//! * Staged rows are temporary tables of the session, so a killed import leaves nothing to clean up.
//! * One large feed is shared by guesses: stretches are cut where records seem to end, and what was judged of them is
//!   taken where the reader comes to a record by itself. Nothing has to know for sure where a record ends, keys are
//!   judged by the reader's own validator, and what is told is told by the code that reads alone.

pub mod access;
pub mod cli;
pub mod client;
pub mod config;
pub mod diff;
pub mod drift;
pub mod expiry;
pub mod feed;
pub mod import;
pub mod judgement;
pub mod map;
pub mod pipeline;
pub mod product;
#[macro_use]
pub mod report;
pub mod run;
pub mod serve;
pub mod source;
pub mod store;
pub mod survey;
pub mod telemetry;
pub mod xml;
pub mod xsd;
