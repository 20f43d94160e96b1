#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::ids::{RunAttempt, RunId};
use chrono::{DateTime, Duration, TimeZone, Utc};
use proptest::prelude::*;

fn at(minutes: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 6, 0, 0).unwrap() + Duration::minutes(minutes)
}

fn run(attempt: u64, phase: Phase, outcome: Option<Outcome>, minutes: i64) -> Run {
    Run {
        attempt: RunAttempt(attempt),
        phase,
        updated_at: at(minutes),
        id: RunId(7),
        outcome,
        branch: "main".into(),
        head_sha: "0123456789abcdef0123456789abcdef01234567".parse().unwrap(),
        title: "Tighten".into(),
        event: "push".into(),
        actor: "rohandas".into(),
        created_at: at(0),
        started_at: at(i64::try_from(attempt).unwrap() * 100),
    }
}

fn job(attempt: u64, id: u64, name: &str, phase: Phase, outcome: Option<Outcome>, span: (i64, i64)) -> Job {
    Job {
        phase,
        steps: Vec::new(),
        id,
        attempt: RunAttempt(attempt),
        name: name.into(),
        outcome,
        started_at: Some(at(span.0)),
        completed_at: (phase == Phase::Completed).then(|| at(span.1)),
    }
}

#[derive(Debug, Clone)]
enum Word {
    Run(Run),
    Job(Job),
}

/// Everything that GitHub says of a run of two attempts, in the order in which it happens.
fn story() -> Vec<Word> {
    let mut words = Vec::new();
    for (attempt, ended) in [(1, Outcome::Failure), (2, Outcome::Success)] {
        let from = i64::try_from(attempt).unwrap() * 100;
        words.push(Word::Run(run(attempt, Phase::Queued, None, from)));
        words.push(Word::Run(run(attempt, Phase::Running, None, from + 1)));
        for (n, name) in ["commit", "build", "staging", "production"].into_iter().enumerate() {
            let (id, begin) = (attempt * 10 + n as u64, from + n as i64 * 5);
            words.push(Word::Job(job(attempt, id, name, Phase::Queued, None, (begin, 0))));
            if name == "production" {
                words.push(Word::Job(job(attempt, id, name, Phase::Waiting, None, (begin, 0))));
            }
            words.push(Word::Job(job(attempt, id, name, Phase::Running, None, (begin, 0))));
            words.push(Word::Job(job(attempt, id, name, Phase::Completed, Some(ended), (begin, begin + 4))));
        }
        words.push(Word::Run(run(attempt, Phase::Completed, Some(ended), from + 30)));
    }
    words
}

fn heard(words: &[Word]) -> Copy {
    // Whatever comes first, the run itself is read where it is not known.
    let mut copy = Copy::of(run(1, Phase::Queued, None, 0));
    for word in words {
        match word.clone() {
            Word::Run(run) => copy.hear_run(run),
            Word::Job(job) => copy.hear_job(job),
        };
    }
    copy
}

proptest! {
    #[test]
    fn shuffled_and_doubled_words_end_where_github_is(
        order in Just(story()).prop_shuffle(),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let mut words = order.clone();
        words.extend(again.iter().map(|index| index.get(&order).clone()));
        prop_assert_eq!(heard(&words), heard(&story()));
    }

    #[test]
    fn what_was_dropped_is_repaired_by_reading_and_nothing_ever_goes_back(
        order in Just(story()).prop_shuffle(),
        kept in prop::collection::vec(any::<bool>(), 64),
    ) {
        let words: Vec<Word> = order.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(word, _)| word).collect();
        let mut copy = heard(&[]);
        for word in &words {
            let before = copy.clone();
            match word.clone() {
                Word::Run(run) => copy.hear_run(run),
                Word::Job(job) => copy.hear_job(job),
            };
            prop_assert!((copy.run.attempt, copy.run.phase) >= (before.run.attempt, before.run.phase)
                || copy.run.attempt > before.run.attempt);
            for (key, job) in &before.jobs {
                prop_assert!(copy.jobs[key].phase >= job.phase);
            }
        }
        // Reading again: the run as it is, and the jobs of each attempt as they are.
        let truth = heard(&story());
        copy.hear_run(truth.run.clone());
        truth.jobs.values().cloned().for_each(|job| { copy.hear_job(job); });
        prop_assert_eq!(copy, truth);
    }

    #[test]
    fn no_job_runs_longer_than_from_the_first_beginning_to_the_last_end(
        spans in prop::collection::vec((0_i64..500, 0_i64..100), 0..8)
    ) {
        let jobs: Vec<Job> = spans.iter().zip(1..)
            .map(|((from, long), id)| job(1, id, "x", Phase::Completed, Some(Outcome::Success), (*from, from + long)))
            .collect();
        let all: Vec<&Job> = jobs.iter().collect();
        let took = busy(&all, at(0));
        let sum: i64 = spans.iter().map(|(_, long)| long).sum();
        let longest = spans.iter().map(|(_, long)| *long).max().unwrap_or(0);
        prop_assert!(took <= Duration::minutes(sum) && took >= Duration::minutes(longest));
        let minutes = (0..700).filter(|m| spans.iter().any(|(from, long)| (*from..from + long).contains(m))).count();
        prop_assert_eq!(took, Duration::minutes(i64::try_from(minutes).unwrap()));
    }
}

#[test]
fn names_of_jobs_tell_stages() {
    for (name, stage) in [
        ("commit", Some(Stage::Commit)),
        ("Commit stage", Some(Stage::Commit)),
        ("unit-tests (3.12)", Some(Stage::Commit)),
        ("build", Some(Stage::Build)),
        ("Build and push image", Some(Stage::Build)),
        ("staging", Some(Stage::Staging)),
        ("deploy-staging / helm", Some(Stage::Staging)),
        ("Smoke test in staging", Some(Stage::Staging)),
        ("production", Some(Stage::Production)),
        ("Deploy to prod", Some(Stage::Production)),
        ("reproduce", None),
        ("notify", None),
        ("", None),
    ] {
        assert_eq!(stage_of(name), stage, "{name}");
    }
}

#[test]
fn five_stages_say_where_a_run_stands() {
    use StageState::*;
    let done = |id, name| job(1, id, name, Phase::Completed, Some(Outcome::Success), (0, 5));
    let first = [done(1, "commit"), done(2, "build"), done(3, "staging")];
    let with = |state, last: Option<Job>, verdict| {
        let all: Vec<&Job> = first.iter().chain(&last).collect();
        stages(state, &all, verdict)
    };
    let gate = |phase, outcome| Some(job(1, 4, "production", phase, outcome, (5, 9)));
    let waits = [Passed, Passed, Passed, Waiting, Pending];
    assert_eq!(with(RunState::Waiting, gate(Phase::Waiting, None), Some(Verdict::Held)), waits);
    assert_eq!(with(RunState::Waiting, gate(Phase::Waiting, None), None), waits);
    let goes = [Passed, Passed, Passed, Passed, Running];
    assert_eq!(with(RunState::Running, gate(Phase::Running, None), Some(Verdict::Released)), goes);
    let refused = gate(Phase::Completed, Some(Outcome::Failure));
    assert_eq!(with(RunState::Failure, refused.clone(), Some(Verdict::Refused))[3..], [Refused, NotRun]);
    assert_eq!(with(RunState::Failure, refused.clone(), Some(Verdict::Released))[3..], [Passed, Failed]);
    // Nobody says whether people or the roll-out failed it.
    assert_eq!(with(RunState::Failure, refused, None)[3..], [Unknown, Failed]);
    assert_eq!(with(RunState::Failure, None, None)[3..], [NotRun, NotRun]);
    assert_eq!(with(RunState::Running, None, None)[3..], [Pending, Pending]);
    assert_eq!(stages(RunState::Queued, &[], None), [Pending; 5]);
}

#[test]
fn a_run_is_compared_with_what_is_usual_only_where_something_is() {
    assert_eq!(median(vec![60, 120]), None);
    assert_eq!(median(vec![300, 60, 120]), Some(Duration::seconds(120)));
    let minutes = Duration::minutes;
    assert_eq!(against_usual(minutes(12), minutes(10), false), Some(minutes(2)));
    assert_eq!(against_usual(minutes(10), minutes(10), true), None);
    assert_eq!(against_usual(minutes(3), minutes(10), true), Some(minutes(-7)));
    assert_eq!(against_usual(minutes(3), minutes(10), false), None, "it still runs");
}
