//! What happened, as one exact line?
//!
//! Every governed change of state is an [`Event`]; recorded, it becomes an [`Entry`]: RFC 8785
//! canonical bytes, at most [`ENTRY_LIMIT`] long, never changed afterwards. State is a fold of
//! events: the tables of the server are written from the same values, in the same transaction.
//!
//! Invariants
//! - The bytes hold only strings, arrays and objects; personal text only as [`crate::personal::Personal`].
//! - `tx` and `ord` say which entries were committed together and in which order.
//! - The later Merkle tree hashes these bytes as they are: leaf = SHA-256(0x00 ‖ bytes).

mod entry;
mod event;

pub use entry::{Actor, ENTRY_LIMIT, Entry, EntryError};
pub use event::{About, Event, LogRead, RefusalsCounted, Refused};
