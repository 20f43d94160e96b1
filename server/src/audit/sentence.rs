//! An event as the rest of a sentence whose beginning is who did it.

use gatehouse_domain::PersonId;
use gatehouse_domain::audit::Event;
use gatehouse_domain::changes::events::{Answer, Gone, PaidBy};
use gatehouse_domain::people::request::Wanted;
use gatehouse_domain::personal::Personal;
use gatehouse_domain::tone::Tone;
use std::collections::BTreeMap;

/// What the time line and the audit page say of an event.
pub struct Sentence<'a> {
    /// The rest of the sentence.
    pub what: String,
    /// How it is coloured.
    pub tone: Tone,
    /// Words that a person wrote beside it, sealed.
    pub quote: Option<&'a Personal>,
}

fn times(count: &str) -> String {
    if count == "1" { "once".to_owned() } else { format!("{count} times") }
}

/// The sentence of an event; people are called by `names`, or by their ids.
#[must_use]
pub fn sentence<'a>(event: &'a Event, names: &BTreeMap<PersonId, String>) -> Sentence<'a> {
    let called = |person: &PersonId| names.get(person).cloned().unwrap_or_else(|| person.to_string());
    let plain = |what: String, tone: Tone| Sentence { what, tone, quote: None };
    match event {
        Event::Refused(e) => {
            plain(format!("tried {} and was refused: {}", tried(&e.attempt), because(&e.reasons)), Tone::Bad)
        }
        Event::RefusalsCounted(e) => {
            let reasons = because(std::slice::from_ref(&e.reason));
            plain(
                format!("tried {} {} in one minute and was refused: {reasons}", tried(&e.attempt), times(&e.count)),
                Tone::Bad,
            )
        }
        Event::LogRead(e) => plain(format!("read the log ({} in one minute)", times(&e.count)), Tone::Neutral),
        Event::PersonMet(_) => plain("came to Gatehouse for the first time".to_owned(), Tone::Neutral),
        Event::RolesRead(e) => {
            let roles: Vec<String> = e.roles.iter().map(ToString::to_string).collect();
            let roles = if roles.is_empty() { "none".to_owned() } else { roles.join(", ") };
            plain(format!("read roles from the identity provider: {roles}"), Tone::Neutral)
        }
        Event::SignedIn(_) => plain("signed in".to_owned(), Tone::Neutral),
        Event::SignedOut(_) => plain("signed out".to_owned(), Tone::Neutral),
        Event::SessionStolen(e) => {
            plain(format!("reported a session of {} as stolen; it ended", called(&e.person)), Tone::Bad)
        }
        Event::SignedOutElsewhere(e) => plain(format!("signed out of {} other sessions", e.sessions), Tone::Neutral),
        Event::FounderCodeIssued(e) => plain(format!("issued a founder's code for {}", called(&e.person)), Tone::Warn),
        Event::KeyEnrolled(_) => plain("enrolled a security key".to_owned(), Tone::Ok),
        Event::KeyRevoked(_) => plain("revoked a security key".to_owned(), Tone::Warn),
        Event::TokenIssued(e) => {
            let scopes: Vec<&str> = e.scopes.iter().map(|scope| scope.code()).collect();
            plain(format!("issued a machine token for {}, with a key", scopes.join(", ")), Tone::Warn)
        }
        Event::TokenRevoked(e) if e.by == e.person => plain("revoked a machine token".to_owned(), Tone::Warn),
        Event::TokenRevoked(e) => plain(format!("revoked a machine token of {}", called(&e.person)), Tone::Warn),
        Event::KeyAsked(_) => {
            plain("asked for a security key, which waits for two endorsements".to_owned(), Tone::Warn)
        }
        Event::RoleGained(e) => {
            let role = match &e.wanted {
                Wanted::Role { role, .. } => role.to_string(),
                Wanted::Key { .. } => "no role".to_owned(),
            };
            let whose = called(e.wanted.person());
            plain(format!("saw that {whose} gained the role {role}, which waits for two endorsements"), Tone::Warn)
        }
        Event::RoleLost(e) => plain(format!("saw that {} lost the role {}", called(&e.person), e.role), Tone::Warn),
        Event::RoleTrusted(e) => {
            plain(format!("brought the role {} as a founder; it counts at once", e.role), Tone::Warn)
        }
        Event::Endorsed(e) => match e.counts_from {
            Some(at) => {
                let at = at.format("%Y-%m-%d %H:%M UTC");
                plain(format!("endorsed {} as the second; it counts from {at}", called(&e.person)), Tone::Ok)
            }
            None => plain(format!("endorsed {} as the first of two", called(&e.person)), Tone::Ok),
        },
        Event::EndorsementRefused(e) => {
            plain(format!("refused to endorse {}, which ended the request", called(&e.person)), Tone::Bad)
        }
        Event::EndorsementFell(e) => plain(
            format!(
                "struck out {}'s endorsement of {}: their key or admission is gone",
                called(&e.endorser),
                called(&e.person)
            ),
            Tone::Warn,
        ),
        Event::RequestWithdrawn(_) => plain("took back the request for a key".to_owned(), Tone::Neutral),
        Event::RequestExpired(e) => {
            plain(format!("ended {}'s request: nobody endorsed it in seven days", called(&e.person)), Tone::Warn)
        }
        Event::Refounded(e) => {
            let founders: Vec<String> = e.founders.iter().map(called).collect();
            let what = format!(
                "REFOUNDED Gatehouse offline, because all founders were lost: new codes for {}",
                founders.join(", ")
            );
            Sentence { quote: Some(&e.reason), ..plain(what, Tone::Bad) }
        }
        Event::KeyFell(e) => {
            plain(format!("took away a security key of {} in the refounding", called(&e.person)), Tone::Bad)
        }
        Event::ChangeOpened(e) => {
            let what = format!(
                "opened the change: run {}, attempt {}, waits for {}",
                e.key.run_id, e.key.attempt, e.key.environment
            );
            match e.requirement.fault() {
                Some(fault) => {
                    plain(format!("{what}; the policy gave no answer ({fault}): everybody is asked"), Tone::Bad)
                }
                None => plain(what, Tone::Running),
            }
        }
        Event::SubjectReplaced(e) => plain(
            format!("replaced what is to be approved ({} changed); approvals fell", e.differs.join(", ")),
            Tone::Warn,
        ),
        Event::Approved(e) => Sentence { quote: Some(&e.comment), ..plain("approved with a key".to_owned(), Tone::Ok) },
        Event::Rejected(e) => {
            Sentence { quote: Some(&e.comment), ..plain("rejected with a key".to_owned(), Tone::Bad) }
        }
        Event::Withdrawn(e) => {
            Sentence { quote: Some(&e.comment), ..plain("withdrew their decision with a key".to_owned(), Tone::Warn) }
        }
        Event::ApprovalVoided(e) => plain(
            format!("voided {}'s approval: it was given through a session that was stolen", called(&e.person)),
            Tone::Bad,
        ),
        Event::ClosedBySignature(e) => {
            Sentence { quote: Some(&e.comment), ..plain("closed the change with a key".to_owned(), Tone::Bad) }
        }
        Event::ExecutionIntended(e) => {
            let people: Vec<String> = e.seats.iter().map(|s| format!("{}: {}", s.seat, called(&s.person))).collect();
            plain(format!("checked everything again and opened the gate ({})", people.join(", ")), Tone::Ok)
        }
        Event::GithubAnswered(e) => match e.answer {
            Answer::Approved => plain("answered GitHub: approved".to_owned(), Tone::Ok),
            Answer::Rejected => plain("answered GitHub: rejected".to_owned(), Tone::Bad),
        },
        Event::AnswerCancelled(e) => plain(format!("gave GitHub no answer: {}", because(&e.reasons)), Tone::Bad),
        Event::Expired(_) => plain("ended it: 72 hours passed".to_owned(), Tone::Warn),
        Event::RunGone(e) => plain(gone(e.how).to_owned(), Tone::Bad),
        Event::Superseded(e) => plain(format!("ended it: {} took its place", e.by), Tone::Warn),
        Event::EvidenceRenewed(_) => {
            plain("saw the same proved again: it is good for longer".to_owned(), Tone::Neutral)
        }
        Event::LineStopped(e) => {
            let until = e.until.map_or_else(
                || "until somebody lifts it".to_owned(),
                |at| format!("until {}", at.format("%Y-%m-%d %H:%M UTC")),
            );
            let what = format!("STOPPED the line to {} {until}, with a key", e.environment);
            Sentence { quote: Some(&e.why), ..plain(what, Tone::Bad) }
        }
        Event::StopLifted(e) => {
            let what = format!("let the line to {} go on, with a key", e.environment);
            Sentence { quote: Some(&e.why), ..plain(what, Tone::Ok) }
        }
        Event::EmergencyAttached(e) => {
            let what = "attached a P1 with a key: what may be skipped in an emergency is skipped".to_owned();
            Sentence { quote: Some(&e.why), ..plain(what, Tone::Bad) }
        }
        Event::DebtOpened(e) => {
            let due = e.due_at.format("%Y-%m-%d %H:%M UTC");
            plain(format!("noted that the proof of {} in staging is owed, until {due}", e.service), Tone::Warn)
        }
        Event::DebtPaid(e) => match &e.by {
            PaidBy::NeverReleased => plain("found that it never went out; nothing is owed".to_owned(), Tone::Neutral),
            PaidBy::Proof => plain("found that what was skipped is proved now; nothing is owed".to_owned(), Tone::Ok),
            PaidBy::Review(people) => {
                let people: Vec<String> = people.iter().map(called).collect();
                plain(format!("took the review of {} for the proof; nothing is owed", people.join(" and ")), Tone::Ok)
            }
        },
        Event::PlanEdited(_) => plain("edited the rollback plan; approvals fell".to_owned(), Tone::Warn),
        Event::PlanConfirmed(_) => plain("confirmed the rollback plan".to_owned(), Tone::Ok),
        Event::RollbackMinted(e) => plain(format!("left behind what leads back to {}, once", e.to), Tone::Neutral),
        Event::RolledBack(e) => {
            let what = format!("went back to {} with a key; the way back of {} is used up", e.to, e.token);
            Sentence { quote: Some(&e.signed.comment), ..plain(what, Tone::Warn) }
        }
        Event::VersionMarked(e) => {
            Sentence { quote: Some(&e.why), ..plain("marked it: do not return to this version".to_owned(), Tone::Bad) }
        }
        Event::IncidentDeclared(e) => {
            let services: Vec<&str> = e.declared.services.iter().map(|name| name.as_str()).collect();
            let place = format!("{} of {}", e.declared.environment, services.join(", "));
            let what = format!("declared a {} in {place}, with a key", e.declared.severity);
            Sentence { quote: Some(&e.title), ..plain(what, Tone::Bad) }
        }
        Event::IncidentConfirmed(e) => {
            Sentence { quote: Some(&e.words), ..plain("confirmed the P1 with a key: it is live".to_owned(), Tone::Bad) }
        }
        Event::IncidentClosed(e) => {
            Sentence { quote: Some(&e.words), ..plain("closed the incident with a key".to_owned(), Tone::Ok) }
        }
        Event::IncidentReviewed(e) => {
            Sentence { quote: Some(&e.words), ..plain("reviewed the incident with a key".to_owned(), Tone::Ok) }
        }
        Event::Overtaken(e) => {
            let what = format!("ended it with a key: {} takes its place", e.by);
            Sentence { quote: Some(&e.why), ..plain(what, Tone::Warn) }
        }
        Event::ConfigurationAdopted(e) => match &e.base {
            None => plain("adopted the configuration of the first start".to_owned(), Tone::Warn),
            Some(_) => plain("ADOPTED another configuration offline, without signatures".to_owned(), Tone::Bad),
        },
        Event::ConfigurationProposed(_) => {
            plain("proposed other rules with a key, and opened the change".to_owned(), Tone::Running)
        }
        Event::ConfigurationCameIntoForce(_) => plain("brought the new rules into force".to_owned(), Tone::Ok),
    }
}

/// What was tried, as people say it. The stable name is in the entry's bytes, one click away.
fn tried(attempt: &str) -> &str {
    match attempt {
        "changes.approve" => "to approve",
        "changes.reject" => "to reject",
        "changes.withdraw" => "to withdraw",
        "changes.close" => "to close the change",
        "changes.decide" => "to give a signature",
        "changes.go_back" => "to go back",
        "changes.edit_plan" => "to edit the rollback plan",
        "changes.confirm_plan" => "to confirm the rollback plan",
        "changes.mark" => "to mark a version",
        "changes.open" => "to open a change",
        "changes.execute" => "to release it",
        "changes.stop_line" => "to stop the line",
        "changes.lift_stop" => "to let the line go on",
        "changes.attach_emergency" => "to attach a P1",
        "alerts.declare" => "to declare an incident",
        "alerts.confirm" => "to confirm a P1",
        "alerts.close" => "to close an incident",
        "alerts.review" => "to review an incident",
        "changes.supersede" => "to end it for a newer change",
        "policy.propose" => "to propose other rules",
        "people.enrol_key" => "to enrol a key",
        "people.revoke_key" => "to revoke a key",
        "people.endorse" => "to endorse somebody",
        "people.withdraw_request" => "to take back a request",
        "people.found" => "to issue founders' codes",
        "people.refound" => "to refound Gatehouse",
        "people.sign_in" => "to sign in",
        "people.issue_token" => "to issue a machine token",
        "people.revoke_token" => "to revoke a machine token",
        "people.report_stolen_session" => "to report a session as stolen",
        "people.sign_out_elsewhere" => "to sign out elsewhere",
        "github.deliver" => "to deliver a webhook",
        other => other,
    }
}

/// Reason codes with their underscores read as spaces.
fn because(codes: &[String]) -> String {
    codes.iter().map(|code| code.replace('_', " ")).collect::<Vec<_>>().join(", ")
}

fn gone(how: Gone) -> &'static str {
    match how {
        Gone::Ended => "ended it: GitHub's run does not wait for it any more",
        Gone::ReleasedInOurName => {
            "found it released in Gatehouse's name, and this log holds no such decision: what was written was lost, or somebody else holds the App's key"
        }
        Gone::ReleasedByOthers => "found it released at GitHub by somebody who did not ask this gate",
    }
}
