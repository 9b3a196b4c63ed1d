//! A minute admits exactly its limit, from however many connections.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use keyward::dialect::Dialect;
use keyward::manage::KeyUpdate;
use keyward_tests::Raw;

use crate::stage::{Serving, Stage};

const CONNECTIONS: usize = 64;

/// How many of a connection's requests were admitted.
async fn hammer(address: SocketAddr, key: String, requests: usize) -> usize {
    let mut connection = Raw::connect(address).await;
    let request = format!("GET / HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {key}\r\n\r\n");
    let mut admitted = 0;
    for _ in 0..requests {
        let answer = connection.ask(request.as_bytes()).await.unwrap();
        match answer.status {
            200 => admitted += 1,
            status => {
                assert_eq!(status, 429, "{}", answer.body);
                assert_eq!(answer.header("ratelimit"), Some(r#""default";r=0;t=60"#));
            }
        }
    }
    admitted
}

async fn hammer_from_all(addresses: &[SocketAddr], key: &str, requests: usize) -> usize {
    let senders = (0..CONNECTIONS).map(|number| {
        let address = addresses[number % addresses.len()];
        tokio::spawn(hammer(address, key.to_owned(), requests))
    });
    let mut admitted = 0;
    for sender in senders.collect::<Vec<_>>() {
        admitted += sender.await.unwrap();
    }
    admitted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_minute_admits_exactly_its_limit() {
    let stage = Stage::of(Dialect::standard()).await;
    let serving = stage.serve().await;
    let addresses = serving.each_ref().map(Serving::address);
    // Of one framework, of the other, and of both at once: they have one verifier.
    for addresses in [&addresses[..1], &addresses[1..], &addresses[..]] {
        let (_, key) = stage.key(500).await;
        for _ in 0..2 {
            assert_eq!(hammer_from_all(addresses, key.expose(), 20).await, 500);
            stage.clock.advance(Duration::from_mins(1));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_limit_that_changes_under_fire_admits_no_more_than_the_largest() {
    let stage = Arc::new(Stage::of(Dialect::standard()).await);
    let serving = stage.serve().await;
    let addresses = serving.each_ref().map(Serving::address);
    let (id, key) = stage.key(100).await;
    let changes = Arc::new(AtomicUsize::new(0));
    let changing = {
        let (stage, changes) = (Arc::clone(&stage), Arc::clone(&changes));
        tokio::spawn(async move {
            for requests in [150, 50, 200].into_iter().cycle() {
                let update = KeyUpdate::new().with_rate_limit_per_min(NonZeroU32::new(requests));
                stage.manager.update(&id, update).await.unwrap();
                changes.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
    };
    let mut admitted = 0;
    while changes.load(Ordering::SeqCst) < 10 || admitted < 200 {
        admitted += hammer_from_all(&addresses, key.expose(), 5).await;
        assert!(admitted <= 200, "{admitted}");
    }
    changing.abort();
}
