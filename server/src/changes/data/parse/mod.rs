//! What does one version of one file say about data? One parser for each language; none is written here.
//!
//! Invariants
//! - what is read was written by others: its size and nesting are bounded before a parser sees it, and a parser that
//!   fails, panics or takes too long has told nothing, which is said;
//! - nothing is worked out: a value that a program makes when it runs is "could not tell".

mod avro;
mod dbt;
mod declared;
mod json_schema;
mod proto;
mod python;
mod select;
mod sql;
mod syntax;
#[cfg(test)]
mod tests;

use super::kinds::Kind;
use gatehouse_domain::changes::data::Said;
use std::sync::mpsc;
use std::time::Duration;

/// What a person still reads. Longer files are told to be too long.
pub(super) const LONGEST: usize = 256 << 10;
/// Nobody nests deeper by hand, and some parsers recurse.
const DEEPEST: usize = 40;
/// Of the thread that parses: deep trees are taken apart by recursion too.
const STACK: usize = 64 << 20;
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads a file's text. Blocks for at most [`PATIENCE`].
pub(super) fn read(kind: Kind, path: &str, text: String) -> Said {
    if text.len() > kind.longest() {
        return Said::Unknown("it is longer than is read".to_owned());
    }
    if is_deep(&text) {
        return Said::Unknown("it is nested deeper than is read".to_owned());
    }
    let (tell, told) = mpsc::sync_channel(1);
    let path = path.to_owned();
    // A thread of its own: with room for deep trees, given up when it takes too long, and nobody else's when it panics.
    let thread = std::thread::Builder::new().name("read-data".to_owned()).stack_size(STACK).spawn(move || {
        // Nobody listens any more: it took too long.
        drop(tell.send(parse(kind, &path, &text)));
    });
    if thread.is_err() {
        return Said::Unknown("the portal could not begin to read it".to_owned());
    }
    match told.recv_timeout(PATIENCE) {
        Ok(said) => said,
        Err(mpsc::RecvTimeoutError::Timeout) => Said::Unknown("reading it took too long".to_owned()),
        Err(mpsc::RecvTimeoutError::Disconnected) => Said::Unknown("the parser failed on it".to_owned()),
    }
}

fn parse(kind: Kind, path: &str, text: &str) -> Said {
    match kind {
        Kind::Migration => sql::migration(text),
        Kind::DbtModel => select::model(path, text),
        Kind::DbtYaml => dbt::properties(path, text),
        Kind::Avro => avro::schema(text),
        Kind::JsonSchema => json_schema::schema(path, text),
        Kind::AsyncApi => json_schema::async_api(text),
        Kind::Proto => proto::messages(text),
        Kind::Python => python::program(text),
        Kind::Opaque(why) => Said::Unknown(why.to_owned()),
    }
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

/// The file's name without its folders and endings.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}
