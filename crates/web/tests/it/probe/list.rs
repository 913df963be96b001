use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use witan_web::{Page, Paging, Query, Result, State};

use super::App;

#[derive(Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Filter {
    /// At least this.
    #[param(minimum = 0, nullable = false)]
    at_least: Option<u32>,
    #[param(inline, nullable = false)]
    order: Option<Order>,
    #[param(nullable = false)]
    only_even: Option<bool>,
}

#[derive(Clone, Copy, Deserialize, Serialize, PartialEq, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Order {
    Ascending,
    Descending,
}

#[utoipa::path(
    get,
    path = "/api/v1/numbers",
    operation_id = "listNumbers",
    tag = "probe",
    params(Filter, Paging),
    responses((status = 200, body = Page<u32>))
)]
pub(crate) async fn handle(
    app: State<App>,
    Query(filter): Query<Filter>,
    paging: Paging,
) -> Result<Page<u32>> {
    let after: Option<u32> = paging.position(&app.cursors, &("numbers", &filter))?;
    let from = after.map_or(0, |after| after + 1).max(filter.at_least.unwrap_or(0));
    let even = filter.only_even.unwrap_or(false);
    let rows = (from..50).filter(|number| !even || number % 2 == 0).take(paging.rows() as usize).collect();
    Ok(Page::of(rows, paging.limit(), |last| app.cursors.encode(&("numbers", &filter), last)))
}
