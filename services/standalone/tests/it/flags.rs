//! Every service decides by the feature flags in its own memory, and hears of a change within two seconds.

use std::time::Duration;

use serde_json::json;
use witan_access::Feature;
use witan_testkit::eventually_within;

use crate::world::World;

const PROMISED: Duration = Duration::from_secs(2);
/// A busy machine may be late; the promise is measured where it is alone.
const PATIENCE: Duration = PROMISED.saturating_mul(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_is_known_everywhere() {
    let world = World::start().await;
    let feature = Feature { key: "new.thing", by_default: false };
    let root = world.client("tenancy", &world.root);
    let known = |wanted: bool| {
        let world = &world;
        async move {
            for (service, _) in world.system.documents() {
                eventually_within(PATIENCE, &format!("{service} knows"), async || {
                    let flags = &world.system.running(service).context().access.feature_flags;
                    let has = |person: &crate::world::Person| {
                        flags.has(feature, Some(person.workspace), Some(person.user))
                    };
                    has(&world.ada) == wanted && !has(&world.grace)
                })
                .await;
            }
        }
    };
    let only_ada = json!({
        "enabled": true, "percentage": 0, "workspaces": [{ "workspaceId": world.ada.workspace, "has": true }],
    });
    let _ = root.put("/api/v1/feature-flags/new.thing", only_ada).await.expect(200);
    known(true).await;
    let _ = root.delete("/api/v1/feature-flags/new.thing").await.expect(204);
    known(false).await;
}
