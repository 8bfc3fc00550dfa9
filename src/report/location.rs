//! The name of a feed as tools write places: a path below the project, or an address.

use std::fmt::Write;

/// The feed as a path without `./` at its beginning.
pub(super) fn path(feed: &str) -> &str {
    let mut path = feed;
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    path
}

/// The feed as a URI: relative when its path is, else of a file.
pub(super) fn uri(feed: &str) -> String {
    let mut uri = String::from(if feed.starts_with('/') { "file://" } else { "" });
    for byte in path(feed).bytes() {
        match byte {
            // A colon is not among them: in the first part of a path it would end a scheme.
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'/'
            | b'!'
            | b'@'
            | b'+'
            | b','
            | b'=' => {
                uri.push(char::from(byte));
            }
            other => write!(uri, "%{other:02X}").expect("writes to memory"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(feed: &str, as_path: &str, as_uri: &str) {
        assert_eq!((path(feed), uri(feed).as_str()), (as_path, as_uri));
    }

    #[test]
    fn names_of_feeds() {
        case("feeds/a.xml", "feeds/a.xml", "feeds/a.xml");
        case(".//./feeds/a.xml", "feeds/a.xml", "feeds/a.xml");
        case("feeds/a b&#.xml", "feeds/a b&#.xml", "feeds/a%20b%26%23.xml");
        case("x:y.xml", "x:y.xml", "x%3Ay.xml");
        case("a.zip!b.xml", "a.zip!b.xml", "a.zip!b.xml");
        case("/data/ä.xml", "/data/ä.xml", "file:///data/%C3%A4.xml");
        case("-", "-", "-");
    }
}
