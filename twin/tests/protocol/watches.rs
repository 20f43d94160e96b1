//! Watching, by the real client: what is seen, what is told when it cannot be, and at what price.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures::{Stream, StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DynamicObject, ListParams, WatchEvent, WatchParams};
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, ResourceExt};
use serde_json::json;

use super::kubernetes::client;
use super::twin;

const NS: &str = "altscore-data";
/// How many the measurement takes.
const EVENTS: u32 = 20_000;

/// The next event, or a failure instead of waiting for ever.
async fn next<T>(stream: &mut (impl Stream<Item = T> + Unpin)) -> T {
    tokio::time::timeout(Duration::from_secs(20), stream.next())
        .await
        .expect("an event")
        .expect("a stream that goes on")
}

fn words(event: &WatchEvent<Pod>) -> (String, String) {
    match event {
        WatchEvent::Added(pod) => ("ADDED".to_owned(), pod.name_any()),
        WatchEvent::Modified(pod) => ("MODIFIED".to_owned(), pod.name_any()),
        WatchEvent::Deleted(pod) => ("DELETED".to_owned(), pod.name_any()),
        WatchEvent::Bookmark(mark) => ("BOOKMARK".to_owned(), mark.metadata.resource_version.clone()),
        WatchEvent::Error(status) => ("ERROR".to_owned(), format!("{} {}", status.code, status.reason)),
    }
}

#[tokio::test]
async fn every_event_comes_once_and_in_order_from_where_the_list_ended() {
    let twin = twin().await;
    let cluster = twin.kubernetes();
    let pods: Api<Pod> = Api::namespaced(client(&twin), NS);
    cluster.add_pods(NS, "old", 2);
    let listed = pods.list(&ListParams::default()).await.unwrap().metadata.resource_version.unwrap();
    // Before the watch begins, and while it runs; in this namespace, and in others.
    cluster.add_pods(NS, "new", 1);
    let mut stream = pods.watch(&WatchParams::default(), &listed).await.unwrap().boxed();
    assert_eq!(words(&next(&mut stream).await.unwrap()), ("ADDED".to_owned(), "new-0".to_owned()));
    cluster.add_pods("altscore-ml", "elsewhere", 1);
    cluster.touch_pod(NS, "old-1", 4);
    cluster.delete("pods", NS, "old-0");
    let changed = next(&mut stream).await.unwrap();
    let WatchEvent::Modified(pod) = &changed else { panic!("{changed:?}") };
    assert_eq!(pod.status.as_ref().unwrap().container_statuses.as_ref().unwrap()[0].restart_count, 4);
    assert_eq!(words(&next(&mut stream).await.unwrap()), ("DELETED".to_owned(), "old-0".to_owned()));
    cluster.bookmark();
    let mark = words(&next(&mut stream).await.unwrap());
    assert_eq!(mark, ("BOOKMARK".to_owned(), cluster.revision().to_string()));
}

#[tokio::test]
async fn an_object_that_leaves_a_selector_is_deleted_to_its_watcher() {
    let twin = twin().await;
    let cluster = twin.kubernetes();
    let pods: Api<Pod> = Api::namespaced(client(&twin), NS);
    cluster.add_pods(NS, "it", 1);
    let from = cluster.revision().to_string();
    let red = WatchParams::default().labels("colour in (red, green)");
    let mut stream = pods.watch(&red, &from).await.unwrap().boxed();
    let paint = |colour: &str| {
        assert!(cluster.patch("pods", NS, "it-0", &json!({ "metadata": { "labels": { "colour": colour } } })))
    };
    for colour in ["red", "green", "blue"] {
        paint(colour);
    }
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(words(&next(&mut stream).await.unwrap()).0);
    }
    assert_eq!(seen, ["ADDED", "MODIFIED", "DELETED"]);
}

#[tokio::test]
async fn what_is_too_long_ago_is_410_and_the_watcher_lists_again() {
    let twin = twin().await;
    let cluster = twin.kubernetes();
    let pods: Api<Pod> = Api::namespaced(client(&twin), NS);
    cluster.add_pods(NS, "it", 3);
    let old = cluster.revision().to_string();
    let mut stream = watcher(pods.clone(), watcher::Config::default()).boxed();
    assert!(matches!(next(&mut stream).await.unwrap(), Event::Init));
    for _ in 0..3 {
        assert!(matches!(next(&mut stream).await.unwrap(), Event::InitApply(_)));
    }
    assert!(matches!(next(&mut stream).await.unwrap(), Event::InitDone));
    cluster.touch_pod(NS, "it-0", 1);
    assert!(matches!(next(&mut stream).await.unwrap(), Event::Apply(_)));
    cluster.compact();
    let told = next(&mut stream).await;
    assert!(matches!(&told, Err(watcher::Error::WatchError(status)) if status.code == 410), "{told:?}");
    assert!(matches!(next(&mut stream).await.unwrap(), Event::Init));
    let mut raw = pods.watch(&WatchParams::default(), &old).await.unwrap().boxed();
    assert_eq!(words(&next(&mut raw).await.unwrap()), ("ERROR".to_owned(), "410 Expired".to_owned()));
    assert!(raw.next().await.is_none(), "a watch that was told 410 is over");
}

#[tokio::test]
async fn a_watch_that_is_broken_off_is_taken_up_where_it_was() {
    let twin = twin().await;
    let cluster = twin.kubernetes();
    let pods: Api<Pod> = Api::namespaced(client(&twin), NS);
    cluster.add_pods(NS, "it", 1);
    let mut stream = watcher(pods, watcher::Config::default()).boxed();
    while !matches!(next(&mut stream).await.unwrap(), Event::InitDone) {}
    // Once a change was seen, the watch is there to be broken off.
    cluster.touch_pod(NS, "it-0", 1);
    assert!(matches!(next(&mut stream).await.unwrap(), Event::Apply(_)));
    cluster.drop_watches();
    cluster.touch_pod(NS, "it-0", 7);
    // The break may be told as an error; what happened meanwhile is not lost, and nothing is listed again.
    loop {
        match next(&mut stream).await {
            Ok(Event::Apply(pod)) => {
                assert_eq!(pod.status.unwrap().container_statuses.unwrap()[0].restart_count, 7);
                break;
            }
            Ok(other) => panic!("{other:?}"),
            Err(_) => {}
        }
    }
    assert_eq!((twin.faults().calls("kube.pods"), twin.faults().calls("kube.watch.pods")), (1, 2));
}

#[tokio::test]
async fn a_streaming_list_says_where_it_ends() {
    let twin = twin().await;
    twin.kubernetes().add_pods(NS, "it", 5);
    let pods: Api<Pod> = Api::namespaced(client(&twin), NS);
    let mut stream = watcher(pods, watcher::Config::default().streaming_lists()).boxed();
    let mut init = 0;
    while !matches!(next(&mut stream).await.unwrap(), Event::InitDone) {
        init += 1;
    }
    assert_eq!((init, twin.faults().calls("kube.pods")), (6, 0));
}

#[tokio::test]
async fn a_poisoned_object_spoils_no_more_than_itself() {
    let twin = twin().await;
    let cluster = twin.kubernetes();
    cluster.add_pods(NS, "it", 2);
    assert!(cluster.poison("pods", NS, "it-0"));
    let pods: Api<Pod> = Api::namespaced(client(&twin), NS);
    assert!(matches!(pods.list(&ListParams::default()).await, Err(kube::Error::SerdeError(_))));
    assert_eq!(pods.get("it-1").await.unwrap().name_any(), "it-1");
    let loose: Api<DynamicObject> =
        Api::namespaced_with(client(&twin), NS, &kube::core::ApiResource::erase::<Pod>(&()));
    assert_eq!(loose.get("it-0").await.unwrap().data["spec"], "not a spec");
}

#[tokio::test]
async fn ten_thousand_pods_are_listed_in_chunks_and_a_burst_is_seen_whole() {
    let twin = twin().await;
    let cluster = twin.kubernetes();
    cluster.add_pods(NS, "it", 10_000);
    let pods: Api<Pod> = Api::namespaced(client(&twin), NS);
    let mut stream = watcher(pods, watcher::Config::default()).boxed();
    let mut listed = 0;
    while !matches!(next(&mut stream).await.unwrap(), Event::InitDone) {
        listed += 1;
    }
    assert_eq!(listed, 10_001);
    assert_eq!(twin.faults().calls("kube.pods"), 20);
    for round in 0..1_000_u32 {
        cluster.touch_pod(NS, &format!("it-{}", round % 10), round);
    }
    let mut last = 0;
    for _ in 0..1_000 {
        let Event::Apply(pod) = next(&mut stream).await.unwrap() else { panic!("not a change") };
        last = pod.status.unwrap().container_statuses.unwrap()[0].restart_count;
    }
    assert_eq!(last, 999);
}

/// How much the cluster gives: `cargo test -p twin -- --ignored --nocapture throughput`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn throughput_of_list_and_watch() {
    let twin = twin().await;
    let cluster = twin.kubernetes();
    cluster.add_pods(NS, "it", 10_000);
    let pods: Api<Pod> = Api::namespaced(client(&twin), NS);
    let begun = Instant::now();
    let from = pods.list(&ListParams::default()).await.unwrap().metadata.resource_version.unwrap();
    println!("list of 10,000 pods, decoded: {:?}", begun.elapsed());
    let watch = pods.watch(&WatchParams::default().disable_bookmarks(), &from).await.unwrap();
    let read = Arc::new(AtomicU32::new(0));
    let begun = Instant::now();
    let seen = read.clone();
    let writer = tokio::task::spawn_blocking(move || {
        for round in 0..EVENTS {
            // Not so far ahead that the cluster forgets what was not read yet.
            while round > seen.load(Ordering::Relaxed) + 4_000 {
                std::thread::yield_now();
            }
            cluster.touch_pod(NS, &format!("it-{}", round % 10_000), round);
        }
    });
    let count = |event: WatchEvent<Pod>| {
        assert!(matches!(event, WatchEvent::Modified(_)));
        read.fetch_add(1, Ordering::Relaxed);
        std::future::ready(Ok(()))
    };
    watch.take(EVENTS as usize).try_for_each(count).await.unwrap();
    writer.await.unwrap();
    let rate = f64::from(EVENTS) / begun.elapsed().as_secs_f64();
    println!("{EVENTS} events written, watched and decoded in {:?}: {rate:.0} a second", begun.elapsed());
}
