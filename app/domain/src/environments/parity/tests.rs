#![expect(clippy::unwrap_used, reason = "tests")]

use super::super::facts::*;
use super::*;
use crate::{DateTime, Utc};
use std::sync::Arc;

const OURS: &str = include_str!("../../../../../policies/parity.json");

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    at("2026-11-23T09:00:00Z")
}

fn meta(namespace: &str, name: &str) -> Meta {
    Meta { name: Name { namespace: namespace.into(), name: name.into() }, ..Meta::default() }
}

fn container(name: &str) -> Container {
    let image = format!("registry.example:5000/altscore/{name}:v1@sha256:{}", "a".repeat(64));
    Container { name: name.to_owned(), image, readiness: Some("{\"httpGet\":{}}".to_owned()), ..Container::default() }
}

/// A cluster that has one of everything.
fn whole() -> Cluster {
    let mut it = Cluster::default();
    let needed = Aspect::ALL.into_iter().flat_map(|aspect| aspect.needs().iter().copied());
    it.reach = needed.map(|kind| (kind, Reach { as_of: Some(now()), ..Reach::default() })).collect();
    let node = Node {
        meta: meta("", "ip-1"),
        group: "api-nodes".to_owned(),
        instance_type: "c6i.xlarge".to_owned(),
        ..Node::default()
    };
    it.nodes.insert(node.meta.name.clone(), Arc::new(node));
    let mut namespace = Namespace { meta: meta("", "altscore-api"), ..Namespace::default() };
    namespace.meta.labels = [("pod-security.kubernetes.io/enforce".into(), "restricted".into())].into();
    namespace.meta.labels.insert("altscore.example/environment".into(), "production".into());
    it.namespaces.insert(namespace.meta.name.clone(), Arc::new(namespace));
    let own = || meta("altscore-api", "score-api");
    let template = Arc::new(PodShape { containers: vec![container("api")], ..PodShape::default() });
    let workload = Workload { meta: own(), wanted: 3, template, ..Workload::default() };
    it.workloads.insert((Kind::Deployment, own().name), Arc::new(workload));
    let keys = ["ENVIRONMENT", "TIMEOUT"].map(|key| (key.to_owned(), "0".repeat(64))).into();
    it.config_maps.insert(own().name, Arc::new(ConfigMap { meta: own(), keys }));
    let policy = NetworkPolicy { meta: own(), digest: "1".repeat(64), ..NetworkPolicy::default() };
    it.network_policies.insert(own().name, Arc::new(policy));
    let wish = PeerAuthentication { meta: own(), mode: "STRICT".to_owned(), ..PeerAuthentication::default() };
    it.mtls.insert(own().name, Arc::new(wish));
    let hard = [("requests.cpu".to_owned(), "4".to_owned())].into();
    it.quotas.insert(own().name, Arc::new(Quota { meta: own(), hard, ..Quota::default() }));
    let metrics = vec![("cpu".to_owned(), Some(70), Some(41))];
    it.scalers.insert(own().name, Arc::new(Scaler { meta: own(), max: 20, metrics, ..Scaler::default() }));
    let budget = Budget { meta: own(), max_unavailable: Some("1".to_owned()), ..Budget::default() };
    it.budgets.insert(own().name, Arc::new(budget));
    it
}

fn declaration() -> Declaration {
    Declaration::parse(OURS).unwrap()
}

fn against(left: &Cluster, right: &Cluster, declaration: &Declaration) -> Comparison {
    compare(("staging", left), ("production", right), declaration, &|namespace| namespace != "kube-system", now())
}

/// `aspect object field: left | right`, one a line.
fn findings(left: &Cluster, right: &Cluster) -> Vec<String> {
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let line = |(aspect, it): (Aspect, &Difference)| {
        format!("{} {} {}: {} | {}", aspect.code(), it.object, it.field, said(&it.left), said(&it.right))
    };
    against(left, right, &declaration()).findings().map(line).collect()
}

fn workload(it: &mut Cluster, change: impl FnOnce(&mut Workload)) {
    let key = (Kind::Deployment, meta("altscore-api", "score-api").name);
    change(Arc::make_mut(it.workloads.get_mut(&key).unwrap()));
}

fn first(it: &mut Cluster, change: impl FnOnce(&mut Container)) {
    workload(it, |it| change(Arc::make_mut(&mut it.template).containers.first_mut().unwrap()));
}

fn own<T: Clone>(map: &mut std::collections::BTreeMap<Name, Arc<T>>) -> &mut T {
    Arc::make_mut(map.values_mut().next().unwrap())
}

#[test]
fn what_is_equal_is_equal_in_every_aspect() {
    let same = against(&whole(), &whole(), &declaration());
    assert_eq!(same.aspects.len(), Aspect::ALL.len());
    assert!(same.aspects.iter().all(|it| it.verdict == Verdict::Equal && it.objects == 1), "{same:?}");
    assert!(same.aspects.iter().all(|it| it.as_of == Some(now())));
}

/// What is done to one side, and what must be found.
type Case<'a> = (&'a dyn Fn(&mut Cluster), String);

#[test]
fn every_declared_field_is_looked_at() {
    let other = |change: &dyn Fn(&mut Cluster)| {
        let mut left = whole();
        change(&mut left);
        findings(&left, &whole())
    };
    let of = "altscore-api/score-api";
    let cases: Vec<Case> = vec![
        (
            &|it| own(&mut it.nodes).instance_type = "c6i.large".to_owned(),
            "instance_types api-nodes instance types: c6i.large | c6i.xlarge".to_owned(),
        ),
        (
            &|it| {
                own(&mut it.namespaces).meta.labels = [
                    ("istio-injection".into(), "enabled".into()),
                    ("pod-security.kubernetes.io/enforce".into(), "restricted".into()),
                ]
                .into()
            },
            "namespaces altscore-api labels[istio-injection]: enabled | -".to_owned(),
        ),
        (
            &|it| workload(it, |it| Arc::make_mut(&mut it.template).containers.push(container("x"))),
            format!("workloads {of} containers[x]: is there | -"),
        ),
        (&|it| it.workloads.clear(), format!("workloads {of} the whole of it: - | is there")),
        (
            &|it| first(it, |it| it.image = "registry.example:5000/altscore/other:v1".to_owned()),
            format!(
                "image_repositories {of} containers[api].image: registry.example:5000/altscore/other | registry.example:5000/altscore/api"
            ),
        ),
        (
            &|it| first(it, |it| it.readiness = None),
            format!("probes {of} containers[api].readinessProbe: - | {{\"httpGet\":{{}}}}"),
        ),
        (
            &|it| first(it, |it| it.liveness = Some("{}".to_owned())),
            format!("probes {of} containers[api].livenessProbe: {{}} | -"),
        ),
        (
            &|it| first(it, |it| it.startup = Some("{}".to_owned())),
            format!("probes {of} containers[api].startupProbe: {{}} | -"),
        ),
        (
            &|it| first(it, |it| it.requests = [("cpu".to_owned(), "1".to_owned())].into()),
            format!("resources {of} containers[api].resources.requests[cpu]: 1 | -"),
        ),
        (
            &|it| first(it, |it| it.limits = [("cpu".to_owned(), "1".to_owned())].into()),
            format!("resources {of} containers[api].resources.limits[cpu]: 1 | -"),
        ),
        (
            &|it| first(it, |it| it.security.run_as_user = Some(0)),
            format!("security_context {of} containers[api].securityContext.runAsUser: 0 | -"),
        ),
        (
            &|it| first(it, |it| it.security.dropped = ["ALL".to_owned()].into()),
            format!("security_context {of} containers[api].securityContext.capabilities.drop: ALL | -"),
        ),
        (
            &|it| workload(it, |it| Arc::make_mut(&mut it.template).host_network = true),
            format!("security_context {of} hostNetwork: true | -"),
        ),
        (
            &|it| workload(it, |it| Arc::make_mut(&mut it.template).security.seccomp = Some("Unconfined".to_owned())),
            format!("security_context {of} securityContext.seccompProfile.type: Unconfined | -"),
        ),
        (
            &|it| {
                first(it, |it| {
                    it.env = vec![EnvSource { name: "PW".to_owned(), from: EnvFrom::Secret("db".to_owned()) }]
                })
            },
            format!("environment {of} containers[api].env[PW]: Secret db | -"),
        ),
        (
            &|it| drop(own(&mut it.config_maps).keys.insert("TIMEOUT".to_owned(), "2".repeat(64))),
            format!("config {of} TIMEOUT: sha256:{} | sha256:{}", "2".repeat(64), "0".repeat(64)),
        ),
        (
            &|it| drop(own(&mut it.config_maps).keys.remove("TIMEOUT")),
            format!("config {of} TIMEOUT: - | sha256:{}", "0".repeat(64)),
        ),
        (
            &|it| own(&mut it.network_policies).digest = "2".repeat(64),
            format!("network_policies {of} spec: sha256:{} | sha256:{}", "2".repeat(64), "1".repeat(64)),
        ),
        (
            &|it| own(&mut it.mtls).mode = "PERMISSIVE".to_owned(),
            format!("mtls {of} spec.mtls.mode: PERMISSIVE | STRICT"),
        ),
        (
            &|it| own(&mut it.mtls).has_selector = true,
            format!("mtls {of} about: some workloads | all of the namespace"),
        ),
        (
            &|it| own(&mut it.mtls).ports = [("8080".to_owned(), "DISABLE".to_owned())].into(),
            format!("mtls {of} spec.portLevelMtls[8080]: DISABLE | -"),
        ),
        (&|it| own(&mut it.quotas).hard.clear(), format!("quotas {of} spec.hard[requests.cpu]: - | 4")),
        (
            &|it| own(&mut it.scalers).metrics = vec![("cpu".to_owned(), Some(90), Some(41))],
            format!("scaling {of} metrics[cpu]: 90 % | 70 %"),
        ),
        (&|it| own(&mut it.budgets).max_unavailable = None, format!("budgets {of} maxUnavailable: - | 1")),
    ];
    for (change, expected) in cases {
        assert_eq!(other(change), [expected]);
    }
}

#[test]
fn how_many_and_which_version_may_differ() {
    let mut left = whole();
    workload(&mut left, |it| it.wanted = 1);
    own(&mut left.scalers).max = 4;
    own(&mut left.scalers).metrics = vec![("cpu".to_owned(), Some(70), Some(99))];
    first(&mut left, |it| it.image = "registry.example:5000/altscore/api:v9".to_owned());
    assert_eq!(findings(&left, &whole()), Vec::<String>::new());
    first(&mut left, |it| it.image = "registry.example:5000/altscore/api".to_owned());
    // Labels that nothing acts on, what is not ours, and what the platform writes for each cluster.
    own(&mut left.namespaces).meta.labels.insert("altscore.example/environment".into(), "staging".into());
    let system = meta("kube-system", "x");
    left.config_maps.insert(system.name.clone(), Arc::new(ConfigMap { meta: system, ..ConfigMap::default() }));
    let certificate = meta("altscore-api", "kube-root-ca.crt");
    let certificate = ConfigMap { meta: certificate, ..ConfigMap::default() };
    left.config_maps.insert(certificate.meta.name.clone(), Arc::new(certificate));
    assert_eq!(findings(&left, &whole()), Vec::<String>::new());
}

#[test]
fn two_secrets_are_not_compared_even_by_their_digests() {
    let with = |digest: &str| {
        let mut it = whole();
        let from = EnvFrom::Literal { digest: digest.to_owned(), looks_secret: true };
        first(&mut it, |it| it.env = vec![EnvSource { name: "PW".to_owned(), from }]);
        it
    };
    assert_eq!(findings(&with("1"), &with("2")), Vec::<String>::new());
    // That there is one on one side only is a difference.
    assert_eq!(findings(&with("1"), &whole()).len(), 1);
}

#[test]
fn a_container_that_one_side_does_not_have_is_said_once() {
    let mut left = whole();
    first(&mut left, |it| it.name = "app".to_owned());
    let expected = ["is there | -", "- | is there"];
    let found = findings(&left, &whole());
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|line| line.starts_with("workloads ") && expected.iter().any(|end| line.ends_with(end))));
}

fn environments_name(it: &mut Cluster, digest: &str) {
    own(&mut it.config_maps).keys.insert("ENVIRONMENT".to_owned(), digest.repeat(64));
}

#[test]
fn an_explanation_counts_until_its_day_is_over() {
    let (mut left, right) = (whole(), whole());
    environments_name(&mut left, "5");
    let on = |day: &str| compare(("staging", &left), ("production", &right), &declaration(), &|_| true, at(day));
    let config = |it: &Comparison| it.aspects.iter().find(|it| it.aspect == Aspect::Config).unwrap().clone();
    let good = on("2027-11-30T23:59:59Z");
    assert_eq!((good.findings().count(), good.stale.len(), config(&good).verdict), (0, 0, Verdict::Explained));
    let why = config(&good).differences.first().unwrap().explained.clone().unwrap();
    assert!(why.why.contains("environment's own name"));
    let over = on("2027-12-01T00:00:00Z");
    assert_eq!((over.findings().count(), over.stale.len(), config(&over).verdict), (1, 1, Verdict::Differs));
    assert!(over.stale.first().unwrap().is_over && config(&over).differences.first().unwrap().expired.is_some());
}

#[test]
fn an_explanation_fits_its_own_pair_object_field_and_values() {
    let (mut left, right) = (whole(), whole());
    environments_name(&mut left, "5");
    let with = |from: &str, to: &str| {
        assert!(OURS.contains(from), "{from}");
        let declaration = Declaration::parse(&OURS.replace(from, to)).unwrap();
        let compared = against(&left, &right, &declaration);
        (compared.findings().count(), compared.stale.len())
    };
    let object = "\"object\": \"altscore-api/score-api\"";
    assert_eq!(with("", ""), (0, 0));
    assert_eq!(with(object, "\"object\": \"*/score-api\""), (0, 0));
    assert_eq!(with("\"field\": \"ENVIRONMENT\"", "\"field\": \"*\""), (0, 0));
    // Fits nothing: the difference is a finding, and the explanation is said.
    assert_eq!(with(object, "\"object\": \"altscore-ml/score-api\""), (1, 1));
    assert_eq!(with(object, "\"object\": \"*\""), (1, 1));
    assert_eq!(with("\"field\": \"ENVIRONMENT\"", "\"field\": \"TIMEOUT\""), (1, 1));
    assert_eq!(
        with(
            "\"aspect\": \"config\",\n        \"object\": \"altscore-api",
            "\"aspect\": \"quotas\",\n        \"object\": \"altscore-api"
        ),
        (1, 1)
    );
    let value = |digest: &str| format!("{object}, \"left\": \"sha256:{}\"", digest.repeat(64));
    assert_eq!(with(object, &value("5")), (0, 0));
    assert_eq!(with(object, &value("6")), (1, 1));
    // Between two others it says nothing here.
    assert_eq!(with("[\"staging\", \"production\"]", "[\"production\", \"staging\"]"), (1, 0));
}

#[test]
fn what_could_not_be_read_is_neither_equal_nor_missing() {
    for aspect in Aspect::ALL {
        for kind in aspect.needs() {
            let blind = |reach: Option<Reach>| {
                let mut left = whole();
                match reach {
                    Some(reach) => drop(left.reach.insert(*kind, reach)),
                    None => {
                        left = Cluster { reach: left.reach, ..Cluster::default() };
                        left.reach.remove(kind);
                    }
                }
                let both = [against(&left, &whole(), &declaration()), against(&whole(), &left, &declaration())];
                both.map(|it| it.aspects.into_iter().find(|it| it.aspect == aspect).unwrap())
            };
            let behind = Reach { as_of: Some(now()), trouble: Some("Refused.".to_owned()), ..Reach::default() };
            let poisoned = Reach { as_of: Some(now()), poisoned: 1, ..Reach::default() };
            for (reach, sides) in [None, Some(behind), Some(poisoned)].map(|reach| (reach.clone(), blind(reach))) {
                for (side, it) in [Side::Left, Side::Right].into_iter().zip(sides) {
                    assert_eq!(it.verdict, Verdict::CouldNotTell, "{aspect:?} {kind:?} {reach:?}");
                    assert!(it.differences.is_empty() && it.gaps.iter().all(|(of, _)| *of == side), "{it:?}");
                }
            }
        }
    }
}

#[test]
fn what_could_not_be_decoded_is_not_missing() {
    let mut left = whole();
    left.config_maps.clear();
    let mut with = |poison: &[&str], poisoned| {
        let poison = poison.iter().map(|it| (*it).to_owned()).collect();
        let reach = Reach { as_of: Some(now()), poison, poisoned, ..Reach::default() };
        left.reach.insert(Kind::ConfigMap, reach);
        findings(&left, &whole()).len()
    };
    assert_eq!(with(&[], 0), 1);
    assert_eq!(with(&["altscore-api/score-api: too large"], 1), 0);
    assert_eq!(with(&["altscore-api/other: too large"], 1), 1);
    assert_eq!(with(&["altscore-api/other: too large"], 2), 0);
}

#[test]
fn an_idle_explanation_is_said_unless_nobody_could_look() {
    let (mut left, right) = (whole(), whole());
    assert_eq!(against(&left, &right, &declaration()).stale.len(), 1);
    assert!(!against(&left, &right, &declaration()).stale.first().unwrap().is_over);
    left.reach.remove(&Kind::ConfigMap);
    assert_eq!(against(&left, &right, &declaration()).stale.len(), 0);
}

#[test]
fn a_declaration_that_says_too_little_is_refused() {
    for (from, to) in [
        ("\"workloads\", ", ""),
        ("\"instance_types\"", "\"instance_kinds\""),
        ("\"staging\": \"production\"", "\"staging\": \"staging\""),
        ("\"It is the environment's own name: the service writes it into every line that it logs.\"", "\" \""),
        ("\"Kubernetes writes it into every namespace, and each cluster has its own.\"", "\"\""),
        (
            "        \"aspect\": \"config\",\n        \"object\": \"*/kube-root-ca.crt\"",
            "        \"aspect\": \"config\"",
        ),
        ("2027-11-30", "2027-11-31"),
        ("\"until\"", "\"till\""),
        ("\"parity\"", "\"parities\""),
    ] {
        assert!(OURS.contains(from), "{from}");
        assert!(Declaration::parse(&OURS.replace(from, to)).is_err(), "{from}");
    }
    assert_eq!(declaration().mirrored_by("staging"), Some("production"));
    assert_eq!(declaration().mirrored_by("production"), None);
}
