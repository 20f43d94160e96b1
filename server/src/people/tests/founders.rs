#![expect(clippy::unwrap_used, reason = "tests")]

use super::codes;
use crate::auth::testing::SoftKey;
use crate::config::Mode;
use crate::people::testing::{ORIGIN, Stage, options};
use crate::people::{init, service};
use gatehouse_app::people::shape::{EnrolRequest, EnrolStep};

/// Where nothing is relaxed, and Asha is a founder.
async fn strict() -> Stage {
    Stage::with(|config| {
        config.mode = Mode::Production;
        config.admitted.iter_mut().filter(|row| row.person.as_str() == "E-1001").for_each(|row| row.founder = true);
    })
    .await
}

fn with_code(code: &str) -> EnrolRequest {
    EnrolRequest { name: "founding key".into(), founder_code: Some(code.into()) }
}

#[tokio::test]
async fn a_founder_enrols_with_a_code_that_works_once() {
    let stage = strict().await;
    let codes_made = init(&stage.ctx).await.unwrap();
    let [made] = codes_made.as_slice() else { unreachable!("one founder") };
    let (_, asha) = stage.sign_in("u-1001").await;
    assert!(service::keys(&stage.ctx, &asha).await.unwrap().needs_endorsement);
    let request = service::begin_enrol(&stage.ctx, &asha, with_code(&made.code.to_lowercase())).await.unwrap();
    let credential = SoftKey::new("asha").register(&options(&request), ORIGIN).to_string();
    let step = service::finish_enrol(&stage.ctx, &asha, &request.ceremony, &credential).await.unwrap();
    assert_eq!(step, EnrolStep::Done);
    assert!(!stage.entries().await.iter().any(|entry| entry.contains(&made.code)));
    // Nobody is left to found anything.
    assert!(init(&stage.ctx).await.unwrap().is_empty());
}

#[tokio::test]
async fn with_a_wrong_code_an_old_one_or_anothers_there_is_no_first_key() {
    let stage = strict().await;
    let old = init(&stage.ctx).await.unwrap().remove(0);
    let new = init(&stage.ctx).await.unwrap().remove(0);
    let (_, asha) = stage.sign_in("u-1001").await;
    let (_, rohan) = stage.sign_in("u-1002").await;
    let before = stage.governed().await;
    for code in ["-", "00000-00000-00000-00000", &old.code] {
        assert_eq!(codes(service::begin_enrol(&stage.ctx, &asha, with_code(code)).await), "founder_code_invalid");
    }
    assert_eq!(codes(service::begin_enrol(&stage.ctx, &rohan, with_code(&new.code)).await), "founder_code_invalid");
    assert_eq!(stage.governed().await, before);
}

#[tokio::test]
async fn two_ceremonies_with_one_code_enrol_one_key() {
    let stage = strict().await;
    let code = init(&stage.ctx).await.unwrap().remove(0).code;
    let (_, asha) = stage.sign_in("u-1001").await;
    let one = service::begin_enrol(&stage.ctx, &asha, with_code(&code)).await.unwrap();
    let two = service::begin_enrol(&stage.ctx, &asha, with_code(&code)).await.unwrap();
    let answers =
        [SoftKey::new("one").register(&options(&one), ORIGIN), SoftKey::new("two").register(&options(&two), ORIGIN)];
    let [first, second] = answers.map(|answer| answer.to_string());
    let results = futures::future::join(
        service::finish_enrol(&stage.ctx, &asha, &one.ceremony, &first),
        service::finish_enrol(&stage.ctx, &asha, &two.ceremony, &second),
    )
    .await;
    let done = [results.0, results.1].into_iter().filter(|result| matches!(result, Ok(EnrolStep::Done))).count();
    assert_eq!(done, 1, "the other must be signed for by the first");
    assert_eq!(service::keys(&stage.ctx, &asha).await.unwrap().keys.len(), 1);
}
