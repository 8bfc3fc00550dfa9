//! Who works on a run: enough to tell, on the same machine, that nobody does any more.
//!
//! A lease ends by itself when its owner gives no sign of life; but a person who starts an import again
//! right after it was killed should not have to wait for that. On Linux the owner's process can be looked
//! up: host, process id space, process id and the moment the process began make it unmistakable.

use std::fmt;
use std::fs;

/// A process, as far as the system lets us name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    host: String,
    space: String,
    process: u32,
    began: String,
}

impl Owner {
    /// This process.
    pub(super) fn current() -> Self {
        let process = std::process::id();
        Self { host: host(), space: space(), process, began: began(process).unwrap_or_default() }
    }

    /// Whether the owner with this text is known to be gone. When in doubt it is not.
    pub(super) fn is_gone(text: &str) -> bool {
        let Some(owner) = Self::parse(text) else { return false };
        let here = !owner.host.is_empty() && owner.host == host() && owner.space == space();
        let can_look = !owner.space.is_empty() && !owner.began.is_empty();
        here && can_look && began(owner.process).as_deref() != Some(owner.began.as_str())
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.rsplitn(4, '/');
        let (began, process) = (parts.next()?, parts.next()?);
        let (space, host) = (parts.next()?, parts.next()?);
        Some(Self {
            host: host.to_owned(),
            space: space.to_owned(),
            process: process.parse().ok()?,
            began: began.to_owned(),
        })
    }
}

/// `host/space/process/began`.
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.host, self.space, self.process, self.began)
    }
}

fn host() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname").map(|name| name.trim().to_owned()).unwrap_or_default()
}

/// The process id space, such as `4026531836`: two containers may share a host name.
fn space() -> String {
    let link = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    link.to_string_lossy().chars().filter(char::is_ascii_digit).collect()
}

/// When a process began, in clock ticks since the machine did; `None` when there is none, or none that
/// still runs (a killed process stays listed until its parent takes note).
fn began(process: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is the program's name in parentheses and may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let began = fields.nth(18)?;
    (!matches!(state, "Z" | "X")).then(|| began.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_not_gone() {
        let owner = Owner::current();
        assert!(!Owner::is_gone(&owner.to_string()), "{owner}");
        assert_eq!(Owner::parse(&owner.to_string()), Some(owner));
    }

    #[test]
    fn a_process_of_another_time_or_number_is_gone_where_one_can_look() {
        let owner = Owner::current();
        if owner.began.is_empty() {
            eprintln!("SKIPPED: no /proc here, processes cannot be looked up");
            return;
        }
        let earlier = Owner { began: "1".to_owned(), ..owner.clone() };
        assert!(Owner::is_gone(&earlier.to_string()));
        let unused = Owner { process: u32::MAX, ..owner.clone() };
        assert!(Owner::is_gone(&unused.to_string()));
        let elsewhere = Owner { host: "elsewhere.example".to_owned(), began: "1".to_owned(), ..owner };
        assert!(!Owner::is_gone(&elsewhere.to_string()));
    }

    #[test]
    fn an_owner_that_cannot_be_read_is_not_gone() {
        assert!(!Owner::is_gone(""));
        assert!(!Owner::is_gone("somebody"));
    }
}
