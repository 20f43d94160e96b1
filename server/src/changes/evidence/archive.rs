//! What is in an artifact? A ZIP from a workflow is hostile input: it is read in memory, nothing is ever written to a
//! path, and what it says of its own sizes is not believed.

use std::io::{Cursor, Read};
use zip::ZipArchive;

/// The archive as GitHub sends it.
pub(super) const MOST_BYTES: usize = 8 << 20;
/// One member, and all that is read of one archive.
const MOST_OF_ONE: u64 = 16 << 20;
const MOST_OF_ALL: u64 = 32 << 20;
const MOST_MEMBERS: usize = 256;

/// Why an archive is none, in the words of a sentence that begins with "an artifact".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Not a ZIP, or a broken one.
    NoArchive,
    /// More in it than is taken.
    TooLarge,
    /// The same report twice.
    Doubled,
}

impl Fault {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::NoArchive => "it is no ZIP that can be read",
            Self::TooLarge => "it unpacks to more than Gatehouse takes",
            Self::Doubled => "it holds the same report twice",
        }
    }
}

/// The members whose file names are `wanted`, whatever folder they are in; all others are not even unpacked.
pub(super) fn members<'a>(bytes: &[u8], wanted: &[&'a str]) -> Result<Vec<(&'a str, Vec<u8>)>, Fault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Fault::NoArchive)?;
    if archive.len() > MOST_MEMBERS {
        return Err(Fault::TooLarge);
    }
    let mut found: Vec<(&str, Vec<u8>)> = Vec::new();
    let mut left = MOST_OF_ALL;
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(|_| Fault::NoArchive)?;
        let path = member.name().map_err(|_| Fault::NoArchive)?.into_owned();
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        let Some(name) = wanted.iter().copied().find(|known| *known == name) else { continue };
        if found.iter().any(|(known, _)| *known == name) {
            return Err(Fault::Doubled);
        }
        let limit = MOST_OF_ONE.min(left);
        let mut bytes = Vec::new();
        member.take(limit + 1).read_to_end(&mut bytes).map_err(|_| Fault::NoArchive)?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > limit {
            return Err(Fault::TooLarge);
        }
        left -= size;
        found.push((name, bytes));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::io::Write;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    const WANTED: [&str; 2] = ["trivy.json", "coverage.json"];

    #[test]
    fn wanted_members_are_read_wherever_they_lie_and_others_are_left() {
        let bytes = zip(&[("../../etc/trivy.json", b"{}"), ("x/huge.bin", b"xx"), ("a\\coverage.json", b"[]")]);
        let found = members(&bytes, &WANTED).unwrap();
        assert_eq!(found, [("trivy.json", b"{}".to_vec()), ("coverage.json", b"[]".to_vec())]);
        assert_eq!(members(&zip(&[]), &WANTED).unwrap(), []);
    }

    #[test]
    fn what_is_no_archive_is_none() {
        let whole = zip(&[("trivy.json", b"{\"SchemaVersion\":2}")]);
        for bad in [b"".as_slice(), b"PK", b"not a zip at all", whole.split_at(whole.len() / 2).0] {
            assert_eq!(members(bad, &WANTED), Err(Fault::NoArchive));
        }
        // One byte of the member is another: its checksum does not hold.
        let mut bent = whole.clone();
        let at = bent.windows(6).position(|window| window == b"Schema").map(|at| at + 1);
        if let Some(byte) = at.and_then(|at| bent.get_mut(at)) {
            *byte ^= 1;
        }
        assert!(at.is_none() || members(&bent, &WANTED) == Err(Fault::NoArchive));
    }

    #[test]
    fn a_bomb_is_given_up_at_the_limit_whatever_its_headers_say() {
        let zeros = vec![0_u8; usize::try_from(MOST_OF_ONE).unwrap() + 1];
        let bomb = zip(&[("trivy.json", &zeros)]);
        assert!(bomb.len() < zeros.len() / 100, "{} bytes are no bomb", bomb.len());
        assert_eq!(members(&bomb, &WANTED), Err(Fault::TooLarge));
        // Below the limit one by one, and above it together.
        let zeros = vec![0_u8; usize::try_from(MOST_OF_ONE).unwrap()];
        let three = ["trivy.json", "coverage.json", "bandit.json"];
        let bomb = zip(&three.map(|name| (name, zeros.as_slice())));
        assert_eq!(members(&bomb, &three), Err(Fault::TooLarge));
        let many: Vec<String> = (0..=MOST_MEMBERS).map(|n| format!("{n}.txt")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
        assert_eq!(members(&zip(&many), &WANTED), Err(Fault::TooLarge));
    }

    #[test]
    fn the_same_report_twice_is_no_report() {
        let bytes = zip(&[("a/trivy.json", b"{}"), ("b/trivy.json", b"{}")]);
        assert_eq!(members(&bytes, &WANTED), Err(Fault::Doubled));
    }
}
