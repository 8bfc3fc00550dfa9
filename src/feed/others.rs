//! Documents of other trades that are delivered in the place of feeds, known by root element and namespace.

use super::detect::DetectError;
use crate::xml::RootTag;

/// What is to be done about a document in another format.
const ASK: &str = "ask the sender for the feed in a format that is read (`feedgate schema list`)";
/// What is to be done about the answer of a server.
const READ: &str = "read what it says, and get the file again";
/// What is to be done about a description of documents.
const DESCRIBES: &str = "it describes documents and is none of them; deliver the feed itself";

/// Root element, what its namespace begins with, what the document is, what to do. An empty beginning stands for the
/// absent namespace alone.
const OTHERS: &[(&str, &str, &str, &str)] = &[
    ("Envelope", "http://schemas.xmlsoap.org/soap/envelope/", "a SOAP message", SOAP),
    ("Envelope", "http://www.w3.org/2003/05/soap-envelope", "a SOAP message", SOAP),
    ("rss", "", "an RSS feed", ASK),
    ("feed", "http://www.w3.org/2005/Atom", "an Atom feed", ASK),
    ("RDF", "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "RDF", ASK),
    ("urlset", "http://www.sitemaps.org/", "a sitemap", ASK),
    ("sitemapindex", "http://www.sitemaps.org/", "an index of sitemaps", ASK),
    ("definitions", "http://schemas.xmlsoap.org/wsdl/", "the description of a web service (WSDL)", DESCRIBES),
    ("description", "http://www.w3.org/ns/wsdl", "the description of a web service (WSDL)", DESCRIBES),
    ("schema", "http://www.w3.org/2001/XMLSchema", "a schema document (XSD)", DESCRIBES),
    ("grammar", "http://relaxng.org/ns/structure/1.0", "a schema in RELAX NG", DESCRIBES),
    ("schema", "http://purl.oclc.org/dsdl/schematron", "a schema in Schematron", DESCRIBES),
    ("stylesheet", "http://www.w3.org/1999/XSL/Transform", "an XSLT stylesheet", DESCRIBES),
    ("transform", "http://www.w3.org/1999/XSL/Transform", "an XSLT stylesheet", DESCRIBES),
    ("collection", "http://www.loc.gov/MARC21/slim", "a collection of MARC records (MARCXML)", ASK),
    ("record", "http://www.loc.gov/MARC21/slim", "a MARC record (MARCXML)", ASK),
    ("OAI-PMH", "http://www.openarchives.org/OAI/2.0/", "an answer of an OAI-PMH service", ASK),
    ("Workbook", "urn:schemas-microsoft-com:office:spreadsheet", "an Excel workbook (XML of 2003)", ASK),
    ("package", "http://schemas.microsoft.com/office/2006/xmlPackage", "an Office document (flat)", ASK),
    ("document", "urn:oasis:names:tc:opendocument:", "an OpenDocument file (flat)", ASK),
    ("svg", "http://www.w3.org/2000/svg", "a picture (SVG)", ASK),
    ("plist", "", "a property list", ASK),
    ("score-partwise", "", "a score (MusicXML)", ASK),
    ("Error", "", "an error message, as servers answer with", READ),
    ("error", "", "an error message, as servers answer with", READ),
    (
        "ListBucketResult",
        "http://s3.amazonaws.com/",
        "the list of a folder of a server, not a file of it",
        READ,
    ),
    ("multistatus", "DAV:", "the list of a folder of a server (WebDAV), not a file of it", READ),
];

/// What is to be done about a message around what is wanted.
const SOAP: &str = "where the feed is its content, save that alone; where it is a fault, read what it says";

/// What a root element of no format of ours says that its document is.
pub(super) fn named(root: &RootTag) -> Option<DetectError> {
    let is_of = |beginning: &str| {
        if beginning.is_empty() { root.namespace.is_empty() } else { root.namespace.starts_with(beginning) }
    };
    let meant = OTHERS.iter().find(|(local, namespace, ..)| *local == root.local() && is_of(namespace));
    meant.map(|&(_, _, what, action)| match action {
        READ => DetectError::ServerAnswer { what, action },
        action => DetectError::Other { what, action },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Cursor, Limits};

    #[track_caller]
    fn case(document: &str, expected: Option<&str>) {
        let root = Cursor::new(document.as_bytes(), Limits::default()).peek_root().expect("a root element");
        let found = named(&root).map(|error| error.to_string());
        let found = found.as_deref().map(|found| found.split(": ").next().unwrap_or_default());
        assert_eq!(found, expected);
    }

    #[test]
    fn answers_of_servers_have_a_code_of_their_own() {
        let code = |document: &str| {
            let root =
                Cursor::new(document.as_bytes(), Limits::default()).peek_root().expect("a root element");
            named(&root).map(|error| error.code())
        };
        assert_eq!(code("<Error><Code>AccessDenied</Code></Error>"), Some("feed.server-error"));
        assert_eq!(code("<D:multistatus xmlns:D='DAV:'/>"), Some("feed.server-error"));
        assert_eq!(code("<rss version='2.0'/>"), Some("feed.other-document"));
        assert_eq!(
            code("<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'/>"),
            Some("feed.other-document")
        );
    }

    #[test]
    fn documents_are_known_by_name_and_namespace() {
        let soap = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'/>";
        case(soap, Some("the document is a SOAP message"));
        case("<Envelope/>", None);
        case("<rss version='2.0'/>", Some("the document is an RSS feed"));
        case("<rss xmlns='urn:mine'/>", None);
        case("<feed xmlns='http://www.w3.org/2005/Atom'/>", Some("the document is an Atom feed"));
        let schema = "<x:schema xmlns:x='http://www.w3.org/2001/XMLSchema'/>";
        case(schema, Some("the document is a schema document (XSD)"));
        let wsdl = "<definitions xmlns='http://schemas.xmlsoap.org/wsdl/'/>";
        case(wsdl, Some("the document is the description of a web service (WSDL)"));
        let list = "<ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'/>";
        case(list, Some("the document is the list of a folder of a server, not a file of it"));
    }
}
