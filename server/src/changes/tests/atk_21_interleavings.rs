//! ATK-21: approve ∥ reject ∥ withdraw ∥ new attempt ∥ new image ∥ execute ∥ answer, on the real services and the real
//! database. The pure rules are explored exhaustively in `domain/changes/tests/interleavings.rs`; here locks and jobs are
//! tried, in an order that a seed gives.

use super::lawful::all_is_lawful;
use crate::testing::{Held, TestPortal};
use futures::future::{BoxFuture, join_all};

/// A few numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// How many rounds: a handful, or as many as somebody asks for who has the time.
fn rounds() -> u64 {
    if std::env::var_os("GATEHOUSE_FULL").is_some() { 60 } else { 6 }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_21_everything_at_once() {
    for seed in 1..=rounds() {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let portal = TestPortal::start().await;
        let held = portal.held("score-api", "rohandas").await;
        let again = round(&portal, &held, &mut dice).await;
        portal.let_jobs_try_again().await;
        all_is_lawful(&portal, &held).await;
        if let Some(number) = again {
            all_is_lawful(&portal, &Held { run: held.run, number }).await;
        }
    }
}

async fn round(portal: &TestPortal, held: &Held, dice: &mut Dice) -> Option<gatehouse_domain::ChangeNumber> {
    let (asha, leela, vikram) =
        (portal.signer("E-1001").await, portal.signer("E-1003").await, portal.signer("E-1006").await);
    asha.approve(&held.number).await.unwrap();
    let wish = ["approve", "reject", "close"][usize::try_from(dice.below(3)).unwrap()];
    let withdraw = asha.begin(&held.number, "withdraw").await.unwrap();
    let second = leela.begin(&held.number, "approve").await.unwrap();
    let third = vikram.begin(&held.number, wish).await.unwrap();
    let sha = portal.twin.github().head_sha(held.run).unwrap();
    let image = format!("sha256:{}", "ee".repeat(32));
    let guid = std::sync::Mutex::new(None);
    let mut acts: Vec<BoxFuture<'_, ()>> = vec![
        Box::pin(async { drop(leela.sign(&second).await) }),
        Box::pin(async { drop(vikram.sign(&third).await) }),
        Box::pin(async { drop(crate::changes::execute(&portal.ctx, &held.number).await) }),
        Box::pin(async { drop(crate::changes::execute(&portal.ctx, &held.number).await) }),
        Box::pin(async { drop(crate::changes::answer(&portal.ctx, &held.number).await) }),
    ];
    if dice.below(2) == 0 {
        acts.push(Box::pin(async { drop(asha.sign(&withdraw).await) }));
    }
    if dice.below(3) == 0 {
        acts.push(Box::pin(async {
            portal.twin.ecr().move_tag("altscore/score-api", &sha, &image).unwrap();
            drop(crate::changes::assess(&portal.ctx, &held.number).await);
        }));
    }
    if dice.below(3) == 0 {
        acts.push(Box::pin(async {
            portal.twin.github().rerun(held.run, "rohandas").unwrap();
            let delivery = portal.twin.github().build_delivery(held.run).unwrap();
            portal.deliver(&delivery).await;
            drop(crate::changes::read_delivery(&portal.ctx, &delivery.guid).await);
            *guid.lock().unwrap() = Some(delivery.guid.clone());
        }));
    }
    // Any order of beginning, and any distance between the beginnings.
    let mut order = Vec::with_capacity(acts.len());
    while !acts.is_empty() {
        let next = acts.swap_remove(usize::try_from(dice.below(acts.len() as u64)).unwrap());
        let yields = dice.below(40);
        order.push(async move {
            for _ in 0..yields {
                tokio::task::yield_now().await;
            }
            next.await;
        });
    }
    join_all(order).await;
    portal.run_jobs().await;
    let guid = guid.lock().unwrap().clone();
    match guid {
        Some(guid) => portal.outcome(&guid).await.strip_prefix("opened:").map(|n| n.parse().unwrap()),
        None => None,
    }
}
