//! Do lists say of each change what its own page says? They read all of them at once, the page reads one.

use crate::changes::{home, list, needs_you, show};
use crate::testing::TestPortal;
use gatehouse_app::changes::shape::ChangeFilter;
use gatehouse_domain::{ChangeNumber, PersonId};

async fn seats_for(portal: &TestPortal, viewer: &PersonId) -> u32 {
    let mut conn = portal.ctx.db.acquire().await.unwrap();
    needs_you(&mut conn, &portal.ctx, viewer).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_says_of_each_change_what_its_own_page_says() {
    let portal = TestPortal::start().await;
    let first = portal.held("score-api", "rohandas").await;
    let second = portal.held("consent-service", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&first.number).await.unwrap();
    for viewer in [asha.who().await.person, leela.who().await.person] {
        let at_home = home(&portal.ctx, &viewer).await.unwrap();
        let listed = list(&portal.ctx, &viewer, ChangeFilter::default()).await.unwrap().rows;
        assert_eq!(listed.len(), 2);
        assert_eq!(at_home.needs_you.len() + at_home.waiting.len(), 2);
        assert_eq!(at_home.needs_you.len(), usize::try_from(seats_for(&portal, &viewer).await).unwrap());
        for row in at_home.needs_you.iter().chain(&at_home.waiting).chain(&listed) {
            let number: ChangeNumber = row.number.parse().unwrap();
            assert_eq!(*row, show(&portal.ctx, &viewer, &number).await.unwrap().row);
            let signed = if number == first.number { "Held · 1 of 2" } else { "Held · 0 of 2" };
            assert_eq!(row.status.word, signed, "{number}");
        }
    }
    let (asha, leela) = (asha.who().await.person, leela.who().await.person);
    assert_eq!((seats_for(&portal, &asha).await, seats_for(&portal, &leela).await), (1, 2));
    // The count frames every page, the log's and the keys' too: what cannot be read is only not counted.
    sqlx::query("UPDATE changes_changes SET requirement = '\"?\"' WHERE number = $1")
        .bind(second.number.as_str())
        .execute(&portal.db.owner)
        .await
        .unwrap();
    assert_eq!((seats_for(&portal, &asha).await, seats_for(&portal, &leela).await), (0, 1));
    assert!(home(&portal.ctx, &leela).await.is_err(), "a list that leaves one out would say that it does not wait");
}
