//! What Kubernetes and Istio would do with it.

use super::*;

fn pods(change: impl FnOnce(&mut PodShape)) -> Vec<String> {
    let mut cluster = good();
    put(&mut cluster, "score-api", &shape(change), 3);
    lines(&cluster)
}

fn inside(change: impl FnOnce(&mut Container)) -> Vec<String> {
    pods(|shape| change(&mut shape.containers[0]))
}

const THE: &str = "Deployment altscore-api/score-api";

#[test]
fn a_good_cluster_keeps_every_rail() {
    let report = judged(&good());
    assert_eq!(report.findings().count(), 0, "{report:?}");
    assert!(report.rails.iter().all(|judged| judged.verdict == Verdict::Held && judged.looked_at > 0), "{report:?}");
}

#[test]
fn a_containers_word_counts_before_its_pods() {
    let field = "containers[api].securityContext.runAsNonRoot";
    let own = |is: Option<bool>, user: Option<i64>, pod: Option<bool>, pod_user: Option<i64>| {
        pods(|shape| {
            (shape.security.run_as_non_root, shape.security.run_as_user) = (pod, pod_user);
            let own = &mut shape.containers[0].security;
            (own.run_as_non_root, own.run_as_user) = (is, user);
        })
    };
    assert_eq!(own(None, None, Some(true), None), Vec::<String>::new());
    assert_eq!(own(Some(true), None, Some(false), Some(0)), Vec::<String>::new());
    assert_eq!(own(Some(false), None, Some(true), None), [format!("non_root {THE} {field} Bad")]);
    assert_eq!(own(None, None, None, None), [format!("non_root {THE} {field} Bad")]);
    let as_root = [format!("non_root {THE} containers[api].securityContext.runAsUser Bad")];
    assert_eq!(own(None, Some(0), None, Some(1000)), as_root);
    assert_eq!(own(None, None, None, Some(0)), as_root);
    assert_eq!(own(Some(false), Some(0), Some(true), Some(1000)), as_root);
    // A user is named, but nothing keeps it from being another one tomorrow.
    assert_eq!(own(None, Some(1000), None, Some(0)), [format!("non_root {THE} {field} Warn")]);
}

#[test]
fn what_is_not_set_has_the_platforms_default() {
    let root = format!("read_only_root {THE} containers[api].securityContext.readOnlyRootFilesystem Bad");
    assert_eq!(inside(|it| it.security.read_only_root = None), std::slice::from_ref(&root));
    assert_eq!(inside(|it| it.security.read_only_root = Some(false)), [root]);
    let gains = format!("no_escalation {THE} containers[api].securityContext.allowPrivilegeEscalation Bad");
    assert_eq!(inside(|it| it.security.privilege_escalation = None), std::slice::from_ref(&gains));
    assert_eq!(inside(|it| it.security.privilege_escalation = Some(true)), std::slice::from_ref(&gains));
    for mighty in ["SYS_ADMIN", "CAP_SYS_ADMIN", "ALL"] {
        assert_eq!(inside(|it| it.security.added = [mighty.to_owned()].into()), std::slice::from_ref(&gains));
    }
    assert_eq!(inside(|it| it.security.added = ["NET_BIND_SERVICE".to_owned()].into()), Vec::<String>::new());
    let privileged = format!("no_host {THE} containers[api].securityContext.privileged Bad");
    assert_eq!(inside(|it| it.security.privileged = Some(true)), [gains, privileged]);
}

#[test]
fn nothing_shares_the_machine() {
    assert_eq!(pods(|it| it.host_network = true), [format!("no_host {THE} hostNetwork Bad")]);
    assert_eq!(pods(|it| it.host_pid = true), [format!("no_host {THE} hostPID Bad")]);
    assert_eq!(pods(|it| it.host_ipc = true), [format!("no_host {THE} hostIPC Bad")]);
    let path = pods(|it| it.host_paths = ["/var/run".to_owned()].into());
    assert_eq!(path, [format!("no_host {THE} volumes[hostPath /var/run] Bad")]);
}

#[test]
fn init_containers_count() {
    let broken = |it: &mut PodShape| {
        let security = Security { read_only_root: Some(false), ..container("x").security };
        it.containers.insert(0, Container { is_init: true, security, ..container("migrate") });
    };
    let field = "initContainers[migrate].securityContext.readOnlyRootFilesystem";
    assert_eq!(pods(broken), [format!("read_only_root {THE} {field} Bad")]);
}

#[test]
fn an_image_is_pinned_and_ours() {
    let digest = format!("sha256:{}", "b".repeat(64));
    let wrong = |image: &str| {
        let mut cluster = good();
        let image = image.to_owned();
        put(&mut cluster, "score-api", &shape(|it| it.containers[0].image = image), 0);
        of(&cluster, Rail::Images).findings.into_iter().map(|it| it.evidence).collect::<Vec<_>>().join(" | ")
    };
    let ours = "210987654321.dkr.ecr.ap-south-1.amazonaws.com";
    assert_eq!(wrong(&format!("{ours}/altscore/score-api:v1@{digest}")), "");
    let says = |image: &str, words: &str| assert!(wrong(image).contains(words), "{image}: {}", wrong(image));
    says(&format!("{ours}/altscore/score-api:v1"), "not pinned");
    says(&format!("{ours}/altscore/score-api@sha256:{}", "b".repeat(63)), "not pinned");
    says(&format!("{ours}/altscore/score-api@sha512:{}", "b".repeat(64)), "not pinned");
    says(&format!("210987654321.dkr.ecr.eu-west-1.amazonaws.com/a@{digest}"), "from region eu-west-1, not ap-south-1");
    says(
        &format!("999987654321.dkr.ecr.ap-south-1.amazonaws.com/a@{digest}"),
        "from account 999987654321, not 210987654321",
    );
    says(&format!("999987654321.dkr.ecr.eu-west-1.amazonaws.com/a@{digest}"), "in region eu-west-1");
    says(&format!("grafana/grafana@{digest}"), "Docker Hub");
    says(&format!("{ours}.evil.example/a@{digest}"), "evil.example");
    says(&format!("evil.example/{ours}/a@{digest}"), "from evil.example");
    // Both are wrong, and both are said.
    assert_eq!(wrong("nginx:latest").matches(" | ").count(), 1);
}

#[test]
fn no_secret_is_an_environment_variable() {
    let from = |name: &str, from: EnvFrom| {
        let source = EnvSource { name: name.to_owned(), from };
        inside(|it| it.env = vec![source])
    };
    let plain = EnvFrom::Literal { digest: String::new(), looks_secret: false };
    let secret = EnvFrom::Literal { digest: String::new(), looks_secret: true };
    for fine in [plain, EnvFrom::ConfigMap("c".to_owned()), EnvFrom::Field] {
        assert_eq!(from("X", fine), Vec::<String>::new());
    }
    assert_eq!(from("PW", secret), [format!("no_secret_env {THE} containers[api].env[PW] Bad")]);
    let one = EnvFrom::Secret("db".to_owned());
    assert_eq!(from("PW", one.clone()), [format!("no_secret_env {THE} containers[api].env[PW] Bad")]);
    assert_eq!(from("", one), [format!("no_secret_env {THE} containers[api].envFrom Bad")]);
}

#[test]
fn both_directions_are_denied_by_policies_for_every_pod() {
    let with = |change: &dyn Fn(&mut NetworkPolicy)| {
        let mut cluster = good();
        let name = meta("altscore-api", "deny-all").name;
        change(Arc::make_mut(cluster.network_policies.get_mut(&name).unwrap()));
        lines(&cluster)
    };
    let open = |direction: &str| format!("deny_all Namespace /altscore-api NetworkPolicy {direction} Bad");
    let both = [open("Egress"), open("Ingress")];
    assert_eq!(with(&|it| it.selects_all = false), both);
    assert_eq!(with(&|it| it.ingress = 1), [open("Ingress")]);
    assert_eq!(with(&|it| it.egress = 1), [open("Egress")]);
    assert_eq!(with(&|it| it.types.retain(|name| name != "Egress")), [open("Egress")]);
    // Without types Ingress is meant.
    assert_eq!(with(&|it| it.types.clear()), [open("Egress")]);
    // Two policies may do it together.
    let mut cluster = good();
    for (name, direction) in [("deny-all", "Ingress"), ("no-way-out", "Egress")] {
        let types = [direction.to_owned()].into();
        let it =
            NetworkPolicy { meta: meta("altscore-api", name), selects_all: true, types, ..NetworkPolicy::default() };
        cluster.network_policies.insert(it.meta.name.clone(), Arc::new(it));
    }
    assert_eq!(lines(&cluster), Vec::<String>::new());
    cluster.network_policies.retain(|name, _| &*name.namespace != "altscore-api");
    assert_eq!(lines(&cluster), both);
}

#[test]
fn a_quota_that_limits_nothing_is_none() {
    let mut cluster = good();
    let name = meta("altscore-api", "quota").name;
    Arc::make_mut(cluster.quotas.get_mut(&name).unwrap()).hard.clear();
    let missing = ["quota Namespace /altscore-api ResourceQuota Bad"];
    assert_eq!(lines(&cluster), missing);
    cluster.quotas.remove(&name);
    assert_eq!(lines(&cluster), missing);
}

#[test]
fn a_mode_that_is_not_set_is_its_parents() {
    let with = |change: &dyn Fn(&mut Cluster)| {
        let mut cluster = good();
        change(&mut cluster);
        lines(&cluster)
    };
    let api = "altscore-api";
    let own = "strict_mtls PeerAuthentication altscore-api/default spec.mtls.mode Bad";
    for unset in ["", "UNSET", "STRICT"] {
        assert_eq!(with(&|it| mesh(it, api, "default", unset, |_| {})), Vec::<String>::new());
    }
    for plain in ["PERMISSIVE", "DISABLE", "strict"] {
        assert_eq!(with(&|it| mesh(it, api, "default", plain, |_| {})), [own]);
    }
    // Mesh-wide: whoever says nothing has it; whoever says STRICT does not.
    let (inherits, root) = (
        "strict_mtls Namespace /altscore-api PeerAuthentication Bad",
        "strict_mtls PeerAuthentication istio-system/default spec.mtls.mode Bad",
    );
    assert_eq!(with(&|it| mesh(it, "istio-system", "default", "PERMISSIVE", |_| {})), [inherits, root]);
    let strict = with(&|it| {
        mesh(it, "istio-system", "default", "PERMISSIVE", |_| {});
        mesh(it, api, "default", "STRICT", |_| {});
    });
    assert_eq!(strict, [root]);
    // Nobody says anything, or it is not installed: Istio takes plain traffic.
    let nothing = [inherits, "strict_mtls Namespace /istio-system PeerAuthentication Bad"];
    assert_eq!(with(&|it| it.mtls.clear()), nothing);
    let absent = Reach { absent: true, ..Reach::default() };
    let not_installed = with(&|it| {
        it.mtls.clear();
        it.reach.insert(Kind::PeerAuthentication, absent.clone());
    });
    assert_eq!(not_installed, nothing);
    // Of several the oldest counts.
    let several = |older: &str, newer: &str| {
        with(&|it| {
            mesh(it, api, "one", newer, |it| it.meta.created = Some(at(2)));
            mesh(it, api, "two", older, |it| it.meta.created = Some(at(1)));
        })
    };
    assert_eq!(several("STRICT", "PERMISSIVE"), Vec::<String>::new());
    let two = ["strict_mtls PeerAuthentication altscore-api/two spec.mtls.mode Bad"];
    assert_eq!(several("PERMISSIVE", "STRICT"), two);
}

#[test]
fn ports_and_selectors_make_holes() {
    let with = |mode: &str, port: &str, has_selector: bool| {
        let mut cluster = good();
        mesh(&mut cluster, "altscore-api", "hole", mode, |it| {
            it.has_selector = has_selector;
            it.ports = [("8080".to_owned(), port.to_owned())].into();
        });
        lines(&cluster)
    };
    let hole = |field: &str| format!("strict_mtls PeerAuthentication altscore-api/hole {field} Bad");
    assert_eq!(with("UNSET", "UNSET", true), Vec::<String>::new());
    assert_eq!(with("STRICT", "STRICT", true), Vec::<String>::new());
    assert_eq!(with("STRICT", "PERMISSIVE", true), [hole("spec.portLevelMtls[8080].mode")]);
    assert_eq!(with("", "DISABLE", true), [hole("spec.portLevelMtls[8080].mode")]);
    assert_eq!(with("DISABLE", "STRICT", true), [hole("spec.mtls.mode")]);
    // Without a selector Istio ignores ports.
    assert_eq!(with("STRICT", "DISABLE", false), Vec::<String>::new());
}

#[test]
fn there_is_room_to_grow() {
    let with = |change: &dyn Fn(&mut Scaler)| {
        let mut cluster = good();
        scale(&mut cluster, change);
        lines(&cluster)
    };
    let line =
        |field: &str, tone: &str| format!("headroom HorizontalPodAutoscaler altscore-api/score-api {field} {tone}");
    let measured = "status.currentMetrics[cpu].averageUtilization";
    assert_eq!(with(&|it| it.metrics[0].2 = Some(70)), Vec::<String>::new());
    assert_eq!(with(&|it| it.metrics[0].2 = Some(71)), [line(measured, "Warn")]);
    assert_eq!(with(&|it| it.metrics[0].2 = None), [line(measured, "Unknown")]);
    assert_eq!(with(&|it| it.metrics.clear()), [line("spec.metrics", "Unknown")]);
    let target = line("spec.metrics[cpu].target.averageUtilization", "Bad");
    assert_eq!(with(&|it| it.metrics[0].1 = Some(71)), [target]);
    assert_eq!(with(&|it| it.current = 14), Vec::<String>::new());
    assert_eq!(with(&|it| it.current = 15), [line("status.currentReplicas", "Warn")]);
    assert_eq!(with(&|it| it.desired = 20), [line("status.currentReplicas", "Bad")]);
    assert_eq!(with(&|it| it.max = 3), [line("status.currentReplicas", "Bad")]);
}
