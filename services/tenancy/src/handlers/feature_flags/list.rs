use witan_pg::{PgError, SystemTx};
use witan_web::{Page, Paging, Problem, State};

use super::view::Flag;
use crate::app::App;
use crate::store::feature_flags::flag_list;

/// Lists the feature flags, by key.
#[utoipa::path(get, path = "/api/v1/feature-flags", operation_id = "listFeatureFlags", tag = "feature flags",
    params(Paging), responses((status = 200, description = "Flags", body = Page<Flag>)))]
pub(crate) async fn handle(app: State<App>, paging: Paging) -> Result<Page<Flag>, Problem> {
    let after: Option<String> = paging.position(&app.cursors, "feature flags")?;
    let list = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        flag_list(tx, after.as_deref(), Some(paging.rows())).await
    };
    let rows = app.pg.tx("feature_flag.list", list).await?;
    let page = Page::of(rows, paging.limit(), |flag| app.cursors.encode("feature flags", &flag.row.key));
    Ok(page.map(Flag::from))
}
