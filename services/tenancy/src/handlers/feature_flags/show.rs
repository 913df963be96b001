use witan_pg::SystemTx;
use witan_web::{Json, Path, Problem, State};

use super::view::Flag;
use crate::app::App;
use crate::store::feature_flags::flag_find;

/// Shows a feature flag.
#[utoipa::path(get, path = "/api/v1/feature-flags/{key}", operation_id = "getFeatureFlag", tag = "feature flags",
    params(("key" = String, Path, description = "The flag's key")),
    responses((status = 200, description = "The flag", body = Flag)))]
pub(crate) async fn handle(app: State<App>, Path(key): Path<String>) -> Result<Json<Flag>, Problem> {
    let find = async |tx: &mut SystemTx<'_>| flag_find(tx, &key).await;
    let found = app.pg.tx("feature_flag.find", find).await?;
    found.map(|flag| Json(flag.into())).ok_or_else(Problem::not_found)
}
