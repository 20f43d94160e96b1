//! What must never leave in a log line, whoever wrote it?
//!
//! The last net, not the first: our own events have no such fields. An error of a library may quote a URL with a code
//! in it, or an address; here it is cut out of the finished line. Each pattern matches characters that need no
//! escaping in JSON only, so a line stays the JSON that it was.

use regex::Regex;
use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::LazyLock;
use tracing_subscriber::fmt::MakeWriter;

/// Pattern and what stands in its place.
const SECRETS: [(&str, &str); 6] = [
    (r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}", "$1 [redacted]"),
    (r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", "[token]"),
    (r"\b(?:gh[pousr]_|github_pat_|gthp_)[A-Za-z0-9_]{8,}", "[token]"),
    (r"\bA(?:KIA|SIA)[A-Z0-9]{12,}", "[key]"),
    (
        r"(?i)([?&;]|\b)((?:code|state|nonce|id_token|access_token|refresh_token|client_secret|password|assertion)=)[^&;\s\x22\\]+",
        "$1$2[redacted]",
    ),
    (r"(?i)\b[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b", "[email]"),
];

/// A pattern of ours that does not compile would be a bug of the build; the test below compiles each.
static PATTERNS: LazyLock<Vec<(Regex, &'static str)>> =
    LazyLock::new(|| SECRETS.iter().filter_map(|(pattern, to)| Some((Regex::new(pattern).ok()?, *to))).collect());

fn scrub(line: &str) -> Cow<'_, str> {
    let mut line = Cow::Borrowed(line);
    for (pattern, to) in PATTERNS.iter() {
        if let Cow::Owned(cut) = pattern.replace_all(&line, *to) {
            line = Cow::Owned(cut);
        }
    }
    line
}

/// Cuts secrets out of every line on its way to the writers that `0` makes.
pub(super) struct Scrubbed<M>(pub(super) M);

/// Takes whole lines: the formatter writes each at once.
pub(super) struct Lines<W>(W);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Scrubbed<M> {
    type Writer = Lines<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Lines(self.0.make_writer())
    }
}

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(scrub(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(PATTERNS.len(), SECRETS.len());
    }

    #[test]
    fn what_a_library_may_quote_is_cut_out_and_json_stays_json() {
        for (said, left) in [
            ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer [redacted]"),
            (r#"{"error":"token eyJhbGciOi.eyJzdWIi.c2ln expired"}"#, r#"{"error":"token [token] expired"}"#),
            ("used ghs_16C7e42F292c6912E7710c838347Ae178B4a", "used [token]"),
            ("key AKIDEXAMPLE, key AKIAIOSFODNN7EXAMPLE", "key AKIDEXAMPLE, key [key]"),
            (
                r#"{"url":"http://h/auth/callback?code=abc&state=x-1&iss=y"}"#,
                r#"{"url":"http://h/auth/callback?code=[redacted]&state=[redacted]&iss=y"}"#,
            ),
            ("asha.rao+x@altscore.example said so", "[email] said so"),
            ("repo@sha256:aa stays, and so does state of play", "repo@sha256:aa stays, and so does state of play"),
        ] {
            assert_eq!(scrub(said), left);
        }
    }
}
