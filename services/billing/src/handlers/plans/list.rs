use witan_web::{Page, Problem, State};

use crate::app::App;
use crate::domain::plan::Plan;

/// Lists the plans, the default one first.
#[utoipa::path(get, path = "/api/v1/plans", operation_id = "listPlans", tag = "billing",
    responses((status = 200, description = "Plans", body = Page<Plan>)))]
pub(crate) async fn handle(app: State<App>) -> Result<Page<Plan>, Problem> {
    Ok(Page::whole(app.config.plans.all().to_vec()))
}
