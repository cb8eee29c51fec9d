//! A start with a setting that cannot be: the process ends, says which one it was, and asks for no event.

use end_to_end::function::{Function, environment_without_neighbours};

use crate::instance::started;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_variable_ends_the_start_with_its_name_and_without_a_secret() {
    let of_both = [
        ("CENTRAL_CONNECTION_STRING", "Server=x;Password=fake-secret"),
        ("CENTRAL_CONNECTION_STRING", ""),
        ("CENTRAL_CA_FILE", "/nowhere/authorities.pem"),
        ("QUEUE_URL", ""),
        ("REV_CALLS_PER_MINUTE", "fake-secret"),
        ("LOG_LEVEL", "loud"),
    ];
    let of_intake = [("OIDC_ISSUER", "http://issuer.example")];
    let of_consumer = [
        ("REV_ALLOW_HTTP_LOOPBACK", "fake-secret"),
        ("AMOP_SYNC_URL", "fake-secret"),
    ];
    let intake = of_both.iter().chain(&of_intake);
    let consumer = of_both.iter().chain(&of_consumer);
    let all = intake
        .map(|change| (Function::Intake, change))
        .chain(consumer.map(|change| (Function::Consumer, change)));
    for (function, &(name, value)) in all {
        let mut environment = environment_without_neighbours();
        environment.retain(|(variable, _)| *variable != name);
        environment.push((name, value.to_owned()));
        let process = started(function, environment).await;
        let status = process.exit().await;
        let lines = process.lines();
        assert_eq!(status.code(), Some(1), "{function:?} {name}: {lines:#?}");
        let told = lines.join("\n");
        assert!(told.contains(name), "{function:?} {name}: {told}");
        assert!(!told.contains("fake-secret"), "{function:?} {name}: {told}");
    }
}
