//! `anyURI`: what RFC 2396, amended by RFC 2732, leaves after the escaping of `XLink` 5.4.
//!
//! `XLink` escapes every character a URI cannot have except `%` and `#`, so nearly anything goes:
//! spaces and letters of any script are fine. What stays wrong is structure: a `%` that is no
//! escape, a second `#`, something before `:` that is no scheme, brackets outside a host address.

use super::Lexical;

/// Whether the literal is a URI reference.
pub fn check(text: &str) -> Result<(), Lexical> {
    let is_special = |byte: u8| matches!(byte, b'%' | b'#' | b'[' | b']');
    // Without these only a scheme can be wrong. No early exit, so that many bytes are tested at once.
    let special = text.bytes().fold(false, |special, byte| special | is_special(byte));
    let right = if special { is_reference(text) } else { is_plain_reference(text) };
    if right { Ok(()) } else { Err(Lexical::Form) }
}

/// `is_reference` for a text without `%`, `#` and brackets.
fn is_plain_reference(text: &str) -> bool {
    let begins_with_scheme = |at: usize| is_scheme(&text[..at]) && at + 1 < text.len();
    match first_delimiter(text) {
        Some(at) if text.as_bytes()[at] == b':' => begins_with_scheme(at),
        _ => true,
    }
}

/// What ends a scheme, if it is a colon; or the first segment.
fn first_delimiter(text: &str) -> Option<usize> {
    text.bytes().position(|byte| matches!(byte, b':' | b'/' | b'?'))
}

/// `URI-reference = [ absoluteURI | relativeURI ] [ "#" fragment ]`
fn is_reference(text: &str) -> bool {
    let (uri, fragment) = text.split_once('#').unwrap_or((text, ""));
    if fragment.contains('#') || !escapes_are_whole(text) {
        return false;
    }
    match first_delimiter(uri) {
        Some(at) if uri.as_bytes()[at] == b':' => is_scheme(&uri[..at]) && is_scheme_part(&uri[at + 1..]),
        _ => is_hierarchical(uri),
    }
}

fn escapes_are_whole(text: &str) -> bool {
    let bytes = text.as_bytes();
    let hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%').all(|(at, _)| hex(at + 1) && hex(at + 2))
}

/// `scheme = alpha *( alpha | digit | "+" | "-" | "." )`
fn is_scheme(text: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic()) && text.bytes().all(rest)
}

/// `hier_part | opaque_part`; the latter is any character once it does not begin with a slash.
fn is_scheme_part(text: &str) -> bool {
    if text.starts_with('/') {
        is_hierarchical(text)
    } else {
        !text.is_empty() && !text.starts_with(['[', ']'])
    }
}

/// `( net_path | abs_path | rel_path ) [ "?" query ]`, or nothing.
fn is_hierarchical(text: &str) -> bool {
    let path = text.split_once('?').map_or(text, |(path, _)| path);
    match path.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            is_authority(authority) && has_no_brackets(path)
        }
        None => has_no_brackets(path),
    }
}

fn has_no_brackets(text: &str) -> bool {
    !text.bytes().any(|byte| matches!(byte, b'[' | b']'))
}

/// `server | reg_name`; brackets only around an IPv6 address, which only a port may follow.
fn is_authority(text: &str) -> bool {
    let host = text.rsplit_once('@').map_or(text, |(_, host)| host);
    let user = &text[..text.len() - host.len()];
    let Some(bracketed) = host.strip_prefix('[') else { return has_no_brackets(text) };
    let Some((address, port)) = bracketed.split_once(']') else { return false };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    has_no_brackets(user)
        && address.parse::<std::net::Ipv6Addr>().is_ok()
        && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(expected: bool, texts: &[&str]) {
        for text in texts {
            assert_eq!(check(text).is_ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn nearly_anything_goes() {
        case(
            true,
            &[
                "",
                "#",
                "a b.xml",
                "über/straße?q=ä#ö",
                "http://www.example.com/a?b=c&d#e",
                "file:///C:/Suite/XSD%20Spec/x.htm#y",
                "C:/x",
                "mailto:a@example.com",
                "urn:isbn:3-16-148410-0",
                "//host:80/p",
                "http://[::1]:8080/",
                "http://u@[1080::8:800:200c:417a]/x",
                "a?b[c]",
                "<>{}|\\^`\"",
                "./a:b",
            ],
        );
    }

    #[test]
    fn structure_still_counts() {
        case(
            false,
            &[
                "%",
                "a%2",
                "%zz",
                "a#b#c",
                ":a",
                "1a:b",
                "a b:c",
                "http:",
                "a[1]",
                "http://[::1",
                "http://[::1]x/",
                "http://[zz]/",
                "http://a[1]/",
                "über:x",
            ],
        );
    }
}
