//! Reading what strangers wrote: how long may it be, how deep, and for how long is it looked at?
//!
//! Invariants
//! - size and nesting are bounded before a parser sees the text;
//! - a parser that fails, panics or takes too long has told nothing, and which it was is said.

use std::sync::mpsc;
use std::time::Duration;

/// What a person still reads. Longer files are told to be too long.
pub(crate) const LONGEST: usize = 256 << 10;
/// Nobody nests deeper by hand, and some parsers recurse.
const DEEPEST: usize = 40;
/// Of the thread that parses: deep trees are taken apart by recursion too.
const STACK: usize = 64 << 20;
const PATIENCE: Duration = Duration::from_secs(5);

/// Has a text of at most `longest` bytes read in a thread of its own: with room for deep trees, given up when it takes too
/// long, and nobody else's when it panics. Blocks for at most [`PATIENCE`].
pub(crate) fn read_apart<T: Send + 'static>(
    text: String,
    longest: usize,
    read: impl FnOnce(&str) -> T + Send + 'static,
) -> Result<T, &'static str> {
    if text.len() > longest {
        return Err("it is longer than is read");
    }
    if is_deep(&text) {
        return Err("it is nested deeper than is read");
    }
    let (tell, told) = mpsc::sync_channel(1);
    let thread = std::thread::Builder::new().name("read-apart".to_owned()).stack_size(STACK).spawn(move || {
        // Nobody listens any more: it took too long.
        drop(tell.send(read(&text)));
    });
    if thread.is_err() {
        return Err("the portal could not begin to read it");
    }
    told.recv_timeout(PATIENCE).map_err(|error| match error {
        mpsc::RecvTimeoutError::Timeout => "reading it took too long",
        mpsc::RecvTimeoutError::Disconnected => "the parser failed on it",
    })
}

/// A YAML document, or JSON, as a value. Two meanings of one key, endless aliases and other tricks are errors of the
/// parser.
pub(crate) fn yaml(text: &str) -> Option<serde_json::Value> {
    serde_saphyr::from_str(text).ok()
}

/// The same for several documents in one text.
pub(crate) fn yaml_documents(text: &str) -> Option<Vec<serde_json::Value>> {
    serde_saphyr::from_multiple(text).ok()
}

/// Counts brackets wherever they stand: in a text or a comment there are never so many either.
fn is_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    text.bytes().any(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEEPEST
    })
}
