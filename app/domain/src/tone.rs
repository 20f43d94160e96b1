//! How is a state shown? One table from state to tone; the page adds icon and colour, the word is here.

use serde::{Deserialize, Serialize};

/// What a state means to the person who sees it. *Unknown* is first-class: it is never shown as fine, nor as empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Nothing to say.
    Neutral,
    /// Something that you can do.
    Accent,
    /// Under way.
    Running,
    /// As it should be.
    Ok,
    /// Waits for somebody, or needs a look.
    Warn,
    /// Refused, failed, fallen.
    Bad,
    /// We could not find out.
    Unknown,
}
