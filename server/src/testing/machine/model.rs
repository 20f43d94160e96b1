//! What should happen: the rules of ATTACKS.md §1 once more, in the fewest words, sharing no code with the product.

use proptest::prelude::*;
use proptest::sample::select;
use proptest_state_machine::ReferenceStateMachine;
use std::collections::{BTreeMap, BTreeSet};

/// The engineers, by employee number. The second one writes all the code.
pub(super) const PEOPLE: [u32; 4] = [1001, 1002, 1003, 1006];
/// Their GitHub logins.
pub(super) const LOGINS: [&str; 4] = ["asha-rao", "rohandas", "leela-m", "viyer"];
pub(super) const AUTHOR: usize = 1;
/// One run each: what one releases is not what the other is compared with.
pub(super) const SERVICES: [&str; 4] = ["score-api", "consent-service", "erp-ingestion", "admin-service"];

const LIFETIME: i64 = 72 * 60;
const IDLE: i64 = 15;
const LONGEST_SESSION: i64 = 12 * 60;
const FACTS_DUE: i64 = 10;
const SEATS: usize = 2;

/// What somebody signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Approve,
    Reject,
    Withdraw,
    Close,
}

/// One step of a history. People, runs and changes are places in the model's lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Move {
    Push,
    Rerun {
        run: usize,
        by: usize,
    },
    Decide {
        who: usize,
        change: usize,
        decision: Decision,
    },
    Revoke {
        who: usize,
    },
    Enrol {
        who: usize,
    },
    /// Leaves or joins the engineers' group at the identity provider.
    Regroup {
        who: usize,
    },
    /// The tag of the run's image moves to another image.
    Retag {
        run: usize,
    },
    /// Time passes; then what is done each minute is done.
    Pass {
        minutes: i64,
    },
    /// The portal is dropped and built again on the same database.
    Crash,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Held,
    Released,
    Closed,
    Expired,
    Superseded,
}

#[derive(Debug, Clone)]
pub(super) struct Person {
    in_group: bool,
    /// As Gatehouse last heard.
    is_engineer: bool,
    heard_at: i64,
    began_at: i64,
    seen_at: i64,
    pub(super) key: Option<u32>,
    pub(super) keys_made: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) approves: bool,
    key: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Change {
    run: usize,
    pub(super) state: State,
    made_at: i64,
    image: u32,
    excluded: BTreeSet<usize>,
    pub(super) standing: BTreeMap<usize, Signed>,
    /// Everybody who ever signed: their roles are asked for at execution.
    signers: BTreeSet<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) image: u32,
    attempts: usize,
    change: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Model {
    now: i64,
    pub(super) people: Vec<Person>,
    pub(super) runs: Vec<Run>,
    pub(super) changes: Vec<Change>,
    /// Whether the last step, if it was an act of a person, was allowed.
    pub(super) allowed: bool,
}

impl Model {
    fn ask(&mut self, run: usize, by: usize) {
        let image = self.runs[run].image;
        self.runs[run].change = self.changes.len();
        self.changes.push(Change {
            run,
            state: State::Held,
            made_at: self.now,
            image,
            excluded: BTreeSet::from([AUTHOR, by]),
            standing: BTreeMap::new(),
            signers: BTreeSet::new(),
        });
    }

    /// Somebody does something: their session goes on, or they sign in again and are asked about.
    fn come(&mut self, who: usize) {
        let (now, person) = (self.now, &mut self.people[who]);
        if now - person.seen_at >= IDLE || now - person.began_at >= LONGEST_SESSION {
            (person.began_at, person.heard_at, person.is_engineer) = (now, now, person.in_group);
        }
        person.seen_at = now;
    }

    fn hear(&mut self, who: usize) {
        let (now, person) = (self.now, &mut self.people[who]);
        (person.heard_at, person.is_engineer) = (now, person.in_group);
    }

    fn filled(&self, change: &Change) -> usize {
        let counts = |(who, signed): (&usize, &Signed)| {
            let person = &self.people[*who];
            signed.approves && !change.excluded.contains(who) && person.is_engineer && person.key == Some(signed.key)
        };
        change.standing.iter().filter(|signed| counts(*signed)).count().min(SEATS)
    }

    fn is_open(&self, change: &Change) -> bool {
        change.state == State::Held
            && self.now < change.made_at + LIFETIME
            && change.standing.values().all(|signed| signed.approves)
            && self.filled(change) == SEATS
    }

    fn may(&self, who: usize, number: usize, decision: Decision) -> bool {
        let (person, change) = (&self.people[who], &self.changes[number]);
        if person.key.is_none() || change.state != State::Held {
            return false;
        }
        let standing = change.standing.get(&who);
        match decision {
            Decision::Approve => {
                person.is_engineer
                    && !change.excluded.contains(&who)
                    && self.now < change.made_at + LIFETIME
                    && standing.is_none()
                    && self.filled(change) < SEATS
            }
            Decision::Reject => person.is_engineer && standing.is_none_or(|signed| signed.approves),
            Decision::Withdraw => standing.is_some(),
            Decision::Close => person.is_engineer,
        }
    }

    fn decide(&mut self, who: usize, number: usize, decision: Decision) {
        let Some(key) = self.people[who].key else { return };
        let change = &mut self.changes[number];
        match decision {
            Decision::Close => change.state = State::Closed,
            Decision::Withdraw => drop(change.standing.remove(&who)),
            Decision::Approve | Decision::Reject => {
                change.standing.insert(who, Signed { approves: decision == Decision::Approve, key });
                change.signers.insert(who);
            }
        }
        if matches!(decision, Decision::Approve | Decision::Withdraw) {
            self.execute(number);
        }
    }

    /// Everything is read again; only what is open then is released, and what has become another falls.
    fn execute(&mut self, number: usize) {
        if !self.is_open(&self.changes[number]) {
            return;
        }
        for who in self.changes[number].signers.clone() {
            self.hear(who);
        }
        let image = self.runs[self.changes[number].run].image;
        let now = self.now;
        let change = &mut self.changes[number];
        if change.image != image {
            (change.image, change.made_at) = (image, now);
            change.standing.retain(|_, signed| !signed.approves);
        } else if self.is_open(&self.changes[number]) {
            self.changes[number].state = State::Released;
        }
    }

    fn each_minute(&mut self) {
        for change in &mut self.changes {
            if change.state == State::Held && self.now >= change.made_at + LIFETIME {
                change.state = State::Expired;
            }
        }
        for who in 0..self.people.len() {
            let person = &self.people[who];
            if self.now - person.seen_at < IDLE && self.now - person.heard_at > FACTS_DUE {
                self.hear(who);
            }
        }
        for number in 0..self.changes.len() {
            if self.changes[number].standing.values().filter(|signed| signed.approves).count() >= SEATS {
                self.execute(number);
            }
        }
    }
}

/// One of these, with this weight; none when there is none.
fn some<T: Clone + std::fmt::Debug + 'static>(
    weight: u32,
    of: Vec<T>,
    to: impl Fn(T) -> Move + 'static,
) -> (u32, BoxedStrategy<Move>) {
    if of.is_empty() { (0, Just(Move::Crash).boxed()) } else { (weight, select(of).prop_map(to).boxed()) }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Move;

    fn init_state() -> BoxedStrategy<Self> {
        let person = Person {
            in_group: true,
            is_engineer: true,
            heard_at: 0,
            began_at: 0,
            seen_at: 0,
            key: Some(1),
            keys_made: 1,
        };
        let people = vec![person; PEOPLE.len()];
        Just(Self { now: 0, people, runs: Vec::new(), changes: Vec::new(), allowed: true }).boxed()
    }

    fn transitions(model: &Self) -> BoxedStrategy<Move> {
        // What can be done is mostly done: histories of nothing but refusals would prove little.
        let all = 0..PEOPLE.len();
        let people = |fits: &dyn Fn(&Person) -> bool| all.clone().filter(|who| fits(&model.people[*who])).collect();
        let anybody = || select(all.clone().collect::<Vec<_>>());
        let mut moves = vec![
            some(2, people(&|p| p.in_group), |who| Move::Regroup { who }),
            some(6, people(&|p| !p.in_group), |who| Move::Regroup { who }),
            some(2, people(&|p| p.key.is_some()), |who| Move::Revoke { who }),
            some(6, people(&|p| p.key.is_none()), |who| Move::Enrol { who }),
            some(6, vec![1, 11, 16], |minutes| Move::Pass { minutes }),
            some(1, vec![36 * 60], |minutes| Move::Pass { minutes }),
            some(2, vec![()], |()| Move::Crash),
        ];
        if model.runs.len() < SERVICES.len() {
            moves.push(some(if model.runs.is_empty() { 90 } else { 5 }, vec![()], |()| Move::Push));
        }
        let changes: Vec<usize> = (0..model.changes.len()).rev().take(4).collect();
        let may = |(who, change): &(usize, usize)| model.may(*who, *change, Decision::Approve);
        let pairs = changes.iter().flat_map(|change| all.clone().map(move |who| (who, *change)));
        moves.push(some(40, pairs.filter(may).collect(), |(who, change)| Move::Decide {
            who,
            change,
            decision: Decision::Approve,
        }));
        if !model.runs.is_empty() {
            let runs: Vec<usize> = (0..model.runs.len()).collect();
            use Decision::{Approve, Close, Reject, Withdraw};
            let decision = select(vec![Approve, Approve, Approve, Reject, Reject, Withdraw, Withdraw, Withdraw, Close]);
            let decide = (anybody(), select(changes), decision);
            let rerun = (select(runs.clone()), anybody());
            moves.extend([
                (20, decide.prop_map(|(who, change, decision)| Move::Decide { who, change, decision }).boxed()),
                (3, rerun.prop_map(|(run, by)| Move::Rerun { run, by }).boxed()),
                some(3, runs, |run| Move::Retag { run }),
            ]);
        }
        moves.retain(|(weight, _)| *weight > 0);
        proptest::strategy::Union::new_weighted(moves).boxed()
    }

    fn preconditions(model: &Self, step: &Move) -> bool {
        match step {
            Move::Push => model.runs.len() < SERVICES.len(),
            // A run whose commit production runs already has nothing to be compared with.
            Move::Rerun { run, .. } => model
                .runs
                .get(*run)
                .is_some_and(|run| run.attempts < 3 && model.changes[run.change].state != State::Released),
            Move::Retag { run } => *run < model.runs.len(),
            Move::Decide { change, .. } => *change < model.changes.len(),
            Move::Revoke { who } => model.people[*who].key.is_some(),
            Move::Enrol { who } => model.people[*who].key.is_none(),
            Move::Regroup { .. } | Move::Pass { .. } | Move::Crash => true,
        }
    }

    fn apply(mut model: Self, step: &Move) -> Self {
        model.allowed = true;
        match step {
            Move::Push => {
                model.runs.push(Run { image: 0, attempts: 1, change: 0 });
                model.ask(model.runs.len() - 1, AUTHOR);
            }
            Move::Rerun { run, by } => {
                model.runs[*run].attempts += 1;
                let earlier = model.runs[*run].change;
                if model.changes[earlier].state == State::Held {
                    model.changes[earlier].state = State::Superseded;
                }
                model.ask(*run, *by);
            }
            Move::Decide { who, change, decision } => {
                model.come(*who);
                model.allowed = model.may(*who, *change, *decision);
                if model.allowed {
                    model.decide(*who, *change, *decision);
                }
            }
            Move::Revoke { who } => {
                model.come(*who);
                model.people[*who].key = None;
            }
            Move::Enrol { who } => {
                model.come(*who);
                let person = &mut model.people[*who];
                person.keys_made += 1;
                person.key = Some(person.keys_made);
            }
            Move::Regroup { who } => model.people[*who].in_group ^= true,
            Move::Retag { run } => model.runs[*run].image += 1,
            Move::Pass { minutes } => {
                model.now += minutes;
                model.each_minute();
            }
            Move::Crash => {}
        }
        model
    }
}
