//! Words that no file of the repository may hold.

use super::tree::{Tree, has_word};
use super::{Breach, Rule};

pub const RULES: &[Rule] = &[
    Rule {
        name: "A TODO has an issue's number.",
        remedy: "do it, file an issue and write TODO(#number), or leave it out",
        check: homeless_todos,
    },
    Rule {
        name: "No file knows a path of one machine.",
        remedy: "use a relative path, an environment variable, or a placeholder like /abs/data",
        check: machine_paths,
    },
];

fn homeless_todos(tree: &Tree) -> Vec<Breach> {
    // Put together, so that this file does not break its own rule.
    let word = concat!("TO", "DO");
    let mut breaches = Vec::new();
    for file in tree.files.iter().filter(|file| !file.path.starts_with("xtask/src/house/")) {
        for (number, line) in file.lines() {
            if has_word(line, word) && !line.contains(&format!("{word}(#")) {
                breaches.push(Breach::at(&file.path, number, line.trim()));
            }
        }
    }
    breaches
}

fn machine_paths(tree: &Tree) -> Vec<Breach> {
    let paths = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let mut breaches = Vec::new();
    for file in &tree.files {
        for (number, line) in file.lines() {
            // Only where a path begins: `src/work/mod.rs` and a URL's path are no machine's.
            let begins = |path: &str| {
                line.match_indices(path).any(|(at, _)| {
                    !line
                        .get(..at)
                        .and_then(|text| text.chars().next_back())
                        .is_some_and(|c| c.is_alphanumeric() || "._-}".contains(c))
                })
            };
            if paths.iter().any(|path| begins(path)) {
                breaches.push(Breach::at(&file.path, number, line.trim()));
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_todo_without_a_number_is_noticed() {
        let word = concat!("TO", "DO");
        let text = format!("// {word}: later\n// {word}(#12): later\nlet todos = 1;\n");
        let tree = Tree::fixture(&[("app/src/lib.rs", &text)]);
        assert_eq!(homeless_todos(&tree).len(), 1);
    }

    #[test]
    fn a_path_of_one_machine_is_noticed() {
        let text = format!("dir = \"{}main\"\nurl = \"http://host{}\"\n", concat!("/wo", "rk/"), concat!("/wo", "rk/"));
        let tree = Tree::fixture(&[("docs/notes.md", &text)]);
        assert_eq!(machine_paths(&tree).len(), 1);
    }
}
