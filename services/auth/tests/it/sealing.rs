//! What is sealed outlives the encryption key that it was sealed with.

use std::time::Duration;

use witan_testkit::eventually;

use crate::phone::{Phone, challenged, show_code};
use crate::world::World;

const ADA: &str = "ada@example.org";
const OLD: &str = "k0:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NEW: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// The ids of the keys that everything is sealed with.
async fn keys(world: &World) -> Vec<String> {
    let database = world.service.database().superuser().await.unwrap();
    let query = "SELECT DISTINCT convert_from(substring(sealed FROM 3 FOR 2), 'UTF8') AS id FROM (
            SELECT sealed FROM auth.secrets UNION ALL SELECT secret FROM auth.signing_keys
            UNION ALL SELECT secret FROM auth.totp_factors
        ) AS all_of_them ORDER BY id";
    database.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_with_a_code_works_after_the_old_key_was_taken_away() {
    let mut world = World::start_with(|builder| builder.env("WITAN_ENCRYPTION_KEYS", OLD)).await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let phone = Phone::of(&world, &access).await;
    assert_eq!(keys(&world).await, ["k0"]);
    world.service.halt().await;
    world.service.set_env("WITAN_ENCRYPTION_KEYS", &format!("{NEW},{OLD}"));
    world.time.advance(Duration::from_secs(3601));
    Box::pin(world.service.resume()).await.unwrap();
    eventually("everything is sealed anew", async || keys(&world).await == ["k1"]).await;
    world.service.halt().await;
    world.service.set_env("WITAN_ENCRYPTION_KEYS", NEW);
    Box::pin(world.service.resume()).await.unwrap();
    let challenge = challenged(&world, ADA).await;
    let session = show_code(&world, &challenge, &phone.next_code(&world)).await.expect(200);
    let _ = world.with_token(&session.text_at("/accessToken")).get("/api/v1/auth/me").await.expect(200);
}
