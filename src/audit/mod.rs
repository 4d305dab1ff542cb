//! Is a file what its owner thinks it is? Looks at columns, answers and keys without trusting them.
//!
//! An [`Audit`] is shared by the threads that read a file; each has an [`Auditor`] that looks at batches. What they
//! gathered becomes an [`Audited`]: findings, each with a code and a severity, and the figures behind them. Nothing is
//! ever changed: what looks reversed, shifted or summed the wrong way is said, and left to the owner.

mod answers;
mod attendance;
mod columns;
mod findings;
mod firsts;
mod key;
mod keys;
mod look;
mod places;
mod published;
mod ranges;
mod recipes;
mod sessions;
mod stored;
mod visit;
mod visits;
mod whole;
mod words;

pub use key::{FormKey, ItemKey, Moved, ScaleKey};
pub use look::{Audit, Audited, Auditor, Config, FormLook, Gathered, ItemLook};
pub use places::Start;
pub use published::{Candidate, Figure, Published};
pub use recipes::{Gaps, Recipe, Reversal};
pub use sessions::{Attendance, InformantMissing, SessionMissing};
pub use stored::{Comparison, Difference, Explained};
pub use whole::check_text;
