//! What is watched, and whose it is.

use super::name::ThingName;
use super::read::Form;
use super::thresholds::Thresholds;
use jiff::Timestamp;
use std::time::Duration;

/// Something that expires, as the inventory lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// What it is called.
    pub name: ThingName,
    /// What is watched.
    pub watched: Watched,
    /// Whose it is; empty for nobody.
    pub owner: String,
    /// Whom to ask; empty for nobody.
    pub contact: String,
    /// What to do, as an address; empty for none.
    pub runbook: String,
    /// The source of feeds that it belongs to.
    pub source: Option<String>,
    /// What else it belongs to.
    pub tags: Vec<String>,
    /// When it is told.
    pub thresholds: Thresholds,
}

/// What is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watched {
    /// A file, or a folder of them.
    Files {
        /// What they are.
        form: Form,
        /// Where they are, as written.
        path: String,
        /// What opens them.
        password: Option<PasswordSource>,
        /// What of them counts.
        counting: Counting,
        /// Names of files of a folder that are not looked at; `*.ENDING` stands for all with it.
        except: Vec<String>,
    },
    /// A date alone.
    Date {
        /// From this moment on it has ended.
        expires: Timestamp,
        /// Who says so.
        confirmed: Confirmation,
    },
    /// An edition of a schema or code list, which ends by its age.
    Edition {
        /// When it was issued.
        issued: Timestamp,
        /// How old it may be, in seconds.
        age_max: i64,
    },
    /// A TLS endpoint.
    Endpoint(Box<Endpoint>),
}

/// Who has confirmed a date, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// Who.
    pub by: String,
    /// When.
    pub on: Timestamp,
    /// For how many seconds that is believed.
    pub age_max: i64,
}

/// Where a password is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordSource {
    /// In a file.
    File(String),
    /// In a variable of the environment.
    Variable(String),
}

/// What of a thing counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counting {
    /// Everything.
    #[default]
    All,
    /// What vouches for others does not.
    Leaf,
    /// Of those with one name, the one with the latest end, once it holds.
    Newest,
}

impl Counting {
    /// The words of the inventory.
    pub const WORDS: [(&'static str, Self); 3] =
        [("all", Self::All), ("leaf", Self::Leaf), ("newest", Self::Newest)];
}

/// A TLS endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Host, a name or an address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// What is said before TLS.
    pub start_tls: Option<StartTls>,
    /// The name that is asked for and that the certificate has to be for.
    pub server_name: String,
    /// File or folder with the certificate that should be served.
    pub stored: Option<String>,
    /// File with the roots that are trusted; those of the system when there is none.
    pub trust: Option<String>,
    /// Files with certificate and key of the client.
    pub client: Option<(String, String)>,
    /// How long all of it may take.
    pub timeout: Duration,
    /// What of the served chain counts.
    pub counting: Counting,
}

/// What is said before TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartTls {
    /// `STARTTLS` of SMTP (RFC 3207).
    Smtp,
    /// `STARTTLS` of IMAP (RFC 9051).
    Imap,
    /// `SSLRequest` of PostgreSQL.
    Postgresql,
    /// The extended operation of LDAP (RFC 4511).
    Ldap,
}

impl StartTls {
    /// The words of the inventory.
    pub const WORDS: [(&'static str, Self); 4] =
        [("smtp", Self::Smtp), ("imap", Self::Imap), ("postgresql", Self::Postgresql), ("ldap", Self::Ldap)];
}

/// What kind of thing it is: a word of the inventory, and a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Files of a form.
    Files(Form),
    /// A date alone.
    Date,
    /// An edition of a schema or code list.
    Edition,
    /// A TLS endpoint.
    Tls,
}

impl Kind {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Files(form) => form.as_str(),
            Self::Date => "date",
            Self::Edition => "edition",
            Self::Tls => "tls",
        }
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Form::ALL.into_iter().map(Self::Files).chain([Self::Date, Self::Edition, Self::Tls])
    }

    /// The one of that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::all().find(|kind| kind.as_str() == word)
    }
}

impl Thing {
    /// What kind of thing it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match &self.watched {
            Watched::Files { form, .. } => Kind::Files(*form),
            Watched::Date { .. } => Kind::Date,
            Watched::Edition { .. } => Kind::Edition,
            Watched::Endpoint(_) => Kind::Tls,
        }
    }

    /// Where it is looked for, for people.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.watched {
            Watched::Files { path, .. } => path.clone(),
            Watched::Date { confirmed, .. } => format!("confirmed by {}", confirmed.by),
            Watched::Edition { .. } => "by its age".to_owned(),
            Watched::Endpoint(endpoint) => format!("{}:{}", endpoint.host, endpoint.port),
        }
    }
}
