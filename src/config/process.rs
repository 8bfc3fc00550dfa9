//! What a process knows of itself without asking anybody.

/// The program and what it runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessFacts {
    /// Name of the file that is run.
    pub executable: Option<String>,
    /// Architecture, as Rust names it.
    pub architecture: &'static str,
    /// Operating system, as Rust names it.
    pub system: &'static str,
}

impl ProcessFacts {
    /// Those of this process.
    #[must_use]
    pub fn of_this_one() -> Self {
        let path = std::env::current_exe().ok();
        Self {
            executable: path.and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned())),
            architecture: std::env::consts::ARCH,
            system: std::env::consts::OS,
        }
    }

    /// Whose process it is where the environment names nobody, as in a pod: `uid 1000750000@HOST`.
    #[must_use]
    pub fn account() -> String {
        let host = rustix::system::uname();
        format!("uid {}@{}", rustix::process::getuid().as_raw(), host.nodename().to_string_lossy())
    }
}
