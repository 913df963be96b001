//! Passwords that attackers have.

use serde_json::json;
use witan_testkit::{Reply, Sink, sink};

use crate::world::World;

const REGISTER: &str = "/api/v1/auth/register";
/// SHA-1: BFD3617727EAB0E800E62A776C76381DEFBC4145.
const KNOWN: &str = "correct horse battery staple";

async fn world(list: &Sink) -> World {
    let url = list.url("");
    World::start_with(|builder| builder.env("AUTH_BREACHES_URL", url)).await
}

fn body(password: &str) -> serde_json::Value {
    json!({"email": "ada@example.org", "password": password})
}

#[tokio::test]
async fn a_breached_password_is_refused_and_only_five_digits_of_its_hash_leave() {
    let list = sink().await;
    let world = world(&list).await;
    let line = &sha1(KNOWN)[5..];
    list.reply_always(Reply::status(200).body(format!("{}:0\r\n{line}:2\r\n", "0".repeat(35))));
    let refused = world.anon().post(REGISTER, body(KNOWN)).await;
    let refused = refused.expect_problem(422, "validation.failed");
    assert_eq!(refused.text_at("/errors/0/code"), "auth.password_breached");
    assert_eq!(world.count("registrations").await, 0);
    let asked = &list.received()[0];
    assert_eq!(asked.path, format!("/range/{}", &sha1(KNOWN)[..5]));
    assert_eq!(asked.header("add-padding"), "true");
    let _ = world.anon().post(REGISTER, body("violet mountains hum at dusk")).await.expect(202);
    assert_eq!(world.audited("REGISTER").await["details"]["breaches"], "unknown");
}

#[tokio::test]
async fn padding_is_no_breach() {
    let list = sink().await;
    let world = world(&list).await;
    list.reply_always(Reply::status(200).body(format!("{}:0\r\n", &sha1(KNOWN)[5..])));
    let _ = world.anon().post(REGISTER, body(KNOWN)).await.expect(202);
}

#[tokio::test]
async fn a_list_that_is_away_keeps_nobody_out_and_that_is_recorded() {
    let list = sink().await;
    let world = world(&list).await;
    list.reply_always(Reply::status(503));
    for _ in 0..7 {
        let _ = world.anon().post(REGISTER, body(KNOWN)).await.expect(202);
        assert_eq!(world.audited("REGISTER").await["details"]["breaches"], "unchecked");
    }
    assert_eq!(list.received().len(), 5, "after five failures it is left alone for a while");
}

fn sha1(text: &str) -> String {
    use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
    digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes())
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect()
}
