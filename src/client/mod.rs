//! The other side of the service: whoever submits feeds to one.
//!
//! ```text
//!  Delivery ─▶ Upload ─▶ submit ─▶ 202, 200: Taken ─▶ follow ─▶ RemoteRun, ended ─▶ report ─▶ a file
//!                          └─ again: what may pass       └─ asked until it has         └─ 404: not kept
//! ```
//!
//! * A feed is never whole in memory, and sending it again is the same submission.
//! * A service is somebody else: what it says has limits of size and time, and no text of it reaches a terminal or an
//!   error as it is.
//! * A token goes to the address that was named and nowhere else; nothing prints it.
//!
//! Not here: what is told of it, and with which exit status the program ends (`cli`).

mod address;
mod answer;
#[expect(clippy::module_inception, reason = "it is what the module is about")]
mod client;
mod error;
mod refusal;
mod remote_report;
mod remote_run;
mod retry;
mod token;
mod upload;

pub use address::{AddressError, ServiceUrl};
pub use answer::ANSWER_BYTES_MAX;
pub use client::{Client, Tell};
pub use error::{ClientError, Reason};
pub use refusal::Refusal;
pub use remote_report::REPORT_BYTES_MAX;
pub use remote_run::{RemoteCounts, RemoteProgress, RemoteRun};
pub use retry::{RETRY_AFTER_MAX, TRIES_MAX};
pub use token::{BearerToken, TOKEN_BYTES_MAX, TokenError};
pub use upload::{Mode, Repeated, SubmitOptions, Taken, Upload};
