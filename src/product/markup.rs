//! Texts made fit for a page of the shop: what is shown stays, what runs goes.
//!
//! ```text
//!  source   <p onclick="x()">Für Klavier<br>&amp; Geige<script>x()</script>
//!  tidied   <p>Für Klavier<br/>&amp; Geige</p>            removed: attribute `onclick`, element `script`
//!  clean    the same, as a browser reads it
//! ```
//!
//! Two steps. The first walks over the tags once: it lets through what [may stay](ELEMENTS), ends each element where
//! its parent ends, and notes what it took out. The second, the crate `ammonia`, reads the result as browsers do and
//! judges it by the same lists: it has the last word on what is safe. Alone it would not tell what it took out, and
//! elements that never end (`<b a=1><p><b a=2><p>…`) would cost it time and memory by the square of their number.
//!
//! Invariant: what comes out of here is HTML that a page can hold as it is, and well-formed XML too. A plain text
//! becomes that by [`escape`].
//!
//! Comments go without a word: they are not shown anyway.

use super::number::quoted;
use super::types::TextFormat;
use ammonia::{Builder, UrlRelative};
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Bytes of one text with markup.
pub const MARKUP_BYTES_MAX: usize = 256 << 10;

/// Elements of a text that are open at one time; those further inside lose their tags.
pub const MARKUP_DEPTH_MAX: usize = 64;

/// Stands for `&` while the cleaner reads, to whom many of them cost the square of their number: no character of XML.
const AMPERSAND: &str = "\u{ffff}";

/// Things taken out of one text that are told by name.
const REMOVED_TOLD_MAX: usize = 8;

/// Elements that may stay: those of texts in the subset of XHTML that ONIX has, and few more.
#[rustfmt::skip]
const ELEMENTS: &[&str] = &[
    "a", "abbr", "acronym", "address", "b", "bdo", "big", "blockquote", "br", "caption", "cite", "code", "dd", "del",
    "dfn", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "ol", "p",
    "pre", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
];
/// Those that have no content and end at once.
const EMPTY: &[&str] = &["br", "hr"];
/// Those before which a paragraph ends.
#[rustfmt::skip]
const BLOCKS: &[&str] = &[
    "address", "blockquote", "div", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table", "ul",
];
/// Elements whose content is no markup to a browser: it goes with them. Of others that go, the content stays.
const RAW: &[&str] = &["iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"];
/// Attributes that elements may have.
const GENERAL: &[&str] = &["dir", "lang", "title", "xml:lang"];
/// Attributes that some of them may have.
const OWN: &[&str] = &["colspan", "href", "rowspan", "start", "type", "value"];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::empty();
    cleaner
        .tags(ELEMENTS.iter().copied().collect())
        .clean_content_tags(RAW.iter().copied().collect())
        .tag_attributes([].into())
        .generic_attributes(GENERAL.iter().chain(OWN).copied().collect())
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None)
        .attribute_filter(|element, name, value| {
            admits(element, name, value).then_some(Cow::Borrowed(value))
        });
    cleaner
});

/// Whether an element that stays may keep an attribute.
fn admits(element: &str, attribute: &str, value: &str) -> bool {
    match (element, attribute) {
        ("a", "href") => is_web(value),
        ("ol", "start" | "type")
        | ("ul", "type")
        | ("li", "value")
        | ("td" | "th", "colspan" | "rowspan") => true,
        _ => GENERAL.contains(&attribute) && !EMPTY.contains(&element),
    }
}

/// Whether a link leads to the web: not into the shop, not to a script.
fn is_web(link: &str) -> bool {
    let link = link.trim_start();
    let begins =
        |scheme: &str| link.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme));
    begins("http://") || begins("https://")
}

/// The elements that end where this one begins, and those that keep it from looking further out.
fn ends(element: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match element {
        "a" => (&["a"], &["table", "td", "th"]),
        "li" => (&["li"], &["ol", "ul"]),
        "dt" | "dd" => (&["dt", "dd"], &["dl"]),
        "td" | "th" => (&["td", "th"], &["table"]),
        "tr" => (&["tr"], &["table"]),
        "thead" | "tbody" | "tfoot" => (&["caption", "thead", "tbody", "tfoot"], &["table"]),
        block if BLOCKS.contains(&block) => (&["p"], &["table", "td", "th", "li", "dd", "div", "blockquote"]),
        _ => (&[], &[]),
    }
}

/// A text with markup, fit for a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clean {
    /// The text.
    pub text: String,
    /// What was taken out, in words, each once; the last one may count what is not told by name.
    pub removed: Vec<String>,
}

/// A text with markup of more than [`MARKUP_BYTES_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text has {0} bytes with its markup, {MARKUP_BYTES_MAX} are allowed")]
pub struct MarkupTooLong(usize);

/// Takes out of HTML or XHTML source what may not stay.
pub fn clean(source: &str, format: TextFormat) -> Result<Clean, MarkupTooLong> {
    if source.len() > MARKUP_BYTES_MAX {
        return Err(MarkupTooLong(source.len()));
    }
    if is_simple(source) {
        return Ok(Clean { text: source.to_owned(), removed: Vec::new() });
    }
    Ok(cleaned(source, format))
}

/// Elements of simple texts that hold text and marks, by what they stand in: nothing, or one of these lists.
const SIMPLE: &[(&str, &[&str])] = &[("p", &[""]), ("li", &["ul", "ol"]), ("ul", &[""]), ("ol", &[""])];
/// Marks inside of them.
const MARKS: &[&str] = &["em", "strong", "i", "b", "u", "sub", "sup"];

/// Whether a text is what the cleaner would make of it, seen at once: paragraphs and lists with marks in them, each
/// closed in its place, no attributes, no other references than those for `<`, `>` and `&`. Most texts are like that,
/// and the cleaner takes ten microseconds for one.
fn is_simple(source: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['<', '>', '&', '\r', '\0']) {
        // Text stands in paragraphs and entries, not in lists.
        let text = &rest[..at];
        if matches!(open.last(), Some(&("ul" | "ol"))) && !text.trim().is_empty() {
            return false;
        }
        rest = &rest[at..];
        let Some(length) = simple_piece(rest, &mut open) else { return false };
        rest = &rest[length..];
    }
    open.is_empty()
}

/// The length of a tag or reference of a simple text.
fn simple_piece<'a>(rest: &'a str, open: &mut Vec<&'a str>) -> Option<usize> {
    if let Some(reference) = ["&lt;", "&gt;", "&amp;"].into_iter().find(|each| rest.starts_with(each)) {
        return Some(reference.len());
    }
    let tag = &rest.strip_prefix('<')?[..rest.find('>')? - 1];
    let parent = open.last().copied().unwrap_or_default();
    if let Some(name) = tag.strip_prefix('/') {
        (open.pop()? == name).then_some(())?;
    } else if tag == "br/" {
        (!matches!(parent, "" | "ul" | "ol")).then_some(())?;
    } else if MARKS.contains(&tag) {
        (!matches!(parent, "" | "ul" | "ol") && !open.contains(&tag)).then_some(())?;
        open.push(tag);
    } else {
        let (_, parents) = SIMPLE.iter().find(|(name, _)| *name == tag)?;
        parents.contains(&parent).then_some(())?;
        open.push(tag);
    }
    Some(tag.len() + 2)
}

/// What may stay of a text, by the cleaner.
fn cleaned(source: &str, format: TextFormat) -> Clean {
    let mut tidy = Tidy { format, ..Tidy::default() };
    Tokens { rest: source }.for_each(|token| tidy.take(token));
    tidy.close(0);
    let text = CLEANER.clean(&tidy.html.replace("&amp;", AMPERSAND)).to_string();
    // A `<` of the text itself is written as a reference, so these are tags.
    let text = text.replace("<br>", "<br/>").replace("<hr>", "<hr/>").replace("&nbsp;", "\u{a0}");
    let text = text.replace(AMPERSAND, "&amp;");
    Clean { text, removed: tidy.told() }
}

/// A plain text with its markup characters written as references.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    push_escaped(text, |_| false, &mut escaped);
    escaped
}

/// The first element in a text that might stay: it is written as markup, whatever is said of it.
#[must_use]
pub fn first_element(text: &str) -> Option<String> {
    Tokens { rest: text }.find_map(|token| match token {
        Token::Start(tag) if ELEMENTS.contains(&tag.name.as_str()) => Some(tag.name),
        _ => None,
    })
}

/// Appends a text; `kept` says of what begins with `&` whether that is to stay a reference.
fn push_escaped(text: &str, kept: impl Fn(&str) -> bool, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' if kept(&rest[at..]) => "&",
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "\"",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// Characters of a reference at most, with `&` and `;`.
const REFERENCE_CHARS_MAX: usize = 34;

/// Whether a text begins with a reference to a character.
fn is_reference(text: &str) -> bool {
    let end = text.bytes().take(REFERENCE_CHARS_MAX).position(|byte| byte == b';').unwrap_or(0);
    end > 1 && text[1..end].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#')
}

/// Markup on its way to the cleaner.
struct Tidy {
    format: TextFormat,
    html: String,
    /// Elements that are open.
    open: Vec<String>,
    removed: Vec<String>,
    seen: HashSet<String>,
}

impl Default for Tidy {
    fn default() -> Self {
        let (html, open, removed) = (String::new(), Vec::new(), Vec::new());
        Self { format: TextFormat::Html, html, open, removed, seen: HashSet::new() }
    }
}

impl Tidy {
    fn take(&mut self, token: Token<'_>) {
        match token {
            Token::Text(text) => push_escaped(text, is_reference, &mut self.html),
            Token::End(name) => {
                if let Some(at) = self.open.iter().rposition(|open| *open == name) {
                    self.close(at);
                }
            }
            Token::Start(tag) if !ELEMENTS.contains(&tag.name.as_str()) => {
                self.remove(format!("element `{}`", quoted(&tag.name)));
            }
            Token::Start(tag) => self.start(tag),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let (ended, bounds) = ends(&tag.name);
        let nearest = self.open.iter().rposition(|open| [ended, bounds].concat().contains(&open.as_str()));
        if let Some(at) = nearest.filter(|at| ended.contains(&self.open[*at].as_str())) {
            self.close(at);
        }
        if self.open.len() == MARKUP_DEPTH_MAX {
            self.remove(format!("tags inside {MARKUP_DEPTH_MAX} elements"));
            return;
        }
        self.html.push('<');
        self.html.push_str(&tag.name);
        for (name, value) in tag.attributes {
            self.attribute(&tag.name, &name, value);
        }
        let empty = EMPTY.contains(&tag.name.as_str());
        self.html.push_str(if empty { "/>" } else { ">" });
        if !empty {
            self.open.push(tag.name);
            if tag.ends && self.format == TextFormat::Xhtml {
                self.close(self.open.len() - 1);
            }
        }
    }

    fn attribute(&mut self, element: &str, name: &str, value: &str) {
        if admits(element, name, value) {
            self.html.extend([" ", name, "=\""]);
            let mut quoted = String::with_capacity(value.len());
            push_escaped(value, is_reference, &mut quoted);
            self.html.push_str(&quoted.replace('"', "&quot;"));
            self.html.push('"');
        } else if (element, name) == ("a", "href") {
            self.remove(format!("link `{}`", quoted(value)));
        } else if name != "xmlns" {
            self.remove(format!("attribute `{}`", quoted(name)));
        }
    }

    /// Ends the elements from this one on.
    fn close(&mut self, at: usize) {
        for name in self.open.drain(at..).rev() {
            self.html.extend(["</", &name, ">"]);
        }
    }

    fn remove(&mut self, what: String) {
        if self.removed.len() < REMOVED_TOLD_MAX && !self.seen.contains(&what) {
            self.removed.push(what.clone());
        }
        self.seen.insert(what);
    }

    fn told(mut self) -> Vec<String> {
        match self.seen.len() - self.removed.len() {
            0 => {}
            more => self.removed.push(format!("{more} more")),
        }
        self.removed
    }
}

/// A piece of markup.
enum Token<'a> {
    Text(&'a str),
    Start(Tag<'a>),
    End(String),
}

/// A start tag, names in small letters.
struct Tag<'a> {
    name: String,
    attributes: Vec<(String, &'a str)>,
    /// Written as `<b/>`.
    ends: bool,
}

/// The pieces of a source, where a browser finds them. Comments and the content of [`RAW`] elements are passed over.
struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        while !self.rest.is_empty() {
            let begins_name = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic());
            match self.rest.strip_prefix('<') {
                Some(rest) if begins_name(rest) => {
                    self.rest = rest;
                    let tag = self.tag();
                    if RAW.contains(&tag.name.as_str()) {
                        self.skip_content(&tag.name);
                    }
                    return Some(Token::Start(tag));
                }
                Some(rest) if rest.strip_prefix('/').is_some_and(begins_name) => {
                    self.rest = &rest[1..];
                    return Some(Token::End(self.tag().name));
                }
                Some(rest) if rest.starts_with(['!', '?', '/']) => self.skip_remark(rest),
                _ => return Some(Token::Text(self.beyond_first(|c| c == '<'))),
            }
        }
        None
    }
}

impl<'a> Tokens<'a> {
    fn tag(&mut self) -> Tag<'a> {
        let name = self.until(|c| is_space(c) || c == '/' || c == '>').to_ascii_lowercase();
        let mut attributes = Vec::new();
        let ends = loop {
            let rest = self.rest.trim_start_matches(|c| is_space(c) || c == '/');
            let ends = self.rest[..self.rest.len() - rest.len()].ends_with('/');
            self.rest = rest;
            if let Some(rest) = rest.strip_prefix('>') {
                self.rest = rest;
                break ends;
            }
            if rest.is_empty() {
                break ends;
            }
            attributes.push(self.attribute());
        };
        Tag { name, attributes, ends }
    }

    fn attribute(&mut self) -> (String, &'a str) {
        // An `=` that comes first is part of the name.
        let name = self.beyond_first(|c| is_space(c) || matches!(c, '/' | '>' | '=')).to_ascii_lowercase();
        let Some(value) = self.rest.trim_start_matches(is_space).strip_prefix('=') else { return (name, "") };
        self.rest = value.trim_start_matches(is_space);
        let value = match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let (value, rest) = self.rest[1..].split_once(quote).unwrap_or((&self.rest[1..], ""));
                self.rest = rest;
                value
            }
            _ => self.until(|c| is_space(c) || c == '>'),
        };
        (name, value)
    }

    /// Takes what stands before the first of these characters.
    fn until(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        self.take(0, ends)
    }

    /// Takes the first character and what stands before the next of these.
    fn beyond_first(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        self.take(self.rest.chars().next().map_or(0, char::len_utf8), ends)
    }

    fn take(&mut self, from: usize, ends: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest[from..].find(ends).map_or(self.rest.len(), |end| from + end);
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Passes over the content of an element that has no markup in it; its end tag comes next.
    fn skip_content(&mut self, name: &str) {
        let ends = |at: usize| {
            let after = self.rest[at..].strip_prefix("</").and_then(|tag| tag.get(..name.len()));
            after.is_some_and(|begin| begin.eq_ignore_ascii_case(name))
        };
        let end = self.rest.match_indices("</").map(|(at, _)| at).find(|at| ends(*at));
        self.rest = &self.rest[end.unwrap_or(self.rest.len())..];
    }

    /// Passes over a comment, a declaration or an instruction.
    fn skip_remark(&mut self, rest: &'a str) {
        let comment =
            rest.strip_prefix("!--").filter(|text| !text.starts_with('>') && !text.starts_with("->"));
        let end = comment.map_or_else(|| rest.split_once('>'), |comment| comment.split_once("-->"));
        self.rest = end.map_or("", |(_, rest)| rest);
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prop_assert, prop_assert_eq, proptest};

    #[track_caller]
    fn case(source: &str, text: &str, removed: &[&str]) {
        let found = clean(source, TextFormat::Html).expect("it is short");
        assert_eq!(found.text, text, "of `{source}`");
        assert_eq!(found.removed, removed, "of `{source}`");
    }

    #[track_caller]
    fn simple(source: &str, expected: bool) {
        assert_eq!(is_simple(source), expected, "{source}");
        if expected {
            let by_cleaner = cleaned(source, TextFormat::Xhtml);
            assert_eq!((by_cleaner.text.as_str(), by_cleaner.removed.len()), (source, 0));
        }
    }

    #[test]
    fn a_simple_text_is_what_the_cleaner_makes_of_it() {
        for source in [
            "",
            "plain &amp; simple, a &lt; b \"quoted\" \u{a0}",
            "<p>Für <em>Klavier</em><br/>und <strong>Geige <i>in</i> A</strong></p>",
            "<p>H<sub>2</sub>O</p>\n <p>x<sup>2</sup> <b><u>y</u></b></p>",
            "<ul><li>a</li> <li><em>b</em><br/></li></ul><ol><li>c</li></ol>text after",
            "<p></p>",
        ] {
            simple(source, true);
        }
        for source in [
            "<p>open",
            "</p>",
            "<p><p>a</p></p>",
            "<b>a</b>",
            "<p><b><b>a</b></b></p>",
            "<p><b><i>a</b></i></p>",
            "<ul>a</ul>",
            "<ul><p>a</p></ul>",
            "<p><ul><li>a</li></ul></p>",
            "<p class='a'>a</p>",
            "<P>a</P>",
            "<script>a</script>",
            "<p>a > b</p>",
            "<p>&nbsp;</p>",
            "<p>&#60;script></p>",
            "<p>a<br></p>",
            "<!-- a -->",
            "<p>a\r</p>",
        ] {
            simple(source, false);
        }
    }

    #[track_caller]
    fn stays(source: &str) {
        case(source, source, &[]);
    }

    #[test]
    fn what_is_shown_stays() {
        stays("Für Klavier");
        stays("Rock &amp; Roll, 3 &lt; 4");
        stays("<p>Very <em>fine &amp; <b></b>rare</em> music<br/>for <strong>two</strong></p><hr/>");
        stays(
            "<ul><li>a</li></ul><ol start=\"3\"><li value=\"7\"><i>b</i></li></ol><dl><dt>c</dt><dd>d</dd></dl>",
        );
        stays("<h1>H<sub>2</sub>O</h1><h6>x<sup>2</sup></h6><p lang=\"de\" xml:lang=\"de\"><u>u</u></p>");
        stays("<a href=\"https://example.org/?a=1&amp;b=2\" title=\"&lt;br&gt; &quot;\">web</a>");
        stays("<table><tbody><tr><td colspan=\"2\">a</td></tr></tbody></table>");
        stays("<ruby>漢<rt>kan</rt></ruby>");
        case("<P>Fran&ccedil;ais<BR>a&nbsp;b & c &x", "<p>Français<br/>a\u{a0}b &amp; c &amp;x</p>", &[]);
        case("Tempo < 120 and > 60 <", "Tempo &lt; 120 and &gt; 60 &lt;", &[]);
        case(
            "<!-- <b> --><?x?><!DOCTYPE html><p xmlns='http://www.w3.org/1999/xhtml'>b</p>",
            "<p>b</p>",
            &[],
        );
    }

    #[test]
    fn elements_end_where_a_browser_ends_them() {
        case("<p>a<p>b<ul><li>c<li>d</ul>e", "<p>a</p><p>b</p><ul><li>c</li><li>d</li></ul>e", &[]);
        case("<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>", &[]);
        case("<ul><li>a<ul><li>b</ul><li>c</ul>", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", &[]);
        case(
            "<table><tr><td>a<td>b<tr><td>c</table>",
            "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></tbody></table>",
            &[],
        );
        case("<b><p>a</b>b</p></i>", "<b><p>a</p></b>b", &[]);
        case("<b>a", "<b>a</b>", &[]);
    }

    #[test]
    fn what_runs_goes_and_is_told() {
        case("a<script>b<i>c</i></script>d", "ad", &["element `script`"]);
        case("<p ONCLICK='x()' class=y>a</p>", "<p>a</p>", &["attribute `onclick`", "attribute `class`"]);
        case("<a href=\" javascript:x()\">a</a>", "<a>a</a>", &["link `javascript:x()`"]);
        case("<a href=\"java&#115;cript:x()\">a</a>", "<a>a</a>", &["link `java&#115;cript:x()`"]);
        case("<a href='/cart'>a</a>", "<a>a</a>", &["link `/cart`"]);
        case("<a href=data:text/html,x>a</a>", "<a>a</a>", &["link `data:text/html,x`"]);
        case("<img src=x onerror=x()>a", "a", &["element `img`"]);
        case("<svg><script>x()</script></svg>a", "a", &["element `svg`", "element `script`"]);
        case("<iframe src='https://example.org'><p>a</iframe>b", "b", &["element `iframe`"]);
        case("<br style='x'/>a", "<br/>a", &["attribute `style`"]);
        case("<font color=red>a</font>", "a", &["element `font`"]);
        case("<!--><script>x()</script>-->a", "--&gt;a", &["element `script`"]);
        case(
            "<b title='\"><script>x()</script>'>a",
            "<b title=\"&quot;&gt;&lt;script&gt;x()&lt;/script&gt;\">a</b>",
            &[],
        );
        case("<scr<script>ipt>x()", "ipt&gt;x()", &["element `scr<script`"]);
        case("x<y and z", "x", &["element `y`"]);
        case("<script>a</script><script>b</script>", "", &["element `script`"]);
        case("<style><p></style><xmp><p></xmp>c", "c", &["element `style`", "element `xmp`"]);
    }

    #[test]
    fn an_empty_element_of_xhtml_ends() {
        let case = |source: &str, expected: &str| {
            assert_eq!(
                clean(source, TextFormat::Xhtml).expect("it is short").text,
                expected,
                "of `{source}`"
            );
        };
        case("<p>a<b/>c<br/>d<em class=\"x\" /></p><hr/>", "<p>a<b></b>c<br/>d<em></em></p><hr/>");
        case("<p/>a /&gt; b", "<p></p>a /&gt; b");
    }

    #[test]
    fn many_things_are_counted() {
        let many = ["<x0>", "<x1>", "<x2>", "<x3>", "<x4>", "<x5>", "<x6>", "<x7>", "<x8>", "<x9>"].concat();
        let removed = clean(&many, TextFormat::Html).expect("it is short").removed;
        assert_eq!((removed.len(), removed[8].as_str()), (REMOVED_TOLD_MAX + 1, "2 more"));
    }

    #[test]
    fn a_plain_text_holds_no_markup() {
        assert_eq!(escape("a <b> & \"c\" &lt; ü"), "a &lt;b&gt; &amp; \"c\" &amp;lt; ü");
        assert_eq!(escape(""), "");
        assert_eq!(first_element("5 < 6 <x> <P>").as_deref(), Some("p"));
        assert_eq!(first_element("<5> & <x> <script><p></script>"), None);
    }

    #[test]
    fn a_text_with_markup_has_a_largest_size_and_depth() {
        let at_limit = "a".repeat(MARKUP_BYTES_MAX);
        assert!(clean(&at_limit, TextFormat::Html).is_ok());
        let beyond = clean(&(at_limit + "a"), TextFormat::Html);
        assert_eq!(beyond, Err(MarkupTooLong(MARKUP_BYTES_MAX + 1)));
        for (depth, told) in [(MARKUP_DEPTH_MAX, 0), (MARKUP_DEPTH_MAX + 1, 1)] {
            let found = clean(&("<i>".repeat(depth) + "a"), TextFormat::Html).expect("it is short");
            let expected = "<i>".repeat(MARKUP_DEPTH_MAX) + "a" + &"</i>".repeat(MARKUP_DEPTH_MAX);
            assert_eq!((found.text, found.removed.len()), (expected, told));
        }
    }

    /// Whatever goes in: what comes out has only what may stay, and each element ends inside its parent.
    #[test]
    fn nothing_gets_through_in_pieces() {
        const PIECES: &[&str] = &[
            "<",
            ">",
            "/",
            "</",
            "<!--",
            "-->",
            "<!",
            "&",
            "&lt;",
            "&#60;",
            ";",
            "\"",
            "'",
            "=",
            " ",
            "a",
            "é",
            "<p",
            "<b>",
            "<a href=",
            "https://x",
            "javascript:x()",
            " onclick=x",
            " title='",
            "<script>",
            "</script>",
            "<table>",
            "<td>",
            "<svg>",
            "<math>",
            "<style>",
            "<textarea>",
            "</p>",
            "</b>",
            "<li>",
            "<br/>",
            "<ruby><rt>",
            "<noscript>",
            "<![CDATA[",
        ];
        let source = proptest::collection::vec(proptest::sample::select(PIECES), 0..24);
        proptest!(|(source in source, xhtml: bool)| {
            let format = if xhtml { TextFormat::Xhtml } else { TextFormat::Html };
            let text = clean(&source.concat(), format).expect("it is short").text;
            prop_assert_eq!(clean(&text, TextFormat::Xhtml).expect("it is short").removed, Vec::<String>::new());
            let mut open = Vec::new();
            for token in (Tokens { rest: &text }) {
                match token {
                    Token::Text(text) => {
                        let left = text.find(['<', '>']).or_else(|| text.find(AMPERSAND));
                        prop_assert_eq!(left, None);
                    }
                    Token::Start(tag) => {
                        prop_assert_eq!(tag.ends, EMPTY.contains(&tag.name.as_str()));
                        open.extend((!tag.ends).then_some(tag.name));
                    }
                    Token::End(name) => prop_assert_eq!(open.pop(), Some(name)),
                }
            }
            prop_assert!(open.is_empty());
        });
    }

    /// Inputs that cost a browser's way of reading the square of their size: elements that never end, and `&`.
    #[test]
    fn what_comes_out_grows_no_faster_than_what_goes_in() {
        let pieces = (0..4_000).map(|number| format!("<b title={number}><p>&"));
        let source: String = pieces.collect();
        let found = clean(&source, TextFormat::Html).expect("it is short");
        assert!(found.text.len() < 4 * source.len(), "{} bytes of {}", found.text.len(), source.len());
    }
}
