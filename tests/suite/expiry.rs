//! What expires, held against what openssl, keytool, ssh-keygen and gpg make and say of it, on a fixed clock.

mod desk;
mod forms;
mod probes;
mod stores;
mod told;
mod watch;

pub(crate) use desk::{Bench, moment_of, tool};
