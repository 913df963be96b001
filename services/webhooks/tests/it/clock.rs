//! A machine whose clock jumps.

use std::time::Duration;

use chrono::TimeDelta;
use standardwebhooks::Webhook;
use witan_clock::{Clock, ManualClock};
use witan_testkit::{Reply, TestService, sink};
use witan_webhooks::Webhooks;

use crate::{delivery_in, endpoint, startup};

async fn start(time: &ManualClock) -> TestService<Webhooks> {
    TestService::start_with(|builder| builder.clock(time.clock()).env("WEBHOOKS_SCHEDULE", "5m,30m,2h")).await
}

#[tokio::test]
async fn an_hour_forward_makes_one_attempt_of_each_that_waited_and_signs_it_with_the_new_time() {
    let time = ManualClock::at(Clock::system().now());
    let (mut service, partner) = (start(&time).await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    partner.reply_always(Reply::status(500));
    for _ in 0..3 {
        startup(&service, service.workspace).await;
    }
    partner.wait_for(3).await;
    assert!(service.halt().await);
    time.advance(Duration::from_secs(3600));
    service.resume().await.unwrap();
    let received = partner.wait_for(6).await;
    // The next wait is half an hour of the new time: a jump is no reason to make up for what it skipped.
    let other = sink().await;
    endpoint(&service.admin(), &other.url("/"), &["*"]).await;
    startup(&service, service.workspace).await;
    other.wait_for(1).await;
    assert_eq!(partner.received().len(), 6);
    for attempt in &received[3..] {
        assert_eq!(attempt.header("webhook-timestamp"), time.clock().now().timestamp().to_string());
        let (id, at) = (attempt.header("webhook-id"), time.clock().now().timestamp());
        let expected = Webhook::new(made["secret"].as_str().unwrap()).unwrap().sign(id, at, &attempt.body);
        assert_eq!(attempt.header("webhook-signature"), expected.unwrap());
    }
}

#[tokio::test]
async fn an_hour_back_delivers_what_happens_then_and_forgets_nothing() {
    let time = ManualClock::at(Clock::system().now());
    let (mut service, partner) = (start(&time).await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    partner.reply_next(Reply::status(500));
    startup(&service, service.workspace).await;
    partner.wait_for(1).await;
    assert!(service.halt().await);
    let before = time.clock().now();
    time.set(before - TimeDelta::hours(1));
    service.resume().await.unwrap();
    startup(&service, service.workspace).await;
    let received = partner.wait_for(2).await;
    assert_ne!(received[0].header("webhook-id"), received[1].header("webhook-id"));
    assert_eq!(received[1].header("webhook-timestamp"), time.clock().now().timestamp().to_string());
    assert!(service.halt().await);
    time.set(before + TimeDelta::minutes(7));
    service.resume().await.unwrap();
    let received = partner.wait_for(3).await;
    assert_eq!(received[0].header("webhook-id"), received[2].header("webhook-id"));
    delivery_in(&service.admin(), &made, "SUCCEEDED").await;
}
