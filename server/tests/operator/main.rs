//! What an operator does with the compiled program, and what the program sends away from the machine.
#![expect(clippy::unwrap_used, reason = "tests")]

mod drafts;
mod machine;
mod refound;
mod traces;
