//! Words that strangers wrote: shown as text, wrapped, kept apart, with nothing hidden in them.
//!
//! A title can hold characters that turn the reading direction round or cannot be seen. A person who
//! signs must see what is there, so these are spelled out as `⟨U+202E⟩`.

use leptos::prelude::*;

/// The same text with every character visible; line breaks become spaces.
pub(crate) fn visible(text: &str) -> String {
    spell(text, false)
}

/// As [`visible`], but line breaks stay, for words of several lines.
pub(crate) fn visible_lines(text: &str) -> String {
    spell(text, true)
}

fn spell(text: &str, keep_lines: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' if keep_lines => out.push('\n'),
            '\n' | '\t' => out.push(' '),
            '\r' if keep_lines => {}
            _ if is_hidden(c) => out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}

/// Controls, direction marks, joiners, fillers, tags: whatever draws nothing, or draws elsewhere.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// One line of a stranger's words, which cannot change the direction of what stands beside it.
pub(crate) fn foreign(text: &str) -> impl IntoView + use<> {
    view! { <bdi class="foreign">{visible(text)}</bdi> }.into_any()
}

/// A number as a word, up to ten; a heading reads better so.
pub(crate) fn number_word(n: usize) -> String {
    const WORDS: [&str; 11] = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    WORDS.get(n).map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

/// `1 file`, `3 files`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// The same with a capital letter at the beginning.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The first seven digits of a commit's SHA, as Git shows it.
pub(crate) fn short_sha(sha: &str) -> String {
    sha.get(..7).unwrap_or(sha).to_owned()
}
