//! Whom does a commit name? Numbers where GitHub knows them, names and addresses where it does not.
//!
//! All of it errs towards naming one person too many: whoever is named fills no seat on the change.

use super::facts::{Account, AccountKind, Contributor};
use gatehouse_domain::GithubId;

/// `web-flow`, the account in whose name GitHub commits merges and web edits.
const WEB_FLOW: GithubId = GithubId(19_864_447);
const NOREPLY: &str = "@users.noreply.github.com";
const CO_AUTHORED_BY: &str = "co-authored-by";

/// What a commit says of its author: the account if GitHub found one, else what the address tells.
pub(super) fn author(account: Option<Account>, name: &str, email: &str) -> Contributor {
    account.map_or_else(|| named(name, email), Contributor::Account)
}

/// As [`author`], but GitHub's own commits are told apart, by GitHub's signature: the address alone
/// (`noreply@github.com`) can be written into any commit.
pub(super) fn committer(account: Option<Account>, signed: bool, name: &str, email: &str) -> Contributor {
    match account {
        Some(a) if a.id == WEB_FLOW && signed => Contributor::Github,
        Some(a) if a.id == WEB_FLOW => Contributor::Unresolved { name: name.to_owned(), email: email.to_owned() },
        other => author(other, name, email),
    }
}

/// Everyone in the message's `Co-authored-by:` trailers, each once.
///
/// Wider than Git: any line counts, not only the last paragraph's, for squash merges put several messages
/// into one. A trailer without an address is kept as [`Contributor::Unresolved`] rather than skipped.
pub(super) fn co_authors(message: &str) -> Vec<Contributor> {
    let mut found = Vec::new();
    let mut lines = message.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        if !key.trim().eq_ignore_ascii_case(CO_AUTHORED_BY) {
            continue;
        }
        let mut value = value.trim().to_owned();
        // A folded trailer goes on in lines that begin with a blank.
        while let Some(more) = lines.next_if(|l| !value.contains('>') && l.starts_with([' ', '\t'])) {
            value = format!("{value} {}", more.trim());
        }
        let contributor = match value.rsplit_once('<') {
            Some((name, rest)) => named(name.trim(), rest.split('>').next().unwrap_or(rest).trim()),
            None if value.contains('@') && !value.contains(' ') => named("", &value),
            None => named(&value, ""),
        };
        if !found.contains(&contributor) {
            found.push(contributor);
        }
    }
    found
}

/// `ID+login@users.noreply.github.com` names an account for good. Without the number it does not: logins
/// change hands.
fn named(name: &str, email: &str) -> Contributor {
    let unresolved = || Contributor::Unresolved { name: name.to_owned(), email: email.to_owned() };
    let lower = email.to_ascii_lowercase();
    let Some((id, _)) = lower.strip_suffix(NOREPLY).and_then(|local| local.split_once('+')) else {
        return unresolved();
    };
    // The login keeps its capitals; lower-casing ASCII moved no byte.
    let login = email.get(id.len() + 1..email.len() - NOREPLY.len()).unwrap_or_default();
    match id.parse::<GithubId>() {
        Ok(id) if id.0 > 0 && !login.is_empty() => {
            Contributor::Account(Account { id, login: login.to_owned(), kind: AccountKind::Claimed })
        }
        _ => unresolved(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: u64, login: &str) -> Account {
        Account { id: GithubId(id), login: login.into(), kind: AccountKind::Claimed }
    }

    fn unresolved(name: &str, email: &str) -> Contributor {
        Contributor::Unresolved { name: name.into(), email: email.into() }
    }

    #[test]
    fn a_numbered_noreply_address_names_an_account() {
        let vikram = Contributor::Account(account(50006, "viyer"));
        assert_eq!(named("Vikram", "50006+viyer@users.noreply.github.com"), vikram);
        assert_eq!(named("Vikram", "50006+viyer@Users.NoReply.GitHub.com"), vikram);
        assert_eq!(
            named("", "49699333+dependabot[bot]@users.noreply.github.com"),
            Contributor::Account(Account {
                id: GithubId(49_699_333),
                login: "dependabot[bot]".into(),
                kind: AccountKind::Claimed
            })
        );
    }

    #[test]
    fn look_alikes_of_noreply_addresses_name_nobody() {
        for email in [
            "viyer@users.noreply.github.com",
            "+viyer@users.noreply.github.com",
            "0+viyer@users.noreply.github.com",
            "050006+viyer@users.noreply.github.com",
            "50006+@users.noreply.github.com",
            "50006+viyer@users.noreply.github.com.evil.example",
            "50006+viyer@users-noreply.github.com",
            "-1+viyer@users.noreply.github.com",
            "99999999999999999999+viyer@users.noreply.github.com",
            "",
        ] {
            assert_eq!(named("V", email), unresolved("V", email), "{email}");
        }
    }

    #[test]
    fn co_authors_are_found_wherever_and_however_they_are_written() {
        let message = "Score: cap the tail\r\n\r\n\
            co-authored-by: Vikram Iyer <50006+viyer@users.noreply.github.com>\r\n\
            Body text.\n\
            CO-AUTHORED-BY : Leela <leela@altscore.example>\n\
              Co-authored-by: Indented <in@x.example>\n\
            Co-Authored-By: Folded Name\n\t<folded@x.example>\n\
            Co-authored-by: Vikram Iyer <50006+viyer@users.noreply.github.com>\n\
            Signed-off-by: Nobody <no@x.example>\n";
        assert_eq!(
            co_authors(message),
            [
                Contributor::Account(account(50006, "viyer")),
                unresolved("Leela", "leela@altscore.example"),
                unresolved("Indented", "in@x.example"),
                unresolved("Folded Name", "folded@x.example"),
            ]
        );
    }

    #[test]
    fn a_broken_trailer_still_names_somebody() {
        assert_eq!(co_authors("Co-authored-by: Just A Name"), [unresolved("Just A Name", "")]);
        assert_eq!(co_authors("Co-authored-by: bare@x.example"), [unresolved("", "bare@x.example")]);
        assert_eq!(co_authors("Co-authored-by: Open <open@x.example"), [unresolved("Open", "open@x.example")]);
        assert_eq!(co_authors("Co-authored-by:"), [unresolved("", "")]);
        assert_eq!(co_authors("Co-authored-by: A <a@x> B <b@x>"), [unresolved("A <a@x> B", "b@x")]);
        assert_eq!(co_authors("We co-authored-by-laws: yes <a@x>\nno trailer here"), []);
    }

    #[test]
    fn githubs_own_commits_are_known_by_its_signature_not_by_its_address() {
        let web_flow = || Some(account(19_864_447, "web-flow"));
        assert_eq!(committer(web_flow(), true, "GitHub", "noreply@github.com"), Contributor::Github);
        assert_eq!(
            committer(web_flow(), false, "GitHub", "noreply@github.com"),
            unresolved("GitHub", "noreply@github.com")
        );
        assert_eq!(
            committer(Some(account(50002, "rohandas")), true, "R", "r@x"),
            Contributor::Account(account(50002, "rohandas"))
        );
        assert_eq!(committer(None, false, "R", "r@x"), unresolved("R", "r@x"));
        assert_eq!(
            author(web_flow(), "GitHub", "noreply@github.com"),
            Contributor::Account(account(19_864_447, "web-flow"))
        );
    }
}
