//! DAGs and Spark jobs: what a program says literally. What it works out when it runs is not known, and said so.

use super::declared::{fact_kind, is_made_later};
use super::syntax::{children, text, tree};
use gatehouse_domain::changes::data::{FactKind, Picture, Said};
use std::collections::BTreeMap;
use std::rc::Rc;
use tree_sitter::Node;

/// Keywords that name a task or a DAG.
const IDS: [&str; 3] = ["task_id", "dag_id", "job_name"];
/// An address says where data goes, wherever it stands.
const ADDRESSES: [&str; 8] = ["s3://", "s3a://", "gs://", "abfss://", "https://", "http://", "sftp://", "jdbc:"];

/// What a program says.
pub(super) fn program(source: &str) -> Said {
    let Some(tree) = tree(&tree_sitter_python::LANGUAGE.into(), source) else {
        return Said::Unknown("it is not Python that could be read".to_owned());
    };
    let mut reader = Reader { source, picture: Picture::default(), names: BTreeMap::new() };
    reader.constants(tree.root_node());
    reader.everything(tree.root_node());
    Said::State(reader.picture)
}

struct Reader<'s> {
    source: &'s str,
    picture: Picture,
    /// Names that the module gives one literal text, once.
    names: BTreeMap<&'s str, Option<String>>,
}

/// What a keyword of an operator says, beside the declarations that have the same names everywhere.
fn kind_of(keyword: &str) -> Option<FactKind> {
    if is_source(keyword) {
        return None;
    }
    const PLACES: [&str; 9] =
        ["bucket", "host", "hostname", "endpoint", "endpoint_url", "url", "webhook", "topic", "to"];
    const ENDINGS: [&str; 5] = ["_bucket", "bucket_name", "_conn_id", "_host", "_url"];
    let is_place = PLACES.contains(&keyword) || ENDINGS.iter().any(|ending| keyword.ends_with(ending));
    fact_kind(keyword).or_else(|| is_place.then_some(FactKind::Recipient))
}

/// Where data comes from does not say where it goes.
fn is_source(keyword: &str) -> bool {
    keyword.starts_with("source_") || keyword.starts_with("src_")
}

impl<'s> Reader<'s> {
    fn constants(&mut self, module: Node<'_>) {
        let statements = children(module).into_iter().filter(|node| node.kind() == "expression_statement");
        for statement in statements.flat_map(children) {
            let Some(left) = statement.child_by_field_name("left").filter(|left| left.kind() == "identifier") else {
                continue;
            };
            let is_plain = statement.kind() == "assignment";
            let value = statement.child_by_field_name("right").filter(|_| is_plain);
            let value = value.and_then(|value| self.literal(value));
            // A name that is given two texts has neither.
            self.names.entry(text(left, self.source)).and_modify(|known| *known = None).or_insert(value);
        }
    }

    /// Every call and every address, each with the task or DAG that it belongs to.
    fn everything(&mut self, root: Node<'_>) {
        let mut open: Vec<(Rc<str>, Node<'_>)> = vec![("the program".into(), root)];
        while let Some((of, node)) = open.pop() {
            let mut of = of;
            match node.kind() {
                "call" => {
                    of = self.id_of(node).map_or(of, Into::into);
                    self.call(&of, node);
                }
                "string" => self.address(&of, node),
                _ => {}
            }
            open.extend(children(node).into_iter().map(|child| (Rc::clone(&of), child)));
        }
    }

    fn id_of(&self, call: Node<'_>) -> Option<String> {
        let arguments = children(call.child_by_field_name("arguments")?);
        let named = arguments.iter().filter(|argument| argument.kind() == "keyword_argument").find_map(|argument| {
            let name = text(argument.child_by_field_name("name")?, self.source);
            argument.child_by_field_name("value").filter(|_| IDS.contains(&name))
        });
        let function = text(call.child_by_field_name("function")?, self.source);
        let is_dag = matches!(function.rsplit('.').next(), Some("DAG" | "dag"));
        let first = arguments.first().filter(|_| is_dag).copied();
        let id = self.value(named.or(first)?)?;
        Some(id.chars().take(80).collect())
    }

    fn call(&mut self, of: &str, call: Node<'_>) {
        for argument in call.child_by_field_name("arguments").into_iter().flat_map(children) {
            match argument.kind() {
                // `**settings`: whatever is in there.
                "dictionary_splat" => {
                    self.picture.unsure.insert(format!("some settings of {of} are worked out when it runs"));
                }
                "keyword_argument" => {
                    let parts = argument.child_by_field_name("name").zip(argument.child_by_field_name("value"));
                    let Some((name, value)) = parts else { continue };
                    let name = text(name, self.source);
                    if let Some(kind) = kind_of(name) {
                        self.say(of, kind, name, value);
                    }
                }
                _ => {}
            }
        }
    }

    fn say(&mut self, of: &str, kind: FactKind, keyword: &str, value: Node<'_>) {
        let items = match value.kind() {
            "list" | "tuple" => children(value),
            "none" => Vec::new(),
            _ => vec![value],
        };
        for item in items {
            match self.value(item).filter(|text| !is_made_later(text)) {
                Some(text) => {
                    // Where a bucket is, its name alone does not say: it is an address like any other.
                    let is_bucket = keyword.contains("bucket") && !keyword.ends_with("_key") && !text.contains("://");
                    let text = if is_bucket { format!("s3://{text}") } else { text };
                    self.picture.facts.entry((kind, of.to_owned())).or_default().insert(text);
                }
                None => {
                    self.picture.unsure.insert(format!("the `{keyword}` of {of} is worked out when it runs"));
                }
            }
        }
    }

    fn address(&mut self, of: &str, node: Node<'_>) {
        let keyword = node.parent().filter(|parent| parent.kind() == "keyword_argument");
        let keyword = keyword.and_then(|keyword| keyword.child_by_field_name("name"));
        if keyword.is_some_and(|name| is_source(text(name, self.source))) {
            return;
        }
        let said = self.literal(node).filter(|said| ADDRESSES.iter().any(|scheme| said.starts_with(scheme)));
        if let Some(said) = said.filter(|said| said.len() < 300) {
            self.picture.facts.entry((FactKind::Recipient, of.to_owned())).or_default().insert(said);
        }
    }

    /// The text that a value is, or that its name was given.
    fn value(&self, node: Node<'_>) -> Option<String> {
        match node.kind() {
            "identifier" => self.names.get(text(node, self.source)).cloned().flatten(),
            _ => self.literal(node),
        }
    }

    fn literal(&self, node: Node<'_>) -> Option<String> {
        match node.kind() {
            "integer" => Some(text(node, self.source).to_owned()),
            "concatenated_string" => children(node).into_iter().map(|part| self.literal(part)).collect(),
            "string" => {
                let mut said = String::new();
                for part in children(node) {
                    match part.kind() {
                        "string_start" | "string_end" => {}
                        // An escape is written otherwise than it reads: not literally what it says.
                        "string_content" if part.named_child_count() == 0 => said.push_str(text(part, self.source)),
                        _ => return None,
                    }
                }
                Some(said)
            }
            _ => None,
        }
    }
}
