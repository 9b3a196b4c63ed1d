//! Ten thousand clients that leave too early, or take their time, and what is left of them. A
//! program of its own, as it counts the memory of the process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod on_actix;
mod on_axum;
#[path = "../actix/server.rs"]
#[expect(dead_code, reason = "these clients have no use for an answer")]
mod server;
mod stage;
mod waves;

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axum_keeps_nothing_of_clients_that_leave_while_the_store_is_asked() {
    waves::while_the_store_is_asked(async |stage| on_axum::serve(stage).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axum_keeps_nothing_of_clients_that_leave_while_the_handler_works() {
    waves::while_the_handler_works(async |stage| on_axum::serve(stage).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axum_keeps_nothing_of_slow_clients() {
    waves::while_the_body_comes(async |stage| on_axum::serve(stage).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn actix_keeps_nothing_of_clients_that_leave_while_the_store_is_asked() {
    waves::while_the_store_is_asked(async |stage| on_actix::serve(stage)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn actix_keeps_nothing_of_clients_that_leave_while_the_handler_works() {
    waves::while_the_handler_works(async |stage| on_actix::serve(stage)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn actix_keeps_nothing_of_slow_clients() {
    waves::while_the_body_comes(async |stage| on_actix::serve(stage)).await;
}
