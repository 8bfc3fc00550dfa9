//! Settings: what the program was told, by whom, and what holds when nothing was said.
//!
//! ```text
//!  flags  >  environment (FEEDGATE_*)  >  file (TOML)  >  defaults
//!     └──────────────────── layers ───────────────────────────┘
//!                              └─▶ Settings, each value read once, as the type that its row names
//! ```
//!
//! Some settings may be said for one format or one sender as well ([`Scope`]); the narrowest that says something holds,
//! whatever layer it stands in.
//!
//! [`SETTINGS`] has a row for each setting: key, type, default, flag, what it decides. Variables, the help of flags and
//! the README's list are made of it. A wrong value is refused with its key and who set it, an unknown key likewise.
//! Only `layers` reads the environment.

mod choice;
mod database;
mod decider;
mod drift;
mod error;
mod expiry;
mod guard;
mod key;
mod layers;
mod process;
mod quantity;
mod serve;
mod settings;
mod table;
mod telemetry;
mod value;

pub use choice::{ColorChoice, ProgressForm, ReportForm};
pub use database::{DatabaseKind, DatabaseUrl, redacted};
pub use decider::{DECIDER_CHARS_MAX, Decider};
pub use drift::{DRIFT_PATHS_MAX, DriftPolicy, DriftSettings};
pub use expiry::ExpirySettings;
pub use guard::{GuardLimit, GuardLimits, GuardSettings};
pub use key::{Scope, SettingKey};
pub use layers::{Aliases, Environment, Layers, SetBy, SettingView};
pub use process::ProcessFacts;
pub use quantity::duration;
pub use serve::ServeSettings;
pub use settings::Settings;
pub use table::{SETTINGS, Setting};
pub use telemetry::{
    DeviationSignals, ExportChoice, LogForm, LogLevel, LogSettings, TelemetrySettings, TraceUrl,
};
