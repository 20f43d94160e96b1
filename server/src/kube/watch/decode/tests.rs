//! What is kept, and what is refused.

use super::{Pool, Why, decode};
use crate::kube::watch::Fact;
use chrono::DateTime;
use gatehouse_domain::environments::facts::{EnvFrom, Kind, Pod};
use serde_json::{Value, json};
use std::sync::Arc;

fn read(kind: Kind, value: &Value) -> Result<Fact, Why> {
    decode(kind, value, DateTime::UNIX_EPOCH, &mut Pool::default())
}

fn pod(value: &Value) -> Arc<Pod> {
    let Ok(Fact::Pod(pod)) = read(Kind::Pod, value) else { unreachable!("a pod: {value}") };
    pod
}

#[test]
fn no_value_of_a_variable_is_kept() {
    let pod = pod(&json!({
        "metadata": { "name": "a" },
        "spec": { "containers": [{ "name": "c", "image": "i", "env": [
            { "name": "DB_PASSWORD", "value": "hunter2-hunter2" },
            { "name": "PLAIN", "value": "postgres://u:hunter3@host/db" },
            { "name": "TOKEN_URL", "value": "https://idp.example/token" },
            { "name": "S", "valueFrom": { "secretKeyRef": { "name": "db", "key": "k" } } },
        ] }] },
    }));
    let debug = format!("{pod:?}");
    assert!(!debug.contains("hunter2") && !debug.contains("hunter3"), "{debug}");
    let secret: Vec<Option<bool>> = pod
        .shape
        .containers
        .iter()
        .flat_map(|it| &it.env)
        .map(|it| match &it.from {
            EnvFrom::Literal { looks_secret, .. } => Some(*looks_secret),
            _ => None,
        })
        .collect();
    assert_eq!(secret, [Some(true), Some(true), Some(false), None]);
}

#[test]
fn the_worst_word_of_a_pod_is_the_newest_that_is_trouble() {
    let status = |state: Value, last: Value| {
        pod(&json!({ "metadata": { "name": "a" }, "status": { "containerStatuses": [
            { "name": "c", "restartCount": 3, "imageID": "docker.io/a@sha256:ab", "state": state, "lastState": last },
        ] } }))
    };
    let died = json!({ "terminated": { "reason": "OOMKilled", "finishedAt": "2026-11-20T10:00:00Z" } });
    let looping = status(json!({ "waiting": { "reason": "CrashLoopBackOff" } }), died.clone());
    assert_eq!((looping.reason.as_deref(), looping.restarts), (Some("CrashLoopBackOff"), 3));
    assert_eq!(looping.digests.values().map(|it| it.to_string()).collect::<Vec<_>>(), ["sha256:ab"]);
    assert!(looping.restarted.is_some());
    assert_eq!(status(json!({ "running": {} }), died).reason.as_deref(), Some("OOMKilled"));
    assert_eq!(status(json!({ "waiting": { "reason": "ContainerCreating" } }), json!({})).reason, None);
}

#[test]
fn a_field_of_another_type_refuses_the_object_and_names_only_the_field() {
    let poison = json!({ "metadata": { "name": "a" }, "spec": "hunter2" });
    for kind in super::super::ALL {
        // It has no spec.
        if kind == Kind::ConfigMap {
            continue;
        }
        let refused = read(kind, &poison).err().unwrap_or_else(|| Why(format!("{kind:?} took it")));
        assert_eq!(refused.0, "spec is not an object", "{kind:?}");
    }
    assert!(read(Kind::ConfigMap, &json!({ "metadata": { "name": "a" }, "data": 1 })).is_err());
    for broken in
        [json!("text"), json!({}), json!({ "metadata": { "name": 1 } }), json!({ "metadata": { "name": "" } })]
    {
        for kind in super::super::ALL {
            assert!(read(kind, &broken).is_err(), "{kind:?} {broken}");
        }
    }
}
