//! Protobuf: messages and their fields.

use super::declared::names_class;
use super::syntax::{children, text, tree};
use gatehouse_domain::changes::data::{Column, Picture, Said};
use tree_sitter::Node;

/// What a file says.
pub(super) fn messages(source: &str) -> Said {
    let Some(tree) = tree(&tree_sitter_proto::LANGUAGE.into(), source) else {
        return Said::Unknown("it is not protobuf that could be read".to_owned());
    };
    let mut picture = Picture::default();
    let top = children(tree.root_node());
    let package = top.iter().find(|node| node.kind() == "package").and_then(|node| node.named_child(0));
    let space = package.map(|name| text(name, source).to_owned()).unwrap_or_default();
    let mut open: Vec<(String, Node<'_>)> = top.into_iter().map(|node| (space.clone(), node)).collect();
    while let Some((within, node)) = open.pop() {
        match node.kind() {
            "message" => {
                let parts = children(node);
                let name = parts.iter().find(|part| part.kind() == "message_name");
                let Some(name) = name.map(|name| text(*name, source)) else { continue };
                let dot = if within.is_empty() { "" } else { "." };
                let name = format!("{within}{dot}{name}");
                picture.tables.entry(name.clone()).or_default();
                let body = parts.into_iter().filter(|part| part.kind() == "message_body");
                open.extend(body.flat_map(children).map(|part| (name.clone(), part)));
            }
            "oneof" => open.extend(children(node).into_iter().map(|part| (within.clone(), part))),
            "field" | "oneof_field" | "map_field" => {
                if let Some((name, column)) = field(node, source) {
                    picture.tables.entry(within).or_default().columns.insert(name, column);
                }
            }
            "extend" => {
                picture.unsure.insert("it adds fields to a message of another file".to_owned());
            }
            _ => {}
        }
    }
    Said::State(picture)
}

fn field(node: Node<'_>, source: &str) -> Option<(String, Column)> {
    let parts = children(node);
    let of = |kind: &str| parts.iter().find(|part| part.kind() == kind).copied();
    let name = text(of("identifier")?, source).to_owned();
    let mut kind = text(of("type")?, source).to_owned();
    if node.kind() == "map_field" {
        kind = format!("map to {kind}");
    } else if text(node, source).split_whitespace().next() == Some("repeated") {
        kind = format!("list of {kind}");
    }
    let options = of("field_options").into_iter().flat_map(children);
    let declared = options.filter_map(|option| class(text(option, source))).next();
    Some((name, Column { kind, declared }))
}

/// `(gatehouse.pii) = "phone"`.
fn class(option: &str) -> Option<String> {
    let (name, value) = option.split_once('=')?;
    let name = name.trim().trim_matches(['(', ')']).rsplit('.').next()?.trim_matches(['(', ')']);
    let value = value.trim();
    let said = value.strip_prefix(['"', '\'']).and_then(|rest| rest.strip_suffix(['"', '\'']));
    let class = said.map(str::to_owned).or_else(|| (value == "true").then(|| "Personal data".to_owned()));
    class.filter(|_| names_class(name))
}
