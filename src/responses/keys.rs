//! Key columns: who answered about whom, and when.

use serde::Serialize;

/// What a key column says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// The person who answered.
    Person,
    /// The pair of people.
    Dyad,
    /// The family.
    Family,
    /// The worker of the pair.
    Worker,
    /// The informant's role.
    Role,
    /// The observer who coded.
    Rater,
    /// The session.
    Session,
    /// The date.
    Date,
    /// A group whose rows are not independent.
    Cluster,
}

impl Key {
    /// Every key, in the order of the documentation.
    pub const ALL: [Key; 9] = [
        Key::Person,
        Key::Dyad,
        Key::Family,
        Key::Worker,
        Key::Role,
        Key::Rater,
        Key::Session,
        Key::Date,
        Key::Cluster,
    ];

    /// The name of the option that names its column.
    pub fn id(self) -> &'static str {
        match self {
            Key::Person => "person",
            Key::Dyad => "dyad",
            Key::Family => "family",
            Key::Worker => "worker",
            Key::Role => "role",
            Key::Rater => "rater",
            Key::Session => "session",
            Key::Date => "date",
            Key::Cluster => "cluster",
        }
    }

    /// Whether a column of this name is taken for this key unasked.
    pub fn is_known_as(self, column: &str) -> bool {
        let folded = crate::instrument::fold_name(column);
        self.well_known().iter().any(|name| *name == folded)
    }

    /// Column names that are taken for this key unasked, folded, best first.
    pub(crate) fn well_known(self) -> &'static [&'static str] {
        match self {
            Key::Person => &["person", "personid", "participant", "id"],
            Key::Dyad => &["dyad", "dyadid", "diada"],
            Key::Family => &["family", "familia"],
            Key::Worker => &["worker", "trabajador"],
            Key::Role => &["role", "rol", "informant"],
            Key::Rater => &["rater"],
            Key::Session => &["session", "sesion", "sesión"],
            Key::Date => &["date", "fecha"],
            Key::Cluster => &["cluster"],
        }
    }
}
