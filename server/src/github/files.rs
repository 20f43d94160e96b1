//! One file at one commit.

use super::wire::RawContent;
use super::{Client, Error, RepoName};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use gatehouse_domain::CommitSha;

/// What is under a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileAt {
    /// Nothing.
    Absent,
    /// A text.
    Text(String),
    /// Something else, and why that is no text.
    Unfit(&'static str),
}

impl Client {
    /// Reads a file. GitHub gives what is at most a megabyte; nobody reads more than that by eye either.
    pub async fn read_file(&self, repo: &RepoName, commit: &CommitSha, path: &str) -> Result<FileAt, Error> {
        // Whoever named the file wrote a text of theirs: it stands in no error.
        let what = format!("a changed file at {} of {repo}", commit.short());
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Ok(FileAt::Unfit("its path is not a plain one"));
        }
        let route = format!("/repos/{repo}/contents/{}?ref={commit}", escape(path));
        let raw = match self.read_page::<RawContent>(&route, &what).await {
            Err(Error::NotFound { .. }) => return Ok(FileAt::Absent),
            other => other?.items,
        };
        let RawContent::One(file) = raw else { return Ok(FileAt::Unfit("it is a folder")) };
        match (file.kind.as_str(), file.encoding.as_deref(), file.content) {
            ("file", Some("base64"), Some(content)) => {
                let plain: String = content.chars().filter(|c| !c.is_ascii_whitespace()).collect();
                let bytes = BASE64_STANDARD.decode(plain);
                let bytes =
                    bytes.map_err(|_| Error::Unreadable { what, why: "its content is no base64".to_owned() })?;
                Ok(String::from_utf8(bytes).map_or(FileAt::Unfit("it is no text"), FileAt::Text))
            }
            ("file", _, _) => Ok(FileAt::Unfit("it is longer than is read")),
            _ => Ok(FileAt::Unfit("it is a link or a submodule")),
        }
    }
}

/// A path as part of an address: whoever named the file does not name the route.
fn escape(path: &str) -> String {
    let part = |part: &str| {
        let byte = |byte: u8| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        };
        part.bytes().map(byte).collect::<String>()
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_path_stays_a_path() {
        assert_eq!(escape("a b/ü?x=1#y.sql"), "a%20b/%C3%BC%3Fx%3D1%23y.sql");
    }
}
