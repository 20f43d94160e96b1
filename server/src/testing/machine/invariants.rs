//! INV-1 to INV-8, read off the log alone: whatever was executed, was it allowed at that very entry?

use gatehouse_domain::act::SignedDecision;
use gatehouse_domain::audit::{Entry, Event};
use gatehouse_domain::changes::events::{Answer, ExecutionIntended, Signed};
use gatehouse_domain::changes::{Contributors, Subject};
use gatehouse_domain::people::Role;
use gatehouse_domain::{ChangeNumber, Digest, GithubId, KeyId, PersonId};
use std::collections::{BTreeMap, BTreeSet};
use twin::RunId;

/// A change as the entries so far tell it.
struct Told {
    run: RunId,
    subject: Subject,
    contributors: Contributors,
    standing: Vec<(SignedDecision, Signed)>,
    intents: usize,
}

impl Told {
    fn digest(&self) -> Digest {
        self.subject.digest()
    }
}

/// What the entries so far tell.
#[derive(Default)]
struct World {
    roles: BTreeMap<PersonId, BTreeSet<Role>>,
    keys: BTreeMap<PersonId, BTreeSet<KeyId>>,
    changes: BTreeMap<ChangeNumber, Told>,
}

/// Demands the invariants of every entry; gives how often each run was answered `approved`.
pub(super) fn must_hold(
    entries: &[Entry],
    github_id: impl Fn(&PersonId) -> Option<GithubId>,
) -> BTreeMap<RunId, usize> {
    let mut world = World::default();
    let mut answered: BTreeMap<RunId, usize> = BTreeMap::new();
    for entry in entries {
        match &entry.event {
            Event::RolesRead(e) => drop(world.roles.insert(e.person.clone(), e.roles.iter().copied().collect())),
            Event::KeyEnrolled(e) => drop(world.keys.entry(e.person.clone()).or_default().insert(e.key.clone())),
            Event::KeyRevoked(e) => drop(world.keys.entry(e.person.clone()).or_default().remove(&e.key)),
            Event::ChangeOpened(e) => {
                let (subject, contributors) = (e.subject.clone(), e.contributors.clone());
                let told = Told { run: e.key.run_id.0, subject, contributors, standing: Vec::new(), intents: 0 };
                assert!(world.changes.insert(e.number.clone(), told).is_none(), "{} was opened twice", e.number);
            }
            Event::SubjectReplaced(e) => {
                let change = world.changes.get_mut(&e.number).unwrap();
                // INV-2: nothing of the old one counts for the new one. INV-6: a veto stands all the same.
                change.standing.retain(|(decision, _)| *decision == SignedDecision::Reject);
                (change.subject, change.contributors) = (e.subject.clone(), e.contributors.clone());
            }
            Event::Approved(e) => sign(&mut world, SignedDecision::Approve, e),
            Event::Rejected(e) => sign(&mut world, SignedDecision::Reject, e),
            Event::Withdrawn(e) => {
                world.changes.get_mut(&e.number).unwrap().standing.retain(|(_, signed)| signed.person != e.person);
            }
            Event::ExecutionIntended(e) => {
                intended(&world, entry, e, &github_id);
                world.changes.get_mut(&e.number).unwrap().intents += 1;
            }
            Event::GithubAnswered(e) if e.answer == Answer::Approved => {
                let change = &world.changes[&e.number];
                assert_eq!(change.intents, 1, "INV-1: {} was released without an intent", e.number);
                *answered.entry(change.run).or_default() += 1;
            }
            _ => {}
        }
    }
    answered
}

fn sign(world: &mut World, decision: SignedDecision, signed: &Signed) {
    let change = world.changes.get_mut(&signed.number).unwrap();
    change.standing.retain(|(_, earlier)| earlier.person != signed.person);
    change.standing.push((decision, signed.clone()));
}

fn intended(
    world: &World,
    entry: &Entry,
    intent: &ExecutionIntended,
    github_id: &impl Fn(&PersonId) -> Option<GithubId>,
) {
    let (number, change) = (&intent.number, &world.changes[&intent.number]);
    assert_eq!(change.intents, 0, "INV-7: {number} is executed twice");
    assert_eq!(intent.subject_digest, change.digest(), "INV-1: {number} executes another subject");
    assert!(entry.at < change.subject.expires_at, "INV-7: {number} is executed after it expired");
    let vetoes = change.standing.iter().filter(|(decision, _)| *decision == SignedDecision::Reject).count();
    assert_eq!(vetoes, 0, "INV-6: {number} is executed over a veto");
    let persons: BTreeSet<&PersonId> = intent.seats.iter().map(|seat| &seat.person).collect();
    assert_eq!((intent.seats.len(), persons.len()), (2, 2), "INV-3, INV-5: {number}: not two persons");
    for person in persons {
        let signed = change.standing.iter().find(|(_, signed)| signed.person == *person);
        let (_, signed) = signed.unwrap_or_else(|| panic!("INV-1: {person} did not sign {number}"));
        assert_eq!(signed.subject_digest, intent.subject_digest, "INV-2: {person} signed something else");
        assert!(world.keys[person].contains(&signed.proof.key), "INV-8: {person}'s key was revoked");
        assert!(world.roles[person].contains(&Role::Engineer), "INV-8: {person} lost the role");
        let account = github_id(person).unwrap_or_else(|| panic!("INV-3: {person} is nobody on GitHub"));
        let contributed = change.contributors.known.iter().any(|known| known.github_id == account);
        assert!(!contributed, "INV-4: {person} had a part in {number}");
    }
}
