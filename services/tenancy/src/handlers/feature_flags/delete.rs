use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, HttpRequest, NoContent, Path, Problem, State};

use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::events;
use crate::store::feature_flags::flag_delete;

/// Removes a feature flag: the feature stands again as it does without one.
#[utoipa::path(delete, path = "/api/v1/feature-flags/{key}", operation_id = "deleteFeatureFlag", tag = "feature flags",
    params(("key" = String, Path, description = "The flag's key")),
    responses((status = 204, description = "Removed")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<NoContent, Problem> {
    let by = Author::of(&request, caller.user_id);
    let delete = async |tx: &mut SystemTx<'_>| -> Result<(), PgError> {
        if !flag_delete(tx, &key).await? {
            return Err(PgError::NotFound);
        }
        events::feature_flag_changed(tx, &app.clock, &key).await?;
        audit::record(tx, &app.clock, &by, Entry::new("FEATURE_FLAG_REMOVED", &key)).await
    };
    app.pg.tx("feature_flag.delete", delete).await?;
    Ok(NoContent)
}
