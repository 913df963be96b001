//! A workspace that is deleted is gone from every service, and nothing else is.

use std::time::Duration;

use serde_json::json;
use witan_testkit::{eventually, eventually_within};

use crate::furniture::furnish_both;
use crate::tables::all_rows_by_owner;
use crate::world::World;

const GRACE: Duration = Duration::from_secs(31 * 24 * 3600);
/// Passes over what is due are seconds apart, and six services take their part.
const PATIENCE: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread")]
async fn what_every_service_holds_goes_with_the_workspace() {
    let world = World::start().await;
    furnish_both(&world).await;
    let before = all_rows_by_owner(&world).await;
    let ada = world.client("tenancy", &world.ada);
    let base = format!("/api/v1/workspaces/{}", world.ada.workspace);

    let _ = ada.post(&format!("{base}/delete"), json!(null)).await.expect(200);
    let chat = world.client("chat", &world.ada);
    eventually("nobody works in it", async || {
        chat.get("/api/v1/conversations").await.json["code"] == "access.workspace_deletion_pending"
    })
    .await;
    let bundle = ada.get(&format!("{base}/export")).await.expect(200).text;
    assert!(bundle.contains("What would make you sign?") || bundle.contains("First"), "{bundle:.300}");
    let _ = ada.post(&format!("{base}/restore"), json!(null)).await.expect(200);
    eventually("they work in it again", async || chat.get("/api/v1/conversations").await.status == 200).await;
    let restored = all_rows_by_owner(&world).await;
    let lost: Vec<&String> = before.keys().filter(|table| restored[*table].0 < before[*table].0).collect();
    assert!(lost.is_empty(), "taken back, and rows are lost: {lost:?}");

    let _ = ada.post(&format!("{base}/delete"), json!(null)).await.expect(200);
    world.time.advance(GRACE);
    eventually_within(PATIENCE, "nothing is left", async || {
        world.time.advance(Duration::from_secs(1));
        all_rows_by_owner(&world).await.values().all(|(theirs, _)| *theirs == 0)
    })
    .await;
    let after = all_rows_by_owner(&world).await;
    // Deliveries that are old go by themselves, whatever happens to workspaces.
    let kept = after.iter().filter(|(table, _)| !table.starts_with("webhooks."));
    let lost: Vec<_> = kept.filter(|(table, (_, own))| before[*table].1 != *own).collect();
    assert!(lost.is_empty(), "of another workspace: {lost:?}");
}
