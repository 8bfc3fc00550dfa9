//! What a format is: `profile.toml`, read and checked.
//!
//! A profile says which root elements open a feed of the format, which element is a record, where its
//! key, its notification type and the header's values stand, what its rules are beyond the schema, and
//! how a record becomes a product. Everything is checked when the profile is loaded; what is left is
//! bound to numbers, so that reading a feed compares no names.

use super::mapping::Mapping;
use super::path::{Path, Value, Word};
use super::record::{NodeId, Record};
use super::rule::Rule;
use super::vocabulary::{Key, Vocabulary};
use crate::judgement::{Coverage, Level};
use crate::product::{FieldSet, ProductField};
use crate::xml::RootTag;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Size of a profile at most.
const PROFILE_BYTES_MAX: usize = 1 << 20;

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("profile `{origin}` cannot be used")]
pub struct ProfileError {
    origin: String,
    #[source]
    kind: ProfileErrorKind,
}

/// What is wrong with a profile.
#[derive(Debug, thiserror::Error)]
enum ProfileErrorKind {
    /// Larger than [`PROFILE_BYTES_MAX`].
    #[error("it has {0} bytes, {PROFILE_BYTES_MAX} are allowed")]
    TooLarge(usize),
    /// Not TOML, an unknown or missing entry, a path that is none.
    #[error(transparent)]
    Toml(#[from] Box<toml::de::Error>),
    /// A format or version that could not name a folder.
    #[error("`{0}` is no name for a format or version: write small letters, digits, `.`, `-` and `_`")]
    Name(String),
    /// No `[[root]]`.
    #[error("it names no root element: add a `[[root]]`")]
    NoRoot,
    /// The record path is more than names.
    #[error("the record path has conditions or an attribute: write names only, such as `Message/Product`")]
    RecordPath,
    /// A root that the record path does not begin with.
    #[error("root `{root}` is not where the record path begins: that is `{first}`")]
    RootApart {
        /// Local name of the root.
        root: String,
        /// First name of the record path.
        first: String,
    },
    /// An alias for a name that no path uses.
    #[error("alias `{alias}` stands for `{name}`, which no path uses")]
    AliasUnused {
        /// The alias.
        alias: String,
        /// What it stands for.
        name: String,
    },
    /// An alias that is itself a name of a path.
    #[error("alias `{0}` is also a name in a path")]
    AliasTaken(String),
    /// A severity for a code that does not exist.
    #[error("`{0}` is no code of a rule or clause: codes begin with `rule.`, `cvc-`, `xml.` or `feed.`")]
    SeverityCode(String),
    /// A check by a rule that is not about one text.
    #[error(
        "`{0}` cannot be checked on any element: use rule.date, rule.price-amount, rule.number, rule.gtin, \
         rule.isbn or rule.ismn"
    )]
    Check(&'static str),
    /// Notification codes without a path.
    #[error("`notification` needs `path` with `codes`, or `absent` alone")]
    Notification,
    /// A part that stands in no block, in two, or in one although nothing is mapped to it.
    #[error(
        "the {field} of products stands in {count} of the blocks: write each part that is mapped into one of them"
    )]
    Block {
        /// The part.
        field: &'static str,
        /// How many blocks have it.
        count: usize,
    },
    /// An entry of earlier profiles.
    #[error(
        "`missing_from_full_feed` is no entry any more: write `feeds = \"full\"` where feeds are whole catalogues, so \
         that products they lack are withdrawn, `feeds = \"delta\"` where they are only changes, or nothing; how many \
         may be withdrawn at once is the setting `guard.withdraw`"
    )]
    MissingFromFullFeed,
}

/// A format and version, ready to read feeds.
#[derive(Clone, Debug)]
pub struct FeedProfile {
    /// Name of the format, such as `onix`.
    pub format: String,
    /// Its version, such as `3.0`.
    pub version: String,
    /// Version of this profile; part of what makes a feed version, so raise it with every change that
    /// maps records differently.
    pub profile_version: u32,
    /// Name for people.
    pub title: String,
    /// The root elements that open a feed.
    pub roots: Vec<Root>,
    /// What is delivered for it and not read.
    pub not_read: Vec<NotRead>,
    /// Schema documents.
    pub schema: SchemaDocuments,
    /// Whether feeds are whole catalogues or only changes, when the format says so.
    pub feeds: Option<Coverage>,
    /// By what a product says that it cannot be had.
    pub unavailable: Unavailable,
    /// Who finds two records with one reference.
    pub duplicates: DuplicateCheck,
    /// Names of the elements from the root to a record.
    pub(super) record: Vec<Key>,
    /// The same as the profile writes them.
    written: Vec<String>,
    pub(super) header: HeaderRule,
    key: Value,
    changed: Option<Value>,
    notification: Notification,
    date_form: Value,
    checks: Vec<CheckRule>,
    severity: BTreeMap<String, Level>,
    mapping: Mapping,
    blocks: Vec<Block>,
    lists: Vec<ListRule>,
    vocabulary: Arc<Vocabulary>,
}

/// A root element of a format.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// Local name.
    pub local: String,
    /// Namespace; empty for none.
    #[serde(default)]
    pub namespace: String,
    /// Attributes that tell one version from another where the namespace does not.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Whether a feed without namespace is read as if it carried this one.
    #[serde(default)]
    pub assume_namespace: bool,
    /// The schema document to begin with.
    pub schema: String,
}

/// What people deliver for this format that is another one, and not read: it is told by its name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotRead {
    /// Its name for people, such as `ONIX 2.1`.
    pub name: String,
    /// Local names of its root elements.
    pub roots: Vec<String>,
    /// What the address in its DOCTYPE, or its namespace, has in it.
    #[serde(default)]
    pub marks: Vec<String>,
    /// Values of attributes of the root, each of which shows it.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Whether a root without namespace shows it that has none of those attributes.
    #[serde(default)]
    pub bare: bool,
}

impl NotRead {
    /// Whether a document with this root is one.
    #[must_use]
    pub fn is_meant(&self, root: &RootTag) -> bool {
        let lacks = |name: &String| root.attribute("", name).is_none();
        let is_bare = self.bare && root.namespace.is_empty() && self.attributes.keys().all(lacks);
        self.roots.iter().any(|local| local == root.local()) && (is_bare || self.is_said(root))
    }

    /// Whether a root that has one of the names says that it is one; otherwise it says nothing.
    #[must_use]
    pub fn is_said(&self, root: &RootTag) -> bool {
        let marked = |text: &str| self.marks.iter().any(|mark| text.contains(mark.as_str()));
        let shows = |(name, value): (&String, &String)| root.attribute("", name) == Some(value);
        marked(&root.namespace)
            || root.doctype.as_deref().is_some_and(marked)
            || self.attributes.iter().any(shows)
    }
}

/// The schema documents of a format.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaDocuments {
    /// File names, all in one folder.
    pub documents: Vec<String>,
    /// Where to get them, a sentence for people.
    pub source: String,
}

/// Who finds two records with one reference in a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateCheck {
    /// The schema has a key or unique constraint for it.
    Schema,
    /// It does not, so `rule.duplicate-reference` does.
    Rule,
}

/// The codes by which a product says that it cannot be had: not now, or never again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Unavailable {
    /// Codes of its availability.
    pub availability: Vec<String>,
    /// Codes of its publishing status.
    pub publishing_status: Vec<String>,
}

impl Unavailable {
    /// Whether one of the two codes of a product says so.
    #[must_use]
    pub fn has(&self, availability: Option<&str>, publishing_status: Option<&str>) -> bool {
        let one_of =
            |codes: &[String], code: Option<&str>| codes.iter().any(|each| Some(each.as_str()) == code);
        one_of(&self.availability, availability) || one_of(&self.publishing_status, publishing_status)
    }
}

/// What a record wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// A complete record of a new product.
    New,
    /// A complete record that replaces what is known.
    Update,
    /// What changed; absent parts stay.
    Amend,
    /// Withdraw the product.
    Delete,
    /// For reading only, such as a test record.
    Ignore,
}

/// A check of every element that a path leads to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Path<N>: Deserialize<'de>"))]
pub struct CheckRule<N = Key> {
    /// What the text has to be.
    pub rule: Rule,
    /// The elements.
    pub each: Path<N>,
}

/// A block of a record: an amendment that has one of its elements replaces all of these parts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Path<N>: Deserialize<'de>"))]
pub struct Block<N = Key> {
    /// The elements.
    pub each: Path<N>,
    /// The parts of a product that are mapped from them.
    #[serde(deserialize_with = "field_set")]
    pub fields: FieldSet,
}

fn field_set<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FieldSet, D::Error> {
    Ok(Vec::<ProductField>::deserialize(deserializer)?.into_iter().collect())
}

/// How the elements of one name under one parent are told apart, whatever their order.
#[derive(Clone, Debug)]
pub struct ListRule {
    /// The element.
    element: Key,
    /// The values that together are its key, seen from it.
    pub key: Vec<KeyPart>,
}

/// Part of the key of an element in a list.
#[derive(Clone, Debug)]
pub struct KeyPart {
    /// As the profile writes it, for paths.
    pub written: String,
    /// Where the value stands.
    pub value: Value,
}

/// The same, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeclaredList {
    element: String,
    key: Vec<Path<Word>>,
}

impl DeclaredList {
    fn bind(self, words: &mut Vocabulary) -> ListRule {
        let element = words.intern(&self.element);
        let part =
            |path: Path<Word>| KeyPart { written: path.to_string(), value: Value::of_path(path.bind(words)) };
        ListRule { element, key: self.key.into_iter().map(part).collect() }
    }
}

/// Where the header's values stand, seen from the root element.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Value<N>: Deserialize<'de>, Path<N>: Deserialize<'de>"))]
pub(super) struct HeaderRule<N = Key> {
    pub(super) sender: Option<Value<N>>,
    #[serde(default = "Vec::new")]
    pub(super) sender_ids: Vec<SenderIdRule<N>>,
    pub(super) message_number: Option<Value<N>>,
    pub(super) message_repeat: Option<Value<N>>,
    pub(super) sent: Option<Value<N>>,
    pub(super) language: Option<Value<N>>,
    pub(super) currency: Option<Value<N>>,
    pub(super) price_kind: Option<Value<N>>,
}

/// Identifiers of the sender: more reliable than names, which change.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Value<N>: Deserialize<'de>, Path<N>: Deserialize<'de>"))]
pub(super) struct SenderIdRule<N = Key> {
    /// The elements that hold one identifier each.
    each: Path<N>,
    /// The scheme's code.
    scheme: Value<N>,
    /// Name of the scheme, where the code says that it has one of its own.
    name: Option<Value<N>>,
    /// The identifier.
    value: Value<N>,
    /// Codes and what they stand for, the most reliable first; others come last, under their codes.
    schemes: Vec<(String, String)>,
}

impl SenderIdRule {
    /// All identifiers in a header, each with its rank.
    pub(super) fn all(&self, outline: &Record, root: NodeId) -> Vec<(usize, String)> {
        self.each.all(outline, root).into_iter().filter_map(|node| self.one(outline, node)).collect()
    }

    fn one(&self, outline: &Record, node: NodeId) -> Option<(usize, String)> {
        let text = |value: &Value| value.find(outline, node).map(|found| found.text.into_owned());
        let (code, value) = (text(&self.scheme)?, text(&self.value)?);
        let rank = self.schemes.iter().position(|(each, _)| *each == code);
        let scheme = rank.map_or(&code, |rank| &self.schemes[rank].1);
        let name = self.name.as_ref().and_then(text).map(|name| format!(" {name}")).unwrap_or_default();
        // A number is the same however its digits are grouped.
        let value: String = value.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let name = if scheme == "proprietary" { name } else { String::new() };
        Some((rank.unwrap_or(usize::MAX), format!("{scheme}{name} {value}")))
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Value<N>: Deserialize<'de>"))]
struct Notification<N = Key> {
    path: Option<Value<N>>,
    #[serde(default)]
    codes: BTreeMap<String, NotificationKind>,
    absent: Option<NotificationKind>,
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    format: String,
    version: String,
    profile_version: u32,
    title: String,
    record: Path<Word>,
    key: Value<Word>,
    changed: Option<Value<Word>>,
    duplicate_references: DuplicateCheck,
    feeds: Option<Coverage>,
    #[serde(default)]
    unavailable: Unavailable,
    /// Known so that its refusal can say what to write instead.
    missing_from_full_feed: Option<IgnoredAny>,
    #[serde(default)]
    root: Vec<Root>,
    #[serde(default)]
    not_read: Vec<NotRead>,
    schema: SchemaDocuments,
    notification: Notification<Word>,
    header: HeaderRule<Word>,
    date_form: Value<Word>,
    #[serde(default)]
    check: Vec<CheckRule<Word>>,
    #[serde(default)]
    severity: BTreeMap<String, Level>,
    #[serde(default)]
    alias: BTreeMap<String, String>,
    #[serde(default)]
    block: Vec<Block<Word>>,
    #[serde(default)]
    list: Vec<DeclaredList>,
    map: Mapping<Word>,
}

impl FeedProfile {
    /// Reads a profile; `origin` names it in errors.
    pub fn parse(text: &str, origin: &str) -> Result<Self, ProfileError> {
        read(text, None).map_err(|kind| ProfileError { origin: origin.to_owned(), kind })
    }

    /// Reads a profile with another path to the key of a record.
    pub fn parse_with_key(text: &str, origin: &str, key: Value<Word>) -> Result<Self, ProfileError> {
        read(text, Some(key)).map_err(|kind| ProfileError { origin: origin.to_owned(), kind })
    }

    /// Format and version, such as `onix/3.0`: the folder below `schemas`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.format, self.version)
    }

    /// Whether records may have this local name: then which roots they stand below by it, the names of both being
    /// the profile's own or aliases.
    #[must_use]
    pub fn root_of_record(&self, local: &str) -> Option<impl Fn(&str) -> bool> {
        let (first, last) = (self.written.first()?, self.written.last()?);
        let is_own = local == last;
        let is_record = self.written.len() > 1 && self.vocabulary.get(local) == self.record.last().copied();
        is_record.then_some(move |root: &str| (root == first) == is_own)
    }

    /// Where the key of a record stands, seen from the record.
    #[must_use]
    pub fn key(&self) -> &Value {
        &self.key
    }

    /// Where the record says when it was changed last; `None` where the format has no place for it.
    #[must_use]
    pub fn changed(&self) -> Option<&Value> {
        self.changed.as_ref()
    }

    /// Where the notification type stands; `None` where the format has none.
    #[must_use]
    pub fn notification(&self) -> Option<&Value> {
        self.notification.path.as_ref()
    }

    /// What a notification code means; without a code, what its absence means.
    #[must_use]
    pub fn notification_kind(&self, code: Option<&str>) -> Option<NotificationKind> {
        code.map_or(self.notification.absent, |code| self.notification.codes.get(code).copied())
    }

    /// The notification codes of the format.
    pub fn notification_codes(&self) -> impl Iterator<Item = &str> {
        self.notification.codes.keys().map(String::as_str)
    }

    /// How a date is written, seen from the element that holds it: a code of ONIX list 55, `iso` or `iso-day`.
    #[must_use]
    pub fn date_form(&self) -> &Value {
        &self.date_form
    }

    /// The checks beyond the schema.
    #[must_use]
    pub fn checks(&self) -> &[CheckRule] {
        &self.checks
    }

    /// The weight this profile gives a code, if it gives one.
    #[must_use]
    pub fn level(&self, code: &str) -> Option<Level> {
        self.severity.get(code).copied()
    }

    /// Which part of a record becomes which part of a product.
    #[must_use]
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// The blocks of a record; none in formats whose amendments replace single parts.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// How elements of this name under one parent are told apart, if the profile says so.
    #[must_use]
    pub fn list(&self, element: Key) -> Option<&ListRule> {
        self.lists.iter().find(|list| list.element == element)
    }

    /// The element names the profile speaks of.
    #[must_use]
    pub fn vocabulary(&self) -> &Arc<Vocabulary> {
        &self.vocabulary
    }
}

fn read(text: &str, key: Option<Value<Word>>) -> Result<FeedProfile, ProfileErrorKind> {
    if text.len() > PROFILE_BYTES_MAX {
        return Err(ProfileErrorKind::TooLarge(text.len()));
    }
    let declared: Declared = toml::from_str(text).map_err(Box::new)?;
    check(&declared)?;
    bind(declared, key)
}

/// What can be said before names are numbers.
fn check(declared: &Declared) -> Result<(), ProfileErrorKind> {
    for name in [&declared.format, &declared.version] {
        let part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
        if !name.chars().all(part) || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(ProfileErrorKind::Name(name.clone()));
        }
    }
    if declared.root.is_empty() {
        return Err(ProfileErrorKind::NoRoot);
    }
    let notified = declared.notification.path.is_some() && !declared.notification.codes.is_empty();
    let silent = declared.notification.codes.is_empty() && declared.notification.absent.is_some();
    if !notified && !silent {
        return Err(ProfileErrorKind::Notification);
    }
    if declared.missing_from_full_feed.is_some() {
        return Err(ProfileErrorKind::MissingFromFullFeed);
    }
    declared.severity.keys().try_for_each(|code| check_code(code))?;
    declared.check.iter().try_for_each(|check| check_rule(check.rule))
}

fn check_code(code: &str) -> Result<(), ProfileErrorKind> {
    let clause = ["cvc-", "xml.", "feed."].iter().any(|family| code.starts_with(family));
    if clause || Rule::of_code(code).is_some() {
        return Ok(());
    }
    Err(ProfileErrorKind::SeverityCode(code.to_owned()))
}

fn check_rule(rule: Rule) -> Result<(), ProfileErrorKind> {
    match rule {
        Rule::Date | Rule::PriceAmount | Rule::Number | Rule::Gtin | Rule::Isbn | Rule::Ismn => Ok(()),
        rule => Err(ProfileErrorKind::Check(rule.code())),
    }
}

fn bind(declared: Declared, other_key: Option<Value<Word>>) -> Result<FeedProfile, ProfileErrorKind> {
    let mut words = Vocabulary::default();
    let record = record_path(&declared.record, &mut words)?;
    // Its names stay known with another key too: aliases may stand for them.
    let own_key = declared.key.bind(&mut words);
    let key = other_key.map_or(own_key, |key| key.bind(&mut words));
    let changed = declared.changed.map(|value| value.bind(&mut words));
    let header = declared.header.bind(&mut words);
    let notification = declared.notification.bind(&mut words);
    let date_form = declared.date_form.bind(&mut words);
    let bind_check =
        |check: CheckRule<Word>| CheckRule { rule: check.rule, each: check.each.bind(&mut words) };
    let checks = declared.check.into_iter().map(bind_check).collect();
    let mapping = declared.map.bind(&mut words);
    let blocks: Vec<_> = declared
        .block
        .into_iter()
        .map(|block| Block { each: block.each.bind(&mut words), fields: block.fields })
        .collect();
    check_blocks(&blocks, mapping.mapped())?;
    let lists = declared.list.into_iter().map(|list| list.bind(&mut words)).collect();
    alias(&declared.alias, &mut words)?;
    check_roots(&declared.root, &declared.record, &words)?;
    Ok(FeedProfile {
        format: declared.format,
        version: declared.version,
        profile_version: declared.profile_version,
        title: declared.title,
        roots: declared.root,
        not_read: declared.not_read,
        schema: declared.schema,
        feeds: declared.feeds,
        unavailable: declared.unavailable,
        duplicates: declared.duplicate_references,
        record,
        written: declared.record.plain().unwrap_or_default().into_iter().map(str::to_owned).collect(),
        header,
        key,
        changed,
        notification,
        date_form,
        checks,
        severity: declared.severity,
        mapping,
        blocks,
        lists,
        vocabulary: Arc::new(words),
    })
}

/// Where there are blocks, each part that is mapped stands in one of them: else an amendment could never change it.
fn check_blocks(blocks: &[Block], mapped: FieldSet) -> Result<(), ProfileErrorKind> {
    for field in ProductField::ALL {
        let count = blocks.iter().filter(|block| block.fields.contains(field)).count();
        let right = count == usize::from(mapped.contains(field));
        if !blocks.is_empty() && !right {
            return Err(ProfileErrorKind::Block { field: field.name(), count });
        }
    }
    Ok(())
}

fn record_path(path: &Path<Word>, words: &mut Vocabulary) -> Result<Vec<Key>, ProfileErrorKind> {
    let names = path.plain().filter(|names| !names.is_empty()).ok_or(ProfileErrorKind::RecordPath)?;
    Ok(names.into_iter().map(|name| words.intern(name)).collect())
}

fn alias(aliases: &BTreeMap<String, String>, words: &mut Vocabulary) -> Result<(), ProfileErrorKind> {
    if let Some(alias) = aliases.keys().find(|alias| words.get(alias).is_some()) {
        return Err(ProfileErrorKind::AliasTaken(alias.clone()));
    }
    if let Some((alias, name)) = aliases.iter().find(|(_, name)| words.get(name).is_none()) {
        return Err(ProfileErrorKind::AliasUnused { alias: alias.clone(), name: name.clone() });
    }
    for (alias, name) in aliases {
        words.alias(alias, name);
    }
    Ok(())
}

fn check_roots(roots: &[Root], record: &Path<Word>, words: &Vocabulary) -> Result<(), ProfileErrorKind> {
    let first = record.plain().and_then(|names| names.first().copied()).unwrap_or_default();
    match roots.iter().find(|root| words.get(&root.local) != words.get(first)) {
        None => Ok(()),
        Some(root) => Err(ProfileErrorKind::RootApart { root: root.local.clone(), first: first.to_owned() }),
    }
}

impl HeaderRule<Word> {
    fn bind(mut self, words: &mut Vocabulary) -> HeaderRule {
        let ids = std::mem::take(&mut self.sender_ids);
        let sender_ids = ids.into_iter().map(|rule| rule.bind(words)).collect();
        let mut bind = |value: Option<Value<Word>>| value.map(|value| value.bind(words));
        HeaderRule {
            sender: bind(self.sender),
            sender_ids,
            message_number: bind(self.message_number),
            message_repeat: bind(self.message_repeat),
            sent: bind(self.sent),
            language: bind(self.language),
            currency: bind(self.currency),
            price_kind: bind(self.price_kind),
        }
    }
}

impl SenderIdRule<Word> {
    fn bind(self, words: &mut Vocabulary) -> SenderIdRule {
        SenderIdRule {
            each: self.each.bind(words),
            scheme: self.scheme.bind(words),
            name: self.name.map(|name| name.bind(words)),
            value: self.value.bind(words),
            schemes: self.schemes,
        }
    }
}

impl Notification<Word> {
    fn bind(self, words: &mut Vocabulary) -> Notification {
        let path = self.path.map(|path| path.bind(words));
        Notification { path, codes: self.codes, absent: self.absent }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::error::Error;

    /// A small format with everything in it.
    pub(crate) const SMALL: &str = r#"
        format = "small"
        version = "1.0"
        profile_version = 1
        title = "A small format"
        record = "shop/item"
        key = "id"
        duplicate_references = "rule"
        date_form = ["@form", "'iso'"]
        [[root]]
        local = "shop"
        namespace = "urn:small"
        assume_namespace = true
        schema = "small.xsd"
        [schema]
        documents = ["small.xsd"]
        source = "it is small enough to write yourself"
        [notification]
        path = "kind"
        codes = { n = "new", u = "update", a = "amend", d = "delete", t = "ignore" }
        [header]
        sender = "head/from"
        message_number = "head/@number"
        currency = "head/money"
        [[check]]
        rule = "rule.date"
        each = "//day"
        [severity]
        "rule.isbn" = "warning"
        [alias]
        i = "item"
        s = "shop"
        [map]
        required = ["title"]
        title = "title"
    "#;

    #[track_caller]
    fn case(from: &str, to: &str, expected: &str) {
        assert!(SMALL.contains(from), "`{from}` is not in the example");
        let error = FeedProfile::parse(&SMALL.replacen(from, to, 1), "small").unwrap_err();
        assert_eq!(error.to_string(), "profile `small` cannot be used");
        let reason = error.source().map(ToString::to_string).unwrap_or_default();
        assert!(reason.contains(expected), "`{expected}` is not in: {reason}");
    }

    #[test]
    fn the_example_is_a_profile() {
        let profile = FeedProfile::parse(SMALL, "small").unwrap();
        assert_eq!(profile.id(), "small/1.0");
        assert_eq!(profile.notification_kind(Some("d")), Some(NotificationKind::Delete));
        assert_eq!(profile.notification_kind(Some("x")), None);
        assert_eq!(profile.notification_kind(None), None);
        assert_eq!(profile.level("rule.isbn"), Some(Level::Warning));
        assert_eq!(profile.vocabulary().get("i"), profile.vocabulary().get("item"));
    }

    #[test]
    fn toml_faults_name_their_line() {
        case("format = \"small\"", "format = \"small\"\nspeed = 1", "unknown field `speed`");
        case("key = \"id\"", "", "missing field `key`");
        case("key = \"id\"", "key = \"id[\"", "`id[` is no path");
        case("each = \"//day\"", "each = \"//\"", "`//` is no path");
        case("\"rule.date\"", "\"rule.dat\"", "`rule.dat` is no rule; known are rule.gtin");
        case("title = \"title\"", "title = 1", "a path, or a list of paths");
        case("d = \"delete\"", "d = \"remove\"", "unknown variant `remove`");
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        case("\"1.0\"", "\"../1\"", "`../1` is no name");
        case("\"shop/item\"", "\"shop/item[a]\"", "the record path has conditions");
        case("\"shop/item\"", "\"store/item\"", "alias `s` stands for `shop`, which no path uses");
        case(
            "local = \"shop\"",
            "local = \"shops\"",
            "root `shops` is not where the record path begins: that is `shop`",
        );
        case("i = \"item\"", "head = \"item\"", "alias `head` is also a name in a path");
        case("\"rule.isbn\" =", "\"isbn\" =", "`isbn` is no code");
        case("rule = \"rule.date\"", "rule = \"rule.required\"", "`rule.required` cannot be checked");
        case("path = \"kind\"", "", "`notification` needs `path`");
        case(
            "record =",
            "missing_from_full_feed = \"keep\"\nrecord =",
            "write `feeds = \"full\"` where feeds are",
        );
        let block = |fields: &str| format!("[[block]]\neach = \"title\"\nfields = [{fields}]\n[map]");
        case("[map]", &block(""), "the title of products stands in 0 of the blocks");
        case("[map]", &block("\"title\", \"stock\""), "the stock of products stands in 1 of the blocks");
        let twice = format!("{}\n", block("\"title\"").replace("[map]", "")).repeat(2) + "[map]";
        case("[map]", &twice, "the title of products stands in 2 of the blocks");
        case("[map]", &block("\"name\""), "unknown variant `name`");
    }

    #[test]
    fn a_profile_may_say_whether_feeds_are_whole() {
        let feeds = |entry: &str| {
            let text = SMALL.replacen("record =", &format!("{entry}\nrecord ="), 1);
            FeedProfile::parse(&text, "small").unwrap().feeds
        };
        assert_eq!(feeds(""), None);
        assert_eq!(feeds("feeds = \"full\""), Some(Coverage::Full));
        assert_eq!(feeds("feeds = \"delta\""), Some(Coverage::Delta));
        case("record =", "feeds = \"all\"\nrecord =", "unknown variant `all`");
    }

    #[test]
    fn a_profile_may_say_when_a_product_cannot_be_had() {
        let text = format!("{SMALL}[unavailable]\navailability = [\"40\"]\npublishing_status = [\"07\"]");
        let unavailable = FeedProfile::parse(&text, "small").unwrap().unavailable;
        assert!(unavailable.has(Some("40"), Some("04")) && unavailable.has(None, Some("07")));
        assert!(!unavailable.has(Some("07"), Some("40")) && !unavailable.has(None, None));
        assert_eq!(FeedProfile::parse(SMALL, "small").unwrap().unavailable, Unavailable::default());
        case("[severity]", "[unavailable]\nstock = [\"0\"]\n[severity]", "unknown field `stock`");
    }

    #[test]
    fn a_profile_has_a_largest_size() {
        let pad = |size: usize| SMALL.to_owned() + &" ".repeat(size - SMALL.len());
        assert!(FeedProfile::parse(&pad(PROFILE_BYTES_MAX), "small").is_ok());
        let error = FeedProfile::parse(&pad(PROFILE_BYTES_MAX + 1), "small").unwrap_err();
        assert!(error.source().unwrap().to_string().contains("1048577 bytes"));
    }
}
