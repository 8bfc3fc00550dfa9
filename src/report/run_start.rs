//! What is known when a run begins, and where it can be seen.

use jiff::Timestamp;
use std::fmt;

/// What is known when a run begins.
#[derive(Clone, Debug)]
pub struct RunStart {
    /// What was asked for: `validate` or `import`.
    pub command: &'static str,
    /// How many feeds were named.
    pub feeds: u64,
    /// When it began, when somebody looked at the clock.
    pub started: Option<Timestamp>,
    /// Its trace, when there is one.
    pub trace: Option<TraceLink>,
}

/// Where to see a run or a record in the tracing system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceLink {
    /// The trace, 32 hexadecimal digits.
    pub trace_id: String,
    /// The span inside it, 16 hexadecimal digits; `None` for the trace as a whole.
    pub span_id: Option<String>,
    /// The page that shows it, when its address is known.
    pub url: Option<String>,
}

impl TraceLink {
    /// The page, when its address is one that a browser may follow.
    pub(super) fn page(&self) -> Option<&str> {
        let page = |url: &&str| url.starts_with("http://") || url.starts_with("https://");
        self.url.as_deref().filter(page)
    }
}

impl fmt::Display for TraceLink {
    /// The page, or what to search for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.url, &self.span_id) {
            (Some(url), _) => f.write_str(url),
            (None, Some(span)) => write!(f, "{} span {span}", self.trace_id),
            (None, None) => f.write_str(&self.trace_id),
        }
    }
}
