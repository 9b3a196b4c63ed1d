//! The program `grpc`.

use keyward_tests::System;
use rustix::process::Signal;
use tokio::process::Command;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::stage::{connect, next, with_keys};

const PROGRAM: &str = env!("CARGO_BIN_EXE_grpc-under-test");

#[tokio::test]
async fn the_program_shows_a_key_what_it_may_see() {
    let system = System::start(PROGRAM, "").await;
    let mut client = HealthClient::new(connect(system.program.address).await);
    let mut check = async |label: &str, machine: &str| {
        let message = HealthCheckRequest { service: machine.to_owned() };
        let answer = client.check(with_keys(message, &[system.program.key(label)])).await;
        answer.map(|answer| answer.into_inner().status).map_err(|status| status.code())
    };
    assert_eq!(check("all", "billing").await, Ok(1));
    assert_eq!(check("all", "search").await, Ok(2));
    assert_eq!(check("all", "nowhere").await, Err(Code::NotFound));
    assert_eq!(check("billing", "billing").await, Ok(1));
    assert_eq!(check("billing", "search").await, Err(Code::PermissionDenied));
    assert_eq!(check("noscope", "billing").await, Err(Code::PermissionDenied));
    assert_eq!(check("other", "billing").await, Ok(2), "its own workspace's");
    assert_eq!(check("other", "search").await, Err(Code::NotFound));

    let message = HealthCheckRequest { service: "search".to_owned() };
    let request = with_keys(message, &[system.program.key("all")]);
    let mut changes = client.watch(request).await.unwrap().into_inner();
    assert_eq!(next(&mut changes).await.unwrap().unwrap().status, 2);
}

#[tokio::test]
async fn the_program_keeps_the_contract_of_all_programs() {
    let System { program, folder, .. } = System::start(PROGRAM, "").await;
    assert_eq!(program.keys().len(), 4);
    let calls = program.lines.iter().filter(|line| line.contains("curl "));
    let mut statuses = Vec::new();
    for call in calls {
        let mut shell = Command::new("sh");
        let output = shell.args(["-c", call]).env("NO_PROXY", "*").output().await.unwrap();
        let answer = String::from_utf8_lossy(&output.stdout);
        // In the head or, behind the message, in the trailers.
        let (_, status) = answer.split_once("grpc-status: ").unwrap_or_else(|| panic!("{answer}"));
        statuses.push(status.lines().next().unwrap().to_owned());
    }
    assert_eq!(statuses, ["0", "7"]);
    assert!(folder.path().join("grpc.db").exists(), "the default store");
    let _waits_for_no_one = connect(program.address).await;
    program.signal(Signal::TERM);
    let ended = program.end().await;
    assert_eq!((ended.code, &*ended.stdout), (Some(0), ""), "{ended:?}");
}
