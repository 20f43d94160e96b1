//! What does a change do to people's data? Said in plain words, for somebody who reads no code.
//!
//! The files that say so (migrations, dbt, schemas, DAGs) are parsed elsewhere, because parsers are heavy; what each of
//! their versions says ([`Said`]) becomes one [`DataReport`] here. Nothing is passed over in silence: what a parser could
//! not tell is [`Unsure`], with its file and the reason, and counts as personal data when it is asked who must sign.
//! Which names mean a person is the [`Dictionary`]'s, which is governed like the policy that it lies beside.
//!
//! Everything here is a function of its arguments. A report has exact bytes and a digest; the entry that says who must
//! sign names that digest, so that what was shown beside a signature can be proved.

mod between;
mod dictionary;
mod picture;
mod report;
mod retention;
#[cfg(test)]
mod tests;

pub use dictionary::{Dictionary, Malformed, Place};
pub use picture::{Column, FactKind, FileVersions, Picture, Said, Step, Table};
pub use report::{DataReport, FactChange, Leaving, Move, Says, Touched, Unsure};
pub use retention::{Term, compare_terms};
