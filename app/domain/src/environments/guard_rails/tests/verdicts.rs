//! When is it held, when broken, and when could nobody tell?

use super::*;
use proptest::prelude::*;

#[test]
fn what_could_not_be_read_is_not_held() {
    for rail in Rail::ALL {
        for kind in rail.needs() {
            let unknown = |reach: Option<Reach>| {
                let mut cluster = good();
                match reach {
                    Some(reach) => drop(cluster.reach.insert(*kind, reach)),
                    None => drop(cluster.reach.remove(kind)),
                }
                of(&cluster, rail)
            };
            let behind = Reach { as_of: Some(at(1)), trouble: Some("Refused.".to_owned()), ..Reach::default() };
            let poisoned = Reach { as_of: Some(at(9)), poisoned: 1, ..Reach::default() };
            for reach in [None, Some(Reach::default()), Some(behind.clone()), Some(poisoned)] {
                let judged = unknown(reach);
                assert_eq!(judged.verdict, Verdict::CouldNotTell, "{rail:?} {kind:?}");
                assert_eq!(judged.gaps.len(), 1);
                assert!(judged.findings.is_empty(), "{rail:?} {kind:?} {:?}", judged.findings);
            }
            assert_eq!(unknown(Some(behind)).as_of, Some(at(1)));
            assert_eq!(unknown(None).as_of, None);
        }
    }
}

#[test]
fn what_was_broken_stays_so_while_the_cluster_is_silent() {
    let mut cluster = good();
    put(&mut cluster, "score-api", &shape(|it| it.host_pid = true), 2);
    for reach in cluster.reach.values_mut() {
        reach.trouble = Some("It does not answer.".to_owned());
    }
    let judged = of(&cluster, Rail::NoHost);
    assert_eq!((judged.verdict, judged.gaps.len()), (Verdict::Broken, 4));
    assert_eq!(judged.findings[0].seen, Some(at(5)));
}

#[test]
fn a_cluster_of_which_nothing_was_read_has_no_findings() {
    let mut cluster = good();
    cluster.reach.clear();
    cluster.quotas.clear();
    cluster.network_policies.clear();
    cluster.mtls.clear();
    let report = judged(&cluster);
    assert_eq!(report.findings().count(), 0);
    assert!(report.rails.iter().all(|judged| judged.verdict == Verdict::CouldNotTell));
}

#[test]
fn what_could_not_be_decoded_may_be_what_is_missing() {
    let mut cluster = good();
    cluster.quotas.clear();
    let reach = |poison: &[&str], poisoned| Reach {
        as_of: Some(at(9)),
        poison: poison.iter().map(|it| (*it).to_owned()).collect(),
        poisoned,
        ..Reach::default()
    };
    let mut tones = |reach| {
        cluster.reach.insert(Kind::Quota, reach);
        of(&cluster, Rail::Quota).findings.iter().map(|it| it.tone).collect::<Vec<_>>()
    };
    assert_eq!(tones(reach(&["altscore-api/quota: not a quota"], 1)), [Tone::Bad, Tone::Unknown]);
    assert_eq!(tones(reach(&["altscore-api/quota: not a quota"], 2)), [Tone::Unknown, Tone::Unknown]);
    assert_eq!(tones(reach(&[], 0)), [Tone::Bad, Tone::Bad]);
}

#[test]
fn what_is_not_measured_is_not_called_broken_and_not_held() {
    let mut cluster = good();
    scale(&mut cluster, |it| it.metrics[0].2 = None);
    let judged = of(&cluster, Rail::Headroom);
    assert_eq!((judged.verdict, judged.findings.len(), judged.gaps.len()), (Verdict::CouldNotTell, 1, 0));
    scale(&mut cluster, |it| (it.metrics[0].2, it.current) = (None, 20));
    let judged = of(&cluster, Rail::Headroom);
    assert_eq!((judged.verdict, judged.findings[0].tone), (Verdict::Broken, Tone::Bad));
}

#[test]
fn one_finding_for_one_thing_to_mend() {
    let mut cluster = good();
    let broken = shape(|it| it.host_network = true);
    put(&mut cluster, "score-api", &broken, 3);
    let mut lone = Pod { meta: meta("altscore-api", "lone"), shape: broken.clone(), ..Pod::default() };
    lone.meta.seen = Some(at(7));
    cluster.pods.insert(lone.meta.name.clone(), Arc::new(lone.clone()));
    lone.meta = Meta { owner: Some(("DaemonSet".into(), "agent".into())), ..meta("altscore-api", "agent-x1") };
    cluster.pods.insert(lone.meta.name.clone(), Arc::new(lone));
    let found = of(&cluster, Rail::NoHost).findings;
    let told: Vec<_> = found.iter().map(|it| (&*it.kind, &*it.name.name, it.pods, it.seen)).collect();
    let expected = [
        ("DaemonSet", "agent", 1, Some(at(5))),
        ("Pod", "lone", 1, Some(at(7))),
        ("Deployment", "score-api", 3, Some(at(5))),
    ];
    assert_eq!(told, expected);
    // Pods of an older template are broken though the template is mended.
    let name = meta("altscore-api", "score-api").name;
    let workload = Arc::make_mut(cluster.workloads.get_mut(&(Kind::Deployment, name)).unwrap());
    workload.template = shape(|_| {});
    assert_eq!(of(&cluster, Rail::NoHost).findings.len(), 3);
}

#[test]
fn what_is_not_ours_is_said_and_not_judged() {
    let mut cluster = good();
    let own = meta("", "kube-system");
    cluster.namespaces.insert(own.name.clone(), Arc::new(Namespace { meta: own, ..Namespace::default() }));
    let pod = Pod { meta: meta("kube-system", "agent"), shape: shape(|it| it.host_network = true), ..Pod::default() };
    cluster.pods.insert(pod.meta.name.clone(), Arc::new(pod));
    let report = judged(&cluster);
    assert_eq!(report.findings().count(), 0);
    let outside: Vec<_> = report.outside.iter().map(|it| (&*it.namespace, it.pods)).collect();
    assert_eq!(outside, [("kube-system", 1)]);
    assert!(report.outside[0].why.contains("EKS"));
    // A namespace that nobody spoke of is ours.
    let own = meta("", "default");
    cluster.namespaces.insert(own.name.clone(), Arc::new(Namespace { meta: own, ..Namespace::default() }));
    assert_eq!(lines(&cluster).len(), 3);
}

#[test]
fn rules_that_say_less_than_rules_are_refused() {
    let with = |from: &str, to: &str| Rules::parse(&RULES.replace(from, to));
    assert!(with("", "").is_ok());
    for (from, to) in [
        ("\"Kubernetes' own: heartbeats of the machines.\"", "\" \""),
        ("\"istio-system\"", "\"\""),
        ("70", "0"),
        ("70", "101"),
        ("headroom_percent", "headroom"),
        ("\"guard_rails\"", "\"rails\""),
    ] {
        assert!(RULES.contains(from) && with(from, to).is_err(), "{from}");
    }
}

/// Something broken, of each kind.
fn break_one(cluster: &mut Cluster, how: u8, name: &str) {
    let breaks: [&dyn Fn(&mut PodShape); 6] = [
        &|it| it.host_network = true,
        &|it| it.containers[0].security.run_as_non_root = Some(false),
        &|it| it.containers[0].security.read_only_root = None,
        &|it| it.containers[0].security.privilege_escalation = None,
        &|it| it.containers[0].image = "nginx:latest".to_owned(),
        &|it| it.containers[0].env = vec![EnvSource { name: "A".to_owned(), from: EnvFrom::Secret("s".to_owned()) }],
    ];
    match how {
        0..=5 => put(cluster, name, &shape(breaks[usize::from(how)]), 2),
        6 => {
            let own = meta("", name);
            cluster.namespaces.insert(own.name.clone(), Arc::new(Namespace { meta: own, ..Namespace::default() }));
        }
        7 => mesh(cluster, "altscore-api", name, "DISABLE", |it| it.has_selector = true),
        _ => {
            let scaler = Scaler { meta: meta("altscore-api", name), max: 2, current: 2, ..Scaler::default() };
            cluster.scalers.insert(scaler.meta.name.clone(), Arc::new(scaler));
        }
    }
}

proptest! {
    #[test]
    fn something_broken_takes_no_finding_away(hows in prop::collection::vec(0u8..9, 1..12)) {
        let mut cluster = good();
        for (index, how) in hows.into_iter().enumerate() {
            let before = lines(&cluster);
            break_one(&mut cluster, how, &format!("x{index}"));
            let after = lines(&cluster);
            prop_assert!(after.len() > before.len());
            prop_assert!(before.iter().all(|line| after.contains(line)));
        }
    }

    #[test]
    fn unknown_never_becomes_held(hows in prop::collection::vec(0u8..9, 0..4), rail in 0usize..10, kind in 0usize..4) {
        let mut cluster = good();
        hows.into_iter().enumerate().for_each(|(index, how)| break_one(&mut cluster, how, &format!("x{index}")));
        let rail = Rail::ALL[rail];
        let kind = rail.needs()[kind % rail.needs().len()];
        let whole = of(&cluster, rail);
        cluster.reach.get_mut(&kind).unwrap().trouble = Some("It does not answer.".to_owned());
        let blind = of(&cluster, rail);
        prop_assert_ne!(blind.verdict, Verdict::Held);
        prop_assert_eq!(whole.verdict == Verdict::Broken, blind.verdict == Verdict::Broken);
        prop_assert_eq!(whole.findings, blind.findings);
    }
}
