//! Identity constraints: `unique`, `key`, `keyref`, and the small path language of their parts.

use super::ConstraintId;
use crate::xml::NameId;
use crate::xsd::fault::Rule;
use crate::xsd::limits::SchemaLimits;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdentityKind {
    Unique,
    Key,
    Keyref,
}

/// An identity-constraint definition (3.11.1).
#[derive(Debug)]
pub(crate) struct IdentityConstraint {
    pub(crate) name: Arc<str>,
    pub(crate) kind: IdentityKind,
    pub(crate) selector: Vec<Path>,
    pub(crate) fields: Vec<Vec<Path>>,
    /// The key a `keyref` refers to.
    pub(crate) refer: Option<ConstraintId>,
}

/// One alternative of a selector or field (3.11.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// Starts with `.//`.
    pub(crate) descendant: bool,
    /// Child steps; none for `.`.
    pub(crate) steps: Vec<NameTest>,
    /// The attribute a field ends with.
    pub(crate) attribute: Option<NameTest>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NameTest {
    Any,
    Namespace(Arc<str>),
    Name(NameId),
}

impl NameTest {
    pub(crate) fn matches(&self, id: Option<NameId>, namespace: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Namespace(wanted) => **wanted == *namespace,
            Self::Name(wanted) => Some(*wanted) == id,
        }
    }
}

/// Parses the subset of `XPath`; `resolve` turns a prefix into a namespace, `intern` a name into its id.
pub(crate) fn parse_paths(
    limits: &SchemaLimits,
    text: &str,
    role: PathRole,
    resolve: &dyn Fn(&str) -> Option<Arc<str>>,
    intern: &mut dyn FnMut(&str, &str) -> NameId,
) -> Result<Vec<Path>, PathFault> {
    let SchemaLimits { paths_max, path_steps_max, .. } = *limits;
    if text.matches('|').count() >= paths_max {
        let sentence = format!("an `xpath` has more than {paths_max} paths (limit `paths_max`)");
        return Err(PathFault { rule: Rule::PathsLimit, sentence });
    }
    let tell = |(reason, sentence)| PathFault { rule: role.rule(reason), sentence };
    let mut paths = Vec::new();
    for alternative in text.split('|') {
        let path = parse_path(alternative, role, resolve, intern).map_err(tell)?;
        if path.steps.len() > path_steps_max {
            let sentence = format!("a path has more than {path_steps_max} steps (limit `path_steps_max`)");
            return Err(PathFault { rule: Rule::PathStepsLimit, sentence });
        }
        paths.push(path);
    }
    Ok(paths)
}

/// What is wrong with a path.
#[derive(Debug)]
pub(crate) struct PathFault {
    pub(crate) rule: Rule,
    pub(crate) sentence: String,
}

/// Which clause of `c-selector-xpath` or `c-fields-xpaths` a path breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// No `XPath`, or one with a prefix that is not bound.
    Unreadable,
    /// An `XPath` outside of the subset.
    Subset,
}

/// What a path is for: only a field may end with an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathRole {
    Selector,
    Field,
}

impl PathRole {
    fn rule(self, reason: Reason) -> Rule {
        match (self, reason) {
            (Self::Selector, Reason::Unreadable) => Rule::SelectorUnreadable,
            (Self::Selector, Reason::Subset) => Rule::SelectorSubset,
            (Self::Field, Reason::Unreadable) => Rule::FieldUnreadable,
            (Self::Field, Reason::Subset) => Rule::FieldSubset,
        }
    }
}

fn parse_path(
    text: &str,
    role: PathRole,
    resolve: &dyn Fn(&str) -> Option<Arc<str>>,
    intern: &mut dyn FnMut(&str, &str) -> NameId,
) -> Result<Path, (Reason, String)> {
    let tokens = tokens(text)?;
    let mut left = tokens.as_slice();
    let mut path = Path { descendant: false, steps: Vec::new(), attribute: None };
    if let [".", "//", after @ ..] = left {
        path.descendant = true;
        left = after;
    }
    loop {
        left = match left {
            [".", after @ ..] => after,
            ["@", name, after @ ..] | ["attribute", "::", name, after @ ..] if is_name_test(name) => {
                if role == PathRole::Selector {
                    let sentence = format!("the selector `{}` may not end with an attribute", text.trim());
                    return Err((Reason::Subset, sentence));
                }
                path.attribute = Some(name_test(name, resolve, intern)?);
                return if after.is_empty() { Ok(path) } else { Err(unexpected(text, after[0])) };
            }
            ["child", "::", name, after @ ..] | [name, after @ ..] if is_name_test(name) => {
                path.steps.push(name_test(name, resolve, intern)?);
                after
            }
            [token, ..] => return Err(unexpected(text, token)),
            [] => return Err((Reason::Unreadable, format!("the path `{}` ends too early", text.trim()))),
        };
        match left {
            [] => return Ok(path),
            ["/", after @ ..] => left = after,
            [token, ..] => return Err(unexpected(text, token)),
        }
    }
}

fn unexpected(path: &str, token: &str) -> (Reason, String) {
    let sentence = format!(
        "`{token}` may not stand there in the path `{}`; only child steps, `.//`, `.`, `|` and a last \
         `@name` are allowed",
        path.trim()
    );
    (Reason::Subset, sentence)
}

fn is_name_test(token: &str) -> bool {
    !matches!(token, "." | "/" | "//" | "@" | "::")
}

/// Splits a path into `.`, `/`, `//`, `@`, `::` and name tests.
fn tokens(text: &str) -> Result<Vec<&str>, (Reason, String)> {
    let mut rest = text.trim_matches([' ', '\t', '\n', '\r']);
    let mut tokens = Vec::new();
    while !rest.is_empty() {
        let length = token_length(rest).ok_or_else(|| unexpected(text, first_character(rest)))?;
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start_matches([' ', '\t', '\n', '\r']);
    }
    Ok(tokens)
}

fn first_character(text: &str) -> &str {
    text.split_inclusive(|_: char| true).next().unwrap_or_default()
}

fn token_length(rest: &str) -> Option<usize> {
    let fixed = ["//", "::", "/", "@", "."];
    if let Some(token) = fixed.iter().find(|token| rest.starts_with(**token)) {
        return Some(token.len());
    }
    if rest.starts_with('*') {
        return Some(1);
    }
    let mut end = name_length(rest);
    if end > 0 && rest[end..].starts_with(':') && !rest[end..].starts_with("::") {
        let local = &rest[end + 1..];
        let length = if local.starts_with('*') { 1 } else { name_length(local) };
        end = if length == 0 { 0 } else { end + 1 + length };
    }
    (end > 0).then_some(end)
}

fn name_length(text: &str) -> usize {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{b7}') || !c.is_ascii();
    match text.chars().next() {
        Some(first) if first.is_alphabetic() || first == '_' || !first.is_ascii() => {
            text.find(|c| !part(c)).unwrap_or(text.len())
        }
        _ => 0,
    }
}

fn name_test(
    token: &str,
    resolve: &dyn Fn(&str) -> Option<Arc<str>>,
    intern: &mut dyn FnMut(&str, &str) -> NameId,
) -> Result<NameTest, (Reason, String)> {
    let undeclared =
        |prefix: &str| (Reason::Unreadable, format!("the prefix `{prefix}` of `{token}` is not declared"));
    match token.split_once(':') {
        None if token == "*" => Ok(NameTest::Any),
        // XPath 1.0: a name without prefix is in no namespace, whatever the default.
        None => Ok(NameTest::Name(intern("", token))),
        Some((prefix, "*")) => resolve(prefix).map(NameTest::Namespace).ok_or_else(|| undeclared(prefix)),
        Some((prefix, local)) => {
            let namespace = resolve(prefix).ok_or_else(|| undeclared(prefix))?;
            Ok(NameTest::Name(intern(&namespace, local)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PathRole, SchemaLimits, parse_paths};
    use crate::xml::{ExpandedName, NameTableBuilder};
    use crate::xsd::limits::{PATH_STEPS_MAX, PATHS_MAX};

    #[track_caller]
    fn case(path: &str, role: PathRole, expected: &str) {
        let mut names = NameTableBuilder::default();
        let paths = parse_paths(
            &SchemaLimits::default(),
            path,
            role,
            &|prefix| (prefix == "p").then(|| "urn:p".into()),
            &mut |namespace, local| names.intern(ExpandedName { namespace, local }),
        );
        let shown = match paths {
            Err(_) => "refused".to_owned(),
            Ok(paths) => paths
                .iter()
                .map(|p| {
                    format!(
                        "{}{}{}",
                        if p.descendant { ".//" } else { "" },
                        p.steps.len(),
                        if p.attribute.is_some() { "@" } else { "" }
                    )
                })
                .collect::<Vec<_>>()
                .join("|"),
        };
        assert_eq!(shown, expected, "{path}");
    }

    #[test]
    fn the_subset_of_the_recommendation_is_read() {
        case(".", PathRole::Field, "0");
        case("p:a/p:b", PathRole::Selector, "2");
        case(".//p:a | b", PathRole::Selector, ".//1|1");
        case("./a/@p:x", PathRole::Field, "1@");
        case("child::a/attribute::x", PathRole::Field, "1@");
        case("p:*/*", PathRole::Selector, "2");
    }

    #[test]
    fn what_lies_outside_of_the_subset_is_refused() {
        case("a/@x", PathRole::Selector, "refused");
        case("@x/a", PathRole::Field, "refused");
        case("a//b", PathRole::Selector, "refused");
        case("/a", PathRole::Selector, "refused");
        case("a[1]", PathRole::Selector, "refused");
        case("q:a", PathRole::Selector, "refused");
        case("", PathRole::Selector, "refused");
        case("a/", PathRole::Selector, "refused");
    }

    #[test]
    fn paths_and_their_steps_have_a_limit() {
        let parts = |count: usize, by: &str| vec!["a"; count].join(by);
        case(&parts(PATHS_MAX, "|"), PathRole::Field, &vec!["1"; PATHS_MAX].join("|"));
        case(&parts(PATHS_MAX + 1, "|"), PathRole::Field, "refused");
        case(&parts(PATH_STEPS_MAX, "/"), PathRole::Selector, &PATH_STEPS_MAX.to_string());
        case(&parts(PATH_STEPS_MAX + 1, "/"), PathRole::Selector, "refused");
    }
}
