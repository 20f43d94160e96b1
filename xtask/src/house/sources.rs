//! Rules about single Rust files: time, randomness, waivers, size, front doors.

use super::tree::{Tree, code, has_word};
use super::{Breach, Rule};

pub const RULES: &[Rule] = &[
    Rule {
        name: "Time and randomness enter through server/src/context only.",
        remedy: "take `now` or the random source as an argument, from `Context` at the edge",
        check: hidden_inputs,
    },
    Rule {
        name: "A lint is waived with a reason.",
        remedy: "write #[expect(lint, reason = \"…\")], which also tells when it is no longer needed",
        check: silent_waivers,
    },
    Rule {
        name: "A Rust file has at most 400 lines.",
        remedy: "split it inside its slice, a verb a file",
        check: long_files,
    },
    Rule {
        name: "A folder of sources has a front door.",
        remedy: "begin its mod.rs with `//!`: the question it answers, its states, its invariants",
        check: front_doors,
    },
];

const INPUTS: [&str; 9] = [
    "Utc::now",
    "Local::now",
    "SystemTime::now",
    "rand::rng",
    "rand::random",
    "thread_rng",
    "OsRng",
    "getrandom::fill",
    "Uuid::new_v4",
];
const STOPWATCH: &str = "Instant::now";
const DOOR: &str = "server/src/context";
/// Where a monotonic stopwatch decides nothing about a change. Only shrinks.
const STOPWATCHES: &[(&str, &str)] = &[
    ("server/src/github/pace.rs", "the pauses that GitHub asks for"),
    ("server/src/kube/watch/", "what clusters say is gathered for a moment before pages are told"),
    ("server/src/postgres/", "bounded waits for a child process"),
    ("server/src/telemetry/", "how long something took, for the log and the figures"),
];
const LONGEST: usize = 400;
const CRATES: [&str; 5] = ["server/src/", "app/src/", "app/domain/src/", "bench/src/", "twin/src/"];

fn hidden_inputs(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.rust().filter(|file| {
        (file.path.starts_with("app/") || file.path.starts_with("server/")) && !file.path.starts_with(DOOR)
    }) {
        let measures = STOPWATCHES.iter().any(|(place, _)| file.path.starts_with(place));
        for (number, line) in file.lines() {
            let line_of_code = code(line);
            let stopwatch = !measures && has_word(line_of_code, STOPWATCH);
            if stopwatch || INPUTS.iter().any(|input| has_word(line_of_code, input)) {
                breaches.push(Breach::at(&file.path, number, line.trim()));
            }
        }
    }
    breaches
}

fn silent_waivers(tree: &Tree) -> Vec<Breach> {
    // Put together, so that this file does not break its own rule.
    let waivers = [concat!("#[", "allow("), concat!("#![", "allow(")];
    let mut breaches = Vec::new();
    for file in tree.rust() {
        for (number, line) in file.lines() {
            if waivers.iter().any(|waiver| code(line).contains(waiver)) {
                breaches.push(Breach::at(&file.path, number, line.trim()));
            }
        }
    }
    breaches
}

fn long_files(tree: &Tree) -> Vec<Breach> {
    let long = tree.rust().map(|file| (file, file.text.lines().count())).filter(|(_, lines)| *lines > LONGEST);
    long.map(|(file, lines)| Breach::at(&file.path, 0, format!("{lines} lines"))).collect()
}

/// Every mod.rs says something, and every first-level folder of a crate has one. A file `name.rs` beside a folder
/// `name/` that holds only its tests is a door too.
fn front_doors(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for src in CRATES {
        for folder in tree.folders(src) {
            let door = format!("{src}{folder}/mod.rs");
            if tree.get(&door).is_none() && tree.get(&format!("{src}{folder}.rs")).is_none() {
                breaches.push(Breach::at(&door, 0, "is missing"));
            }
        }
    }
    let doors =
        tree.rust().filter(|file| file.name() == "mod.rs" && CRATES.iter().any(|src| file.path.starts_with(src)));
    let silent = doors.filter(|file| !file.text.starts_with("//!"));
    breaches.extend(silent.map(|file| Breach::at(&file.path, 1, "does not begin with `//!`")));
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_clock_is_noticed_everywhere_but_at_the_door() {
        let clock = "let now = chrono::Utc::now();\n";
        let tree = Tree::fixture(&[
            ("server/src/context/mod.rs", clock),
            ("server/src/changes/service.rs", clock),
            ("twin/src/clock.rs", clock),
            ("app/src/ui/time.rs", "fn now(_: Utc) {}\n"),
        ]);
        let files: Vec<String> = hidden_inputs(&tree).into_iter().map(|breach| breach.file).collect();
        assert_eq!(files, ["server/src/changes/service.rs"]);
    }

    #[test]
    fn a_waiver_without_a_reason_is_noticed() {
        let waiver = format!("{}dead_code)]\nfn f() {{}}\n", concat!("#[", "allow("));
        let tree =
            Tree::fixture(&[("app/src/lib.rs", &waiver), ("app/src/ok.rs", "#[expect(dead_code, reason = \"x\")]\n")]);
        assert_eq!(silent_waivers(&tree).len(), 1);
    }

    #[test]
    fn a_long_file_is_noticed() {
        let tree = Tree::fixture(&[
            ("twin/src/world.rs", &"\n".repeat(LONGEST + 1)),
            ("twin/src/lib.rs", &"\n".repeat(LONGEST)),
        ]);
        assert_eq!(long_files(&tree), [Breach::at("twin/src/world.rs", 0, "401 lines")]);
    }

    #[test]
    fn a_folder_without_a_word_at_its_door_is_noticed() {
        let tree = Tree::fixture(&[
            ("server/src/audit/mod.rs", "//! What happened?\n"),
            ("server/src/changes/mod.rs", "mod store;\n"),
            ("app/src/keys/view.rs", ""),
        ]);
        let told: Vec<(String, String)> =
            front_doors(&tree).into_iter().map(|breach| (breach.file, breach.what)).collect();
        let expected =
            [("app/src/keys/mod.rs", "is missing"), ("server/src/changes/mod.rs", "does not begin with `//!`")];
        assert_eq!(told, expected.map(|(file, what)| (file.to_owned(), what.to_owned())));
    }
}
