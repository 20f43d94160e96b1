//! The text files of the repository, as the rules see them.

use walkdir::WalkDir;

use crate::paths;

/// Made by tools, by others, or not ours to judge.
const SKIPPED: [&str; 7] =
    [".git", "target", "node_modules", "test-results", "playwright-report", "Cargo.lock", "package-lock.json"];

/// One file, its path relative to the repository with forward slashes.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    /// Lines numbered from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// All of them.
pub struct Tree {
    pub files: Vec<File>,
}

impl Tree {
    pub fn of_the_repository() -> Self {
        let root = paths::repo();
        let walk = WalkDir::new(&root).sort_by_file_name().into_iter();
        let entries =
            walk.filter_entry(|entry| !SKIPPED.iter().any(|name| entry.file_name() == *name)).filter_map(Result::ok);
        let mut files = Vec::new();
        for entry in entries.filter(|entry| entry.file_type().is_file()) {
            let path = entry.path().strip_prefix(&root).unwrap_or(entry.path()).to_string_lossy().replace('\\', "/");
            // What is not UTF-8 is a picture or a font.
            if let Ok(text) = std::fs::read_to_string(entry.path()) {
                files.push(File { path, text });
            }
        }
        Self { files }
    }

    /// A tree for the rules' own tests.
    pub fn fixture(files: &[(&str, &str)]) -> Self {
        let files =
            files.iter().map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned() }).collect();
        Self { files }
    }

    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The slices of a crate: first-level folders of its `src` with Rust in them.
    pub fn folders(&self, src: &str) -> Vec<String> {
        let mut names: Vec<String> = self
            .rust()
            .filter_map(|file| file.path.strip_prefix(src)?.split_once('/').map(|(folder, _)| folder.to_owned()))
            .collect();
        names.dedup();
        names
    }
}

/// Where `needle` stands in `line` as a whole: not inside a longer name.
pub fn has_word(line: &str, needle: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(needle).any(|(at, found)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + found.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(joins) && !after.is_some_and(joins)
    })
}

/// The part of a line before a `//` comment, so that prose about a rule does not break it.
pub fn code(line: &str) -> &str {
    let trimmed = line.trim_start();
    if trimmed.starts_with("//") { "" } else { line.split(" // ").next().unwrap_or(line) }
}
