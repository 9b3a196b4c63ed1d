//! The contract of programs, kept by one that is made with actix-web.

mod program;

const NAME: &str = "bigspin-actix";
const PROGRAM: &str = env!("CARGO_BIN_EXE_bigspin-actix-under-test");

#[tokio::test]
async fn what_a_client_does_wrong_is_no_error_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let program = keyward_tests::Program::start(PROGRAM, folder.path(), &[]).await;
    let mut client = keyward_tests::Raw::connect(program.address).await;
    client.send(b"no HTTP\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 400);
    assert!(client.is_closed().await);
    program.signal(rustix::process::Signal::TERM);
    let log = program.end().await.stderr;
    assert!(log.contains("ends when") && !log.contains("ERROR"), "{log}");
}
