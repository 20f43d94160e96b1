//! What does one version of one file say about data? One parser for each language; none is written here.
//!
//! Invariants
//! - what is read was written by others, and is read [apart](crate::apart); a parser that tells nothing is said;
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
use crate::apart::read_apart;
use gatehouse_domain::changes::data::Said;

/// Reads a file's text. Blocks for a bounded time.
pub(super) fn read(kind: Kind, path: &str, text: String) -> Said {
    let path = path.to_owned();
    let said = read_apart(text, kind.longest(), move |text| parse(kind, &path, text));
    said.unwrap_or_else(|why| Said::Unknown(why.to_owned()))
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

/// The file's name without its folders and endings.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}
