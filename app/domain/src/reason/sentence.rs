//! What each reason says to the person who tried.

use super::Reason;
use chrono::{DateTime, Utc};
use std::fmt;

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSignedIn => f.write_str("You are not signed in, or your session has ended. Sign in and try again."),
            Self::NoEmployeeId => f.write_str("Your account carries no employee id, so it belongs to no person here."),
            Self::NotAdmitted => f.write_str("You are not on Gatehouse's admitted list. You can look, but not act; adding you is a configuration change."),
            Self::RoleNotHeld(roles) => write!(f, "You do not hold the role {}: your group and the admitted list must both say so.", list(roles, "or")),
            Self::NoGithubIdentity => f.write_str("The admitted list names no GitHub account for you, so nobody can tell what you wrote."),
            Self::RoleFactsStale(person) => write!(f, "The identity provider has not confirmed {person}'s roles in the last 15 minutes."),
            Self::SigninInvalid => f.write_str("This sign-in was not begun in this browser, was used before, or took longer than ten minutes. Start again."),
            Self::SigninDenied => f.write_str("The identity provider did not let you in. Start again, or ask whoever runs it."),
            Self::IdentityNotBelieved => f.write_str("What the identity provider said about you could not be verified, so you are not signed in. The operator's log says which check failed."),
            Self::AccountMoved => f.write_str("This account belonged to another employee id before, and an account never moves to another person. Ask whoever runs the identity provider for an account of your own."),
            Self::SessionUnknown => f.write_str("There is no such session, or it was reported as stolen before."),
            Self::NoKey => f.write_str("You have no active security key. Add one on the Keys page, or see there what yours waits for."),
            Self::KeyNotActive => f.write_str("This key is not one of your active keys."),
            Self::FounderCodeInvalid => f.write_str("This is not an unused founder's code of yours, or it is older than seven days. Without one, your first key waits for two endorsements."),
            Self::FirstKeyMustSign => f.write_str("A further key must be signed for with one that you already have."),
            Self::KeyAlreadyEnrolled => f.write_str("This key is already enrolled."),
            Self::KeyNotDeviceBound => f.write_str("This key can be copied between devices (a synced passkey). Use a security key that stays in one device."),
            Self::UserNotVerified => f.write_str("The key did not check that it is you (PIN or fingerprint). Set one on the key and try again."),
            Self::CeremonyUnknown => f.write_str("This signature request was used already, took longer than five minutes, or was never made. Nothing was changed; start again."),
            Self::CeremonyForeign => f.write_str("This signature request belongs to another person, session or purpose."),
            Self::SignatureInvalid => f.write_str("The signature does not hold for what was to be signed."),
            Self::RoleWaits(roles) => write!(f, "Your role {} does not count yet: a role that was gained fills a seat 24 hours after two others endorsed it. The People page says what it waits for.", list(roles, "and")),
            Self::EndorsesSelf => f.write_str("Nobody endorses themselves: two others must."),
            Self::EndorserWithoutRole => f.write_str("Only whoever holds a role that signs can endorse others; yours does not count yet, or reads only."),
            Self::RequestUnknown => f.write_str("There is no such request of yours."),
            Self::RequestOpen => f.write_str("A key of yours waits for endorsements already. Withdraw that request first if it was not you, or if you lost the key."),
            Self::RequestEnded(how) => write!(f, "This request is no longer open: it is {how}."),
            Self::RequestComplete => f.write_str("Two others have endorsed it; it only waits for its 24 hours. Until then you can still refuse it."),
            Self::RequestReplaced => f.write_str("What is asked for is not what you were shown: read it again, compare the six words, then sign."),
            Self::FoundingOver => f.write_str("Two persons have had keys, so the founding is over: others are let in by two endorsements on the People page. If all founders are lost, see docs/founders-lost.md."),
            Self::NoFounder => f.write_str("The configuration names no founder who could get a code; set founder = true for at least two, better three, admitted persons."),
            Self::TextRefused => f.write_str("The text is longer than 2,000 characters, or holds invisible or direction-changing characters."),
            Self::CommentMissing => f.write_str("Write a word of why: whoever made this will read it."),
            Self::ChangeUnknown => f.write_str("There is no such change."),
            Self::ChangeNotHeld(state) => write!(f, "This change is no longer held: it is {state}."),
            Self::SubjectExpired => f.write_str("What was to be approved has expired, 72 hours after it was made. Run the pipeline again."),
            Self::SubjectReplaced => f.write_str("The change is not what it was when you began: read it again, then sign."),
            Self::FieldUnreadable(field) => write!(f, "Gatehouse could not read the {field}; the gate stays closed until it can."),
            Self::PolicyChanged => f.write_str("The governed configuration changed since this was prepared; it must be prepared again."),
            Self::PolicyFailed(fault) => write!(f, "The policy does not say who must sign: {fault}. Everybody is asked, and the gate stays closed until whoever runs Gatehouse has mended it."),
            Self::Frozen(window) => write!(f, "Nothing goes out {window}. Signatures given meanwhile count when the freeze is over."),
            Self::EvidenceWanting { unmet, .. } => f.write_str(unmet),
            Self::EvidenceLapsed(check) => write!(f, "What {check} proved is older than the policy takes. Gatehouse looks again by itself; where nothing newer comes, run the pipeline again."),
            Self::Contributed(parts) => write!(f, "You had a part in this change ({}), so you cannot approve it.", list(parts, "and")),
            Self::ContributorsUnknown => f.write_str("Somebody had a part in this change whom no GitHub account identifies, so nobody's independence is certain. The author can rewrite the commit with a linked address; what only bots pushed and merged, a person can merge or run again."),
            Self::ContributorUnlisted(ids) => write!(f, "GitHub account {} had a part in this change and is listed for nobody, so it may be a second account of somebody who approves. List the account in the configuration: on its person's row, or among the contributors.", list(ids, "and")),
            Self::AlreadySigned => f.write_str("Your decision on this already stands."),
            Self::NoFreeSeat => f.write_str("Every seat that you could fill is filled."),
            Self::NothingToWithdraw => f.write_str("You have no standing decision on this to withdraw."),
            Self::SeatEmpty(seat) => write!(f, "{seat} has not signed."),
            Self::Vetoed(person) => write!(f, "{person} rejected it; that blocks until they withdraw it."),
            Self::ApprovalVoid(person) => write!(f, "{person}'s approval no longer counts: their role, key or admission is gone, or they had a part in the change."),
            Self::AlreadyAnswered(number) => write!(f, "{number} was this promotion, and it has ended; run the pipeline again."),
            Self::LineStopped { by, since, until, why } => {
                let moment = |at: &DateTime<Utc>| at.format("%Y-%m-%d %H:%M UTC").to_string();
                let end = until.as_ref().map_or_else(|| "it is lifted".to_owned(), moment);
                let why = why.as_ref().map_or_else(String::new, |why| format!(" (“{why}”)"));
                write!(f, "{by} stopped the line at {}{why}: nothing goes out until {end}. Signatures given meanwhile count; an engineer or security can lift it on the Freezes page.", moment(since))
            }
            Self::StopUnknown => f.write_str("The line is not stopped like this, or not any more. Look at the Freezes page again."),
            Self::StopTime => f.write_str("A stop ends by itself at a moment that lies ahead, at most 90 days from now; or leave that empty, and it holds until it is lifted."),
            Self::IncidentUnknown => f.write_str("There is no such incident."),
            Self::IncidentNotP1 => f.write_str("The incident is no P1: only a P1 opens the emergency lane, and only a P1 needs a second person. What grew worse is declared anew."),
            Self::IncidentUnconfirmed => f.write_str("Nobody has confirmed that it is a P1. A second person does so on the incident's page."),
            Self::IncidentClosed => f.write_str("The incident is closed."),
            Self::IncidentOpen => f.write_str("The incident is still open; it is reviewed when it is over."),
            Self::IncidentElsewhere => f.write_str("The incident is about other services or another environment."),
            Self::OwnIncident => f.write_str("You made this incident what it is, so somebody else must do this: a P1 is never made by the one who wants the door."),
            Self::IncidentOfAuthor => f.write_str("Whoever declared or confirmed the incident had a part in this change, or nobody knows their GitHub account. Two others declare it anew."),
            Self::DebtOwed { number, due_at } => write!(f, "{number} went out in an emergency and still owes its proof in staging (due {}). Prove that image, or let two people who had no part in it review the incident; then this goes on.", due_at.format("%Y-%m-%d %H:%M UTC")),
            Self::NotBehind(number) => write!(f, "{number} is not an older change of the same service and environment that is still held, so this one cannot take its place."),
            Self::ConfigurationMoved => f.write_str("Other rules came into force a moment ago, and this was to be decided by the ones before. Nothing was changed; look again in a few seconds."),
            Self::ProposalUnknown => f.write_str("There is no such proposal: no portal's configuration file says this any more. Look at the Policy page again."),
            Self::ProposalInForce => f.write_str("This configuration is in force already."),
            Self::ProposalOpen(number) => write!(f, "{number} proposes the same and is held: sign there."),
            Self::ProposalFaulty(why) => write!(f, "What is proposed cannot come into force: {why}. Correct the file, then look again."),
            Self::ProposalLocksOut => f.write_str("Under what is proposed nobody could ever change the rules again: besides whoever proposes it takes five different persons, two engineers, security, data protection and the guardrail committee. Admit them first."),
            Self::WebhookUnsigned => f.write_str("The webhook carries no X-Hub-Signature-256."),
            Self::WebhookForged => f.write_str("The webhook's signature does not match its body."),
            Self::BodyTooLarge => f.write_str("The body is larger than Gatehouse takes."),
            Self::BodyMalformed(what) => write!(f, "The body is not what this event looks like: {what}."),
            Self::CallbackElsewhere => f.write_str("The callback URL does not lead to a run of this repository on the configured GitHub."),
            Self::ServiceUnknown => f.write_str("No configured service is built by this repository and workflow."),
            Self::EnvironmentUnknown => f.write_str("This environment is not in the configuration."),
            Self::RunMoved => f.write_str("GitHub's run is no longer the one that was approved: its attempt, commit or waiting job is another."),
            Self::GithubRefused => f.write_str("GitHub did not take the answer. Check the App's permissions on this repository, then run the pipeline again."),
            Self::SourceUnavailable(source) => write!(f, "{source} did not answer; trying again by itself."),
            Self::CrossSite => f.write_str("The request came from another site."),
            Self::RequestMalformed(what) => write!(f, "The request is not one that this address takes: {what}."),
            Self::ContentTypeUnsupported => f.write_str("Send the body as `application/json`."),
            Self::TokenInvalid => f.write_str("This is no token of this portal. Send `Authorization: Bearer gthp_…` exactly as it was shown when the token was made."),
            Self::TokenExpired => f.write_str("The token has expired; whoever made it can make another."),
            Self::TokenRevoked => f.write_str("The token was revoked; whoever made it can make another."),
            Self::TokenOwnerNotAdmitted => f.write_str("Whoever made this token is no longer on Gatehouse's admitted list, so it reads nothing any more."),
            Self::TwoCredentials => f.write_str("The request carries a session and a token; send one of them."),
            Self::ScopeMissing(scope) => write!(f, "The token does not have the scope `{scope}`; make one that has."),
            Self::TokenCannotAct => f.write_str("A machine token only reads. This takes a person, in a session of their own, with their key."),
            Self::TokenUnknown => f.write_str("There is no such token that you could revoke: it is another's, or it ended already."),
            Self::TokenLifetime => f.write_str("A token lives at least one day and at most 365."),
            Self::TokenWithoutScope => f.write_str("Choose what the token may read: each scope once, and at least one."),
            Self::IdempotencyKeyMissing => f.write_str("Name the request with one `Idempotency-Key`: a word of your own that you send again when you repeat it."),
            Self::IdempotencyKeyReused => f.write_str("This `Idempotency-Key` was another request's. Nothing was changed; choose a new one."),
            Self::RequestUnderWay => f.write_str("The same request is under way. Ask again in a moment; it is not done twice."),
        }
    }
}

fn list<T: fmt::Display>(items: &[T], word: &str) -> String {
    let texts: Vec<String> = items.iter().map(ToString::to_string).collect();
    match texts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
        None => "none".to_owned(),
    }
}
