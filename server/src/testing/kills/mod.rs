//! Is anything lost or done twice when the portal, its database or both are killed in the middle of an approval?
//!
//! A story is one promotion: GitHub asks, two engineers sign, the change is executed, GitHub is told. It has numbered
//! points ([`POINTS`]), most of them before and after a commit or a call outside. At each point a portal of its own
//! process with its own private PostgreSQL is stopped and killed with SIGKILL; it is started again, GitHub redelivers,
//! people look and sign again where their signature does not stand, as they would. Then the story must have ended as it
//! should, and all stories together must have left a whole log ([`oracle`]).
//!
//! `GATEHOUSE_FULL=1`: every point, each victim. Otherwise a few of them.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod oracle;
mod person;
mod portal;
mod world;

use super::is_full;
use person::Person;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::Duration;
use twin::{Fault, PushRun};
use world::World;

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    /// The portal's process; its PostgreSQL is left behind.
    Portal,
    /// The postmaster; the portal goes on and meets dead connections.
    Database,
    /// Every process of both at once, as a power cut does.
    Both,
}

/// What is going on when it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Asking,
    FirstApproval,
    /// The second approval, and what follows from it.
    SecondApproval,
}
use Step::{Asking, FirstApproval, SecondApproval};

/// The points, in the order of the story. Names are those of `point!` in the product's source; those of GitHub
/// are held there, by a fault of the twin.
const POINTS: [(Step, &str); 24] = [
    (Asking, "webhook.received"),
    (Asking, "webhook.stored"),
    (Asking, "webhook.committed"),
    (Asking, "delivery.taken"),
    (Asking, "delivery.read"),
    (Asking, "change.opening"),
    (Asking, "change.opened"),
    (FirstApproval, "approval.begun"),
    (FirstApproval, "approval.taken"),
    (FirstApproval, "approval.deciding"),
    (FirstApproval, "approval.committed"),
    (SecondApproval, "approval.begun"),
    (SecondApproval, "approval.taken"),
    (SecondApproval, "approval.deciding"),
    (SecondApproval, "approval.committed"),
    (SecondApproval, "execute.read"),
    (SecondApproval, "execute.intending"),
    (SecondApproval, "execute.intended"),
    (SecondApproval, "answer.noted"),
    (SecondApproval, GITHUB_ASKED),
    (SecondApproval, GITHUB_ACTED),
    (SecondApproval, "answer.sent"),
    (SecondApproval, "answer.recording"),
    (SecondApproval, "answer.recorded"),
];
const GITHUB_ASKED: &str = "github.asked";
const GITHUB_ACTED: &str = "github.acted";

/// Long enough for a killed portal to be found out and answered for; no story takes near as long.
const HELD: Duration = Duration::from_secs(3);

/// Those of the small run: what is most easily lost or done twice, by each victim.
const SOME: [(usize, Victim); 9] = [
    (1, Victim::Portal),
    (5, Victim::Both),
    (6, Victim::Portal),
    (9, Victim::Database),
    (14, Victim::Portal),
    (17, Victim::Portal),
    (20, Victim::Portal),
    (21, Victim::Database),
    (22, Victim::Both),
];

/// In turn, so that one story's roll-out does not become another one's subject.
const SERVICES: [&str; 6] =
    ["score-api", "consent-service", "erp-ingestion", "notification-service", "admin-service", "audit-service"];

#[tokio::test(flavor = "multi_thread")]
async fn atk_23_killed_at_any_point_nothing_is_lost_or_done_twice() {
    let every = |victim| (0..POINTS.len()).map(move |point| (point, victim)).collect::<Vec<_>>();
    let plans = match is_full() {
        true => [Victim::Portal, Victim::Database, Victim::Both].map(every).to_vec(),
        false => SOME.chunks(SOME.len().div_ceil(2)).map(<[_]>::to_vec).collect(),
    };
    // Each in a world of its own, side by side: they mostly wait.
    let worlds = plans.iter().enumerate().map(|(n, plan)| live(n, plan));
    let kills: usize = futures::future::join_all(worlds).await.into_iter().sum();
    let wanted: usize = plans.iter().map(Vec::len).sum();
    assert_eq!(kills, wanted);
    assert!(!is_full() || kills >= 50);
    let points: BTreeSet<usize> = plans.iter().flatten().map(|(point, _)| *point).collect();
    // Past libtest's capture: `cargo xtask attacks` shows this line.
    let said = format!(
        "crash test: {kills} kills at {} of {} points, nothing was lost and nothing was done twice\n",
        points.len(),
        POINTS.len()
    );
    std::io::stderr().write_all(said.as_bytes()).unwrap();
}

/// One world, from its first person to the judgement of its log; says how often it was killed.
async fn live(n: usize, plan: &[(usize, Victim)]) -> usize {
    let world = World::start(n).await;
    let people = [Person::arrive(&world, "E-1001").await, Person::arrive(&world, "E-1003").await];
    for (story, (point, victim)) in plan.iter().enumerate() {
        tell(&world, &people, SERVICES[story % SERVICES.len()], *point, *victim).await;
    }
    oracle::judge(&world, plan.len()).await;
    world.end().await
}

/// One story with one kill.
async fn tell(world: &World, [asha, leela]: &[Person<'_>; 2], service: &str, point: usize, victim: Victim) {
    let (at, name) = POINTS[point];
    let run = world.twin.github().push_run(&PushRun::of(service, "rohandas")).unwrap();
    let delivery = world.twin.github().build_delivery(run).unwrap();
    let strike = async |step: Step| {
        if step != at {
            return;
        }
        match name {
            GITHUB_ASKED => {
                let before = world.twin.faults().calls("github.callback");
                world.twin.faults().arm("github.callback", Fault::Delay(HELD), 1);
                world.until(name, || world.twin.faults().calls("github.callback") > before).await;
            }
            GITHUB_ACTED => {
                world.twin.faults().arm("github.callback", Fault::Hang(HELD), 1);
                world.until(name, || !world.twin.github().answers(run).is_empty()).await;
            }
            _ => world.stop_at(name).await,
        }
        world.kill(victim).await;
    };
    // The strike first: it must lie in wait before the step begins.
    let (_, number) = futures::join!(strike(Asking), world.ask(&delivery));
    futures::join!(strike(FirstApproval), asha.approve(&number));
    let to_the_end = async {
        leela.approve(&number).await;
        tokio::select! {
            () = world.released(&number) => {}
            () = asha.stay_confirmed() => {}
            () = leela.stay_confirmed() => {}
        }
    };
    futures::join!(strike(SecondApproval), to_the_end);
    oracle::judge_story(world, run, &number, &format!("{name}, {victim:?} killed")).await;
}
