//! ATK-21, model-checked: every order in which people, GitHub and the jobs can act on one change, with up to two
//! signatures under way at a time, until nothing new can be reached. What each step leaves behind is computed here by
//! itself, from the events alone, and held against the invariants; the decisions are the real ones.

use super::*;
use crate::audit::Event;
use std::collections::{HashMap, HashSet, VecDeque};

/// Engineers 1 to 3; engineer 5 wrote it.
const SIGNERS: [u64; 3] = [1, 2, 3];
/// The subject as it was opened, and the one that takes its place.
const VERSIONS: u8 = 2;

/// What one person's signatures come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stand {
    Nothing,
    Approves,
    Vetoes,
}

/// Everything that matters of a change. Two histories that come to the same are one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    state: State,
    version: u8,
    stands: [Stand; 3],
    /// Signatures begun and not finished: the decision, and the version that the person read.
    begun: [Option<(SignedDecision, u8)>; 3],
    answered: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    Begin(usize, SignedDecision),
    Finish(usize),
    Replace,
    NewAttempt,
    Execute,
    Answer,
    Expire,
}

fn subject_of(version: u8) -> Subject {
    Subject { config_digest: Field::Known(Digest::of(&[version])), ..subject() }
}

/// What does not change between worlds, computed once.
struct Fixed {
    people: BTreeMap<PersonId, Signer>,
    subjects: Vec<(Subject, Digest)>,
}

impl Fixed {
    fn change(&self, world: &World) -> Change {
        let (subject, digest) = &self.subjects[usize::from(world.version)];
        let mut change =
            Change { state: world.state, subject: subject.clone(), subject_digest: digest.clone(), ..held() };
        for (n, stand) in SIGNERS.into_iter().zip(world.stands) {
            change = match stand {
                Stand::Nothing => change,
                Stand::Approves => change.approved_by(n),
                Stand::Vetoes => change.decided_by(n, SignedDecision::Reject),
            };
        }
        change
    }

    /// What the real decision says to this step; `None` when there is nothing to decide.
    fn decide(&self, world: &World, step: Step) -> Option<Decision> {
        let change = self.change(world);
        let late = change.subject.expires_at;
        match step {
            Step::Begin(..) => None,
            Step::Finish(i) => {
                let (decision, read) = world.begun[i]?;
                let n = SIGNERS[i];
                let signed =
                    Signed { subject_digest: self.subjects[usize::from(read)].1.clone(), ..signed(&change, n) };
                Some(decide_sign(&change, &self.people[&person(n)], &self.people, decision, signed, &policy(), now()))
            }
            Step::Replace => {
                let next = self.subjects.get(usize::from(world.version) + 1)?;
                let (asked, made) = (change.requirement.clone(), change.contributors.clone());
                permit_replace_subject(&change, next.0.clone(), asked, made, plan()).map(Decision::Allow)
            }
            Step::NewAttempt => {
                let opened = Opened {
                    number: "CHG-2026-000002".parse().unwrap(),
                    key: ChangeKey { attempt: RunAttempt(2), ..change.key.clone() },
                    subject: change.subject.clone(),
                    subject_digest: change.subject_digest.clone(),
                    requirement: change.requirement.clone(),
                    contributors: change.contributors.clone(),
                    rollback_plan: plan(),
                };
                Some(Decision::Allow(permit_open(opened, Some(&change))))
            }
            Step::Execute => Some(decide_execute(&change, &self.people, &policy(), now())),
            Step::Answer => {
                let owed = answer_owed(world.state).filter(|_| !world.answered)?;
                Some(Decision::Allow(super::super::decide::permit_answered(change.number, owed)))
            }
            Step::Expire => permit_expire(&change, late).map(Decision::Allow),
        }
    }
}

impl World {
    fn steps(&self) -> Vec<Step> {
        let mut steps = vec![Step::Replace, Step::NewAttempt, Step::Execute, Step::Answer, Step::Expire];
        let under_way = self.begun.iter().flatten().count();
        for i in 0..SIGNERS.len() {
            if self.begun[i].is_some() {
                steps.push(Step::Finish(i));
            } else if under_way < 2 && self.state == State::Held {
                use SignedDecision::{Approve, Close, Reject, Withdraw};
                steps.extend([Approve, Reject, Withdraw, Close].map(|decision| Step::Begin(i, decision)));
            }
        }
        steps
    }

    fn count(&self, stand: Stand) -> usize {
        self.stands.iter().filter(|s| **s == stand).count()
    }

    /// The world after this event, which must be lawful in this world.
    fn after(&self, event: &Event) -> World {
        let mut next = self.clone();
        let who = |person: &PersonId| SIGNERS.iter().position(|n| super::person(*n) == *person).unwrap();
        let is_current = |digest: &Digest| *digest == subject_of(self.version).digest();
        match event {
            Event::Approved(e) => {
                assert!(is_current(&e.subject_digest), "an approval of what the change no longer is: {self:?}");
                assert_eq!(self.stands[who(&e.person)], Stand::Nothing, "{self:?}");
                assert!(self.count(Stand::Approves) < 2, "a third for two seats: {self:?}");
                next.stands[who(&e.person)] = Stand::Approves;
            }
            Event::Rejected(e) => {
                assert!(is_current(&e.subject_digest));
                next.stands[who(&e.person)] = Stand::Vetoes;
            }
            Event::Withdrawn(e) => {
                assert_ne!(self.stands[who(&e.person)], Stand::Nothing, "{self:?}");
                next.stands[who(&e.person)] = Stand::Nothing;
            }
            Event::ClosedBySignature(_) => next.state = State::Closed,
            Event::SubjectReplaced(_) => {
                next.version += 1;
                next.stands = self.stands.map(|stand| if stand == Stand::Vetoes { stand } else { Stand::Nothing });
            }
            Event::ExecutionIntended(e) => {
                assert!(is_current(&e.subject_digest));
                assert_eq!((self.count(Stand::Approves), self.count(Stand::Vetoes)), (2, 0), "{self:?}");
                for seat in &e.seats {
                    assert_eq!(self.stands[who(&seat.person)], Stand::Approves);
                }
                next.state = State::Executing;
            }
            Event::GithubAnswered(e) => {
                assert!(!self.answered, "answered twice: {self:?}");
                next.answered = true;
                match (self.state, e.answer) {
                    (State::Executing, crate::changes::events::Answer::Approved) => next.state = State::Released,
                    (State::Closed | State::Expired, crate::changes::events::Answer::Rejected) => {}
                    other => panic!("{other:?}"),
                }
                return next;
            }
            Event::Expired(_) => next.state = State::Expired,
            Event::Superseded(_) => next.state = State::Superseded,
            Event::ChangeOpened(_) => return next,
            other => panic!("{other:?}"),
        }
        assert_eq!(self.state, State::Held, "{event:?} after the end");
        next
    }
}

#[test]
fn atk_21_no_order_of_acts_opens_the_gate_unlawfully() {
    let fixed =
        Fixed { people: people(), subjects: (0..VERSIONS).map(|v| (subject_of(v), subject_of(v).digest())).collect() };
    let begin =
        World { state: State::Held, version: 0, stands: [Stand::Nothing; 3], begun: [None; 3], answered: false };
    let (mut seen, mut next) = (HashSet::from([begin.clone()]), VecDeque::from([begin]));
    let (mut ended, mut refused, mut allowed) = (HashSet::new(), 0_u32, 0_u32);
    // A decision does not see what is under way, so most of them were made before.
    let mut known: HashMap<(World, Step), Option<Decision>> = HashMap::new();
    while let Some(world) = next.pop_front() {
        ended.insert((world.state, world.answered));
        for step in world.steps() {
            let mut after = world.clone();
            match step {
                Step::Begin(i, decision) => after.begun[i] = Some((decision, world.version)),
                Step::Finish(i) => after.begun[i] = None,
                _ => {}
            }
            let mut seen_by_it = World { begun: [None; 3], ..world.clone() };
            if let Step::Finish(i) = step {
                seen_by_it.begun[i] = world.begun[i];
            }
            match known.entry((seen_by_it, step)).or_insert_with(|| fixed.decide(&world, step)) {
                Some(Decision::Allow(permit)) => {
                    allowed += 1;
                    for event in permit.events() {
                        after = after.after(event);
                    }
                }
                Some(Decision::Refuse(_)) => refused += 1,
                None => {}
            }
            if seen.insert(after.clone()) {
                next.push_back(after);
            }
        }
    }
    // Whatever can end, ends; and the search was no empty one.
    for end in [State::Released, State::Closed, State::Expired, State::Superseded] {
        assert!(ended.iter().any(|(state, _)| *state == end), "{end} was never reached");
    }
    assert!(!ended.contains(&(State::Released, false)), "released before GitHub was told");
    assert!(seen.len() > 5_000 && refused > 10_000 && allowed > 5_000, "{} {refused} {allowed}", seen.len());
}
