//! Settings: what the program was told, by whom, and what holds when nothing was said.
//!
//! ```text
//!  flags  >  environment (FEEDGATE_*)  >  file (TOML)  >  defaults (the table in `keys`)
//!                              └──── layers ────┘
//!                                      └─▶ Settings, each value parsed once
//! ```
//!
//! A wrong value is refused with its key and where it came from; an unknown key of a file likewise.
//! Only [`layers`] reads the environment.

mod choice;
pub mod database;
mod error;
mod keys;
mod layers;
mod quantity;
mod settings;
mod telemetry;

pub use choice::{ChoiceError, ColorChoice, ProgressForm, ReportForm};
pub use database::{DatabaseKind, DatabaseUrl, DatabaseUrlError};
pub use error::{ConfigError, TomlFault};
pub use keys::{KEYS, Key};
pub use layers::{Environment, Layers, Origin};
pub use quantity::{ByteSize, QuantityError, parse_duration};
pub use settings::{LimitSettings, Settings};
pub use telemetry::{
    DeviationSignals, ExportChoice, LogForm, LogLevel, LogSettings, TelemetrySettings, TraceUrl,
    TraceUrlError,
};
