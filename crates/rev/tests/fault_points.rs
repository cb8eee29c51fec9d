//! The named fault points: before a call nothing is done, after it everything is and nobody knows.

mod scene;

use fail::FailScenario;
use scene::{Scene, customer, number};

/// One test for all of them: fault points belong to the process.
#[tokio::test]
async fn a_fault_point_before_has_no_effect_and_one_after_has_it() {
    let scenario = FailScenario::setup();
    let scene = Scene::new().await;
    assert_eq!(scene.open(1).await.class.name(), "done");

    fail::cfg("rev.open_line.before", "1*return").unwrap();
    assert_eq!(scene.open(2).await.class.name(), "unknown");
    assert_eq!(scene.stand_in.creates_of("AMOP-2"), 0);
    fail::cfg("rev.open_line.after", "1*return(lost)").unwrap();
    let answer = scene.open(3).await;
    assert_eq!(answer.class.name(), "unknown");
    assert_eq!(answer.exchange.response, "lost");
    assert_eq!(scene.stand_in.creates_of("AMOP-3"), 1);

    for point in ["rev.lines.before", "rev.lines.after"] {
        fail::cfg(point, "1*return").unwrap();
        let answer = scene
            .client
            .lines(&scene.account, &number(1), None, 1)
            .await;
        assert_eq!(answer.class.name(), "unknown", "{point}");
    }
    for point in ["rev.customer.before", "rev.customer.after"] {
        fail::cfg(point, "1*return").unwrap();
        let answer = scene.client.customer(&scene.account, &customer()).await;
        assert_eq!(answer.class.name(), "unknown", "{point}");
    }
    for point in ["rev.products.before", "rev.products.after"] {
        fail::cfg(point, "1*return").unwrap();
        let answer = scene.client.products(&scene.account, &customer(), 1).await;
        assert_eq!(answer.class.name(), "unknown", "{point}");
    }
    for point in ["rev.token.before", "rev.token.after"] {
        fail::cfg(point, "1*return").unwrap();
        let answer = scene.client.token(&scene.account).await;
        assert_eq!(answer.class.name(), "unknown", "{point}");
    }
    assert_eq!(scene.open(4).await.class.name(), "done");
    scenario.teardown();
}
