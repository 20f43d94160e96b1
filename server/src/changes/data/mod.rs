//! What does this change do to people's data? Reads the files that say so, as they are in what production runs and as
//! they are in what is to be released, and has [`gatehouse_domain::changes::data`] say what that means.
//!
//! Invariants
//! - a file that cannot be read or understood is named, with the reason, and counts as one that touches personal data;
//! - GitHub's silence is no answer: then all that changes is in doubt, everybody is asked, and it is read again;
//! - at most [`MOST_FILES`] files are read; that there are more is said.
//!
//! The report is kept by its digest, and the entry that says who must sign names that digest: what was shown beside a
//! signature can be proved, without a word more in what is signed. What may call it: `changes::reading`.

mod kinds;
mod parse;

use crate::github::{self, FileAt, RepoName};
use gatehouse_domain::CommitSha;
use gatehouse_domain::changes::ChangedFiles;
use gatehouse_domain::changes::data::{DataReport, Dictionary, FileVersions, Malformed, Said};
use kinds::Kind;

/// Whoever changes more at once has somebody look at all of it.
const MOST_FILES: usize = 40;

/// What was found, and whether GitHub told all of it.
pub(super) struct DataRead {
    pub(super) report: DataReport,
    pub(super) is_settled: bool,
}

/// Where the files are.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) github: &'a github::Client,
    pub(super) repository: &'a RepoName,
    pub(super) migrations: &'a str,
    pub(super) base: Option<&'a CommitSha>,
    pub(super) head: &'a CommitSha,
}

/// Reads what the changed files say about data.
pub(super) async fn read_data(
    place: Place<'_>,
    changed: &ChangedFiles,
    dictionary: Result<&Dictionary, &Malformed>,
) -> DataRead {
    let repository = place.repository.to_string();
    let kinds = changed.paths().iter().filter_map(|path| Some((path, Kind::of(path, &repository, place.migrations)?)));
    let found: Vec<(&String, Kind)> = kinds.collect();
    let (mut files, mut is_settled) = (Vec::new(), true);
    for (path, kind) in found.iter().take(MOST_FILES) {
        match versions(place, path, *kind).await {
            Ok(file) => files.push(file),
            Err(error) => {
                tracing::warn!(%error, "a file that says something about data could not be read");
                is_settled = false;
            }
        }
    }
    let mut report = DataReport::of(&files, dictionary);
    for (path, _) in found.iter().skip(MOST_FILES) {
        report.doubt(path, format!("more files change than the {MOST_FILES} that are read"));
    }
    DataRead { report, is_settled }
}

/// Both at once: GitHub's pace lets no more through.
async fn versions(place: Place<'_>, path: &str, kind: Kind) -> Result<FileVersions, github::Error> {
    let before = async {
        match place.base {
            Some(base) => said(place, base, path, kind).await,
            None => Ok(None),
        }
    };
    let (before, now) = tokio::try_join!(before, said(place, place.head, path, kind))?;
    Ok(FileVersions { path: path.to_owned(), before, now })
}

async fn said(place: Place<'_>, commit: &CommitSha, path: &str, kind: Kind) -> Result<Option<Said>, github::Error> {
    let text = match place.github.read_file(place.repository, commit, path).await? {
        FileAt::Absent => return Ok(None),
        FileAt::Unfit(why) => return Ok(Some(Said::Unknown(why.to_owned()))),
        FileAt::Text(text) => text,
    };
    let path = path.to_owned();
    let said = tokio::task::spawn_blocking(move || parse::read(kind, &path, text)).await;
    Ok(Some(said.unwrap_or_else(|_| Said::Unknown("the parser failed on it".to_owned()))))
}
