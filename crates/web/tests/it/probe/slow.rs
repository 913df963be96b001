use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use witan_web::{Caller, Json, State};

use super::App;

#[utoipa::path(post, path = "/api/v1/slow", operation_id = "slow", tag = "probe", responses((status = 200)))]
pub(crate) async fn handle(app: State<App>, _: Caller) -> Json<Value> {
    app.shared.entered.notify_one();
    app.shared.release.notified().await;
    Json(json!({ "made": app.shared.made.fetch_add(1, Ordering::SeqCst) + 1 }))
}
