//! Gatehouse's pure heart: it decides, signs and proves.
//!
//! Nothing here awaits, reads, writes, knows the time or draws a random number: all of these are
//! arguments. So the same function decides inside the server's transaction, explains a disabled
//! button in the browser, runs in property tests, and repeats history in a replay.
//!
//! | module | answers |
//! |---|---|
//! | [`ids`] | what is a well-formed name, number, SHA, digest? |
//! | [`canonical`] | which exact bytes are hashed and signed? |
//! | [`reason`], [`decision`], [`problem`] | may it be done, and if not, why not (all reasons)? |
//! | [`personal`] | how does personal data enter a log that can never be erased? |
//! | [`act`], [`webauthn`] | what did a key sign, and did it really? |
//! | [`proof`] | is a signature that somebody shows us a real one, over what is shown beside it? |
//! | [`people`] | who is this, and which roles do they hold right now? |
//! | [`changes`] | may this release go to production? |
//! | [`alerts`] | is something wrong in production, and who says so? |
//! | [`environments`] | what runs where, and is it as it was promised? |
//! | [`pipelines`] | how far has a run come, and is that what it usually takes? |
//! | [`services`] | what is a service, to the people who look after it? |
//! | [`policy`] | which rules are in force, and may others take their place? |
//! | [`audit`] | what happened, as one exact line? |
//! | [`tone`], [`words`] | how is a state shown, and how is a digest read aloud? |

pub mod act;
pub mod alerts;
pub mod audit;
pub mod canonical;
pub mod changes;
pub mod decision;
pub mod environments;
pub mod ids;
pub mod people;
pub mod personal;
pub mod pipelines;
pub mod policy;
pub mod problem;
pub mod proof;
pub mod reason;
pub mod services;
pub mod tone;
pub mod webauthn;
pub mod words;

pub use chrono::{DateTime, Duration, Utc};
pub use decision::{Decision, Permit};
pub use ids::*;
pub use reason::{Reason, Reasons};
