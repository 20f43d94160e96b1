//! Is what the log says of a change lawful? A second opinion on the rules, written from the invariants and not from the
//! code that decides: it folds the entries and knows nothing of tables.

use crate::testing::{Held, TestPortal};
use gatehouse_domain::audit::Event;
use gatehouse_domain::{ChangeNumber, Digest, PersonId};
use std::collections::BTreeMap;

/// Folds all entries about a change in their order, and panics at the first that may not stand there.
pub(super) async fn log_is_lawful(portal: &TestPortal, number: &ChangeNumber) {
    let entries = portal.entries().await;
    let about: Vec<&Event> = entries.iter().map(|e| &e.event).filter(|e| e.about().id() == number.as_str()).collect();
    let mut subject: Option<Digest> = None;
    let mut approvals: BTreeMap<PersonId, Digest> = BTreeMap::new();
    let mut vetoes: Vec<PersonId> = Vec::new();
    let (mut held, mut intents, mut answers) = (false, 0, 0);
    for event in &about {
        let lawful = match event {
            Event::ChangeOpened(e) => {
                let first = subject.replace(e.subject_digest.clone()).is_none();
                held = true;
                first
            }
            Event::SubjectReplaced(e) => {
                let was = subject.replace(e.subject_digest.clone());
                approvals.clear();
                held && was.as_ref() == Some(&e.old_digest)
            }
            Event::Approved(e) => {
                let free = approvals.len() < 2 && !vetoes.contains(&e.person);
                let first = approvals.insert(e.person.clone(), e.subject_digest.clone()).is_none();
                held && first && free && subject.as_ref() == Some(&e.subject_digest)
            }
            Event::Rejected(e) => {
                approvals.remove(&e.person);
                let first = !vetoes.contains(&e.person);
                vetoes.push(e.person.clone());
                held && first
            }
            Event::Withdrawn(e) => {
                let had = approvals.remove(&e.person).is_some() | vetoes.contains(&e.person);
                vetoes.retain(|person| *person != e.person);
                held && had
            }
            Event::ExecutionIntended(e) => {
                intents += 1;
                let of_subject = approvals.values().filter(|digest| **digest == e.subject_digest).count();
                let was_held = std::mem::replace(&mut held, false);
                was_held && of_subject == 2 && vetoes.is_empty() && subject.as_ref() == Some(&e.subject_digest)
            }
            Event::ClosedBySignature(_) | Event::Expired(_) | Event::Superseded(_) | Event::Overtaken(_) => {
                std::mem::replace(&mut held, false)
            }
            Event::GithubAnswered(_) | Event::AnswerCancelled(_) => {
                answers += 1;
                !held && answers == 1
            }
            _ => true,
        };
        assert!(lawful, "{} may not stand here: {:?}", event.act(), about.iter().map(|e| e.act()).collect::<Vec<_>>());
    }
    assert!(intents <= 1);
}

/// The same, and: GitHub heard what the log says it heard, at most once.
pub(super) async fn all_is_lawful(portal: &TestPortal, held: &Held) {
    log_is_lawful(portal, &held.number).await;
    let answers = portal.twin.github().answers(held.run);
    let acts = portal.acts_about(held.number.as_str()).await;
    assert!(answers.len() <= 1, "GitHub was told twice: {answers:?}");
    if portal.twin.github().job_released(held.run) {
        assert!(acts.contains(&"changes.execution_intended"), "released without an intent: {acts:?}");
    }
}
