//! `gatehouse refound` (docs/founders-lost.md), typed wrongly and rightly. The two founders came in over the portal's own
//! HTTP and are lost.

use crate::machine::{Machine, Said};

const WHY: &str = "Both founders lost their keys in the flood; decided by the board, Meera Nair present.";
/// The two who come in when the twin's week begins.
const FOUNDERS: [&str; 2] = ["E-1031", "E-1032"];

#[tokio::test(flavor = "multi_thread")]
async fn the_founders_ceremony_is_run_by_hand_wrongly_and_then_rightly() {
    let machine = Machine::new("refound").await;
    // Typed wrongly: usage, and nothing is started.
    for words in [vec!["refound"], vec!["refound", "--reason", "  "]] {
        machine.run(&words).refused(2, "refound needs --reason TEXT");
    }
    // The next word is the reason then, and the one after it no flag.
    machine.run(&["refound", "--reason"]).refused(2, "there is no flag");
    machine.run(&["refound", "--resaon", WHY]).refused(2, "there is no flag \"--resaon\"");
    assert!(!machine.dir.join("data").exists());
    // The configuration names nobody; and without --demo it is not even read to its end.
    machine.run(&["refound", "--reason", WHY]).refused(1, "nothing was changed: ");
    let output = machine.command(&["refound", "--reason", WHY]).output().unwrap();
    Said::from(output).refused(1, "--demo");
    machine.name_founders(&FOUNDERS);

    // The founders come in, and the portal runs: its data directory has one holder.
    let portal = machine.serve(&[]).await;
    machine.begin().await;
    machine.run(&["refound", "--reason", WHY]).refused(1, "already runs on");
    assert_eq!(machine.notice().await, "");
    portal.stop().await;

    // Words that the log does not take; and the way that is shut for ever.
    machine.run(&["refound", "--reason", &"x".repeat(5_000)]).refused(1, "nothing was changed: ");
    machine.run(&["init"]).refused(0, "");

    let first = machine.run(&["refound", "--reason", WHY]);
    assert_eq!(first.code, Some(0), "{first:?}");
    assert!(first.out.starts_with("Refounded. 2 keys of founders were taken away."), "{first:?}");
    assert!(!first.out.contains("flood") && !first.err.contains("flood"), "the reason is for the log: {first:?}");
    let codes = first.codes();
    assert_eq!(codes.iter().map(|(person, _)| person.as_str()).collect::<Vec<_>>(), FOUNDERS);
    // Run again, it gives other codes and finds no key left to take.
    let second = machine.run(&["refound", "--reason", WHY]);
    assert!(second.out.starts_with("Refounded. 0 keys"), "{second:?}");
    assert!(second.codes().iter().zip(&codes).all(|(new, old)| new.1 != old.1), "{second:?}");

    let portal = machine.serve(&[]).await;
    let told = machine.notice().await;
    assert!(told.starts_with("Gatehouse was refounded offline at ") && !told.contains("flood"), "{told}");
    portal.stop().await;
}
