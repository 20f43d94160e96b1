//! Syntax trees of languages that have no parser in Rust of their own: tree-sitter's, which keeps its stack on the heap.

use tree_sitter::{Language, Node, Parser, Tree};

/// The tree of a text; `None` where any part of it is not of the language.
pub(super) fn tree(language: &Language, text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
    parser.parse(text, None).filter(|tree| !tree.root_node().has_error())
}

/// Its children that have a name in the grammar.
pub(super) fn children<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
}

/// The exact text.
pub(super) fn text<'s>(node: Node<'_>, source: &'s str) -> &'s str {
    node.utf8_text(source.as_bytes()).unwrap_or_default()
}
