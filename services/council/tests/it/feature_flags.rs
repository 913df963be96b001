//! The council is switched off for some, or for all, without a network call per request.

use std::collections::BTreeMap;

use serde_json::json;
use witan_access::{Feature, FeatureFlag, RolloutUnit};
use witan_events::contracts::tenancy::v1::FeatureFlagChanged;
use witan_testkit::eventually;

use crate::{ask, question, three, with_models};

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_takes_the_council_from_one_workspace() {
    let service = with_models(three(json!({}))).await;
    let (ada, grace) = (service.member(), service.other_workspace());
    ask(&ada).await.expect(200);
    let flag = FeatureFlag {
        key: Feature::COUNCIL_RUN.key.to_owned(),
        enabled: true,
        percentage: 100,
        unit: RolloutUnit::Workspace,
        workspaces: BTreeMap::from([(ada.workspace(), false)]),
        users: BTreeMap::new(),
    };
    service.peers().set_feature_flags(vec![flag]);
    let changed = FeatureFlagChanged { key: Feature::COUNCIL_RUN.key.to_owned() };
    service.tell(None, &changed.key, &changed).await;
    eventually("the flag is known", async || ada.post("/api/v1/agents/run", question()).await.status == 403)
        .await;
    ask(&ada).await.expect_problem(403, "access.feature_off");
    ask(&grace).await.expect(200);
    let asked = service.peers().asked();
    let fetched = asked.iter().filter(|one| one.request.contains("/internal/feature-flags")).count();
    assert!(fetched <= 4, "asked {fetched} times");
    ada.get("/api/v1/agents/runs").await.expect(200);
}
