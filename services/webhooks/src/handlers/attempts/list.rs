use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use witan_ids::{AttemptId, EndpointId};
use witan_pg::TenantTx;
use witan_web::{Json, Page, Paging, Problem, Query, State, Tenant, codes};

use crate::app::App;
use crate::domain::outcome::Outcome;
use crate::domain::span::Span;
use crate::handlers::deliveries::view::Attempt;
use crate::store::attempts::{AttemptFilter, attempt_page};

/// Which attempts.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// To this endpoint.
    endpoint_id: Option<EndpointId>,
    /// Of this type.
    #[param(example = "startup.created")]
    event_type: Option<String>,
    /// That came to this.
    outcome: Option<Outcome>,
    /// Answered with this status, such as 503, or with one of this class, such as 5.
    #[param(minimum = 1, maximum = 599)]
    status: Option<i32>,
    /// Begun at or after this time.
    since: Option<DateTime<Utc>>,
    /// Begun before this time.
    until: Option<DateTime<Utc>>,
}

/// The workspace's attempts at all of its endpoints, newest first.
#[utoipa::path(get, path = "/api/v1/webhooks/attempts", operation_id = "listWebhookAttempts",
    tag = "webhooks", params(Filter, Paging),
    responses((status = 200, description = "A page of them", body = Page<Attempt>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Query(query): Query<Filter>,
    paging: Paging,
) -> Result<Json<Page<Attempt>>, Problem> {
    let list = ("webhooks.attempts", tenant.workspace_id, &query);
    let before: Option<AttemptId> = paging.position(&app.cursors, &list)?;
    let filter = AttemptFilter {
        endpoint: query.endpoint_id,
        event_type: query.event_type.clone(),
        outcome: query.outcome,
        statuses: query.status.map(statuses).transpose()?,
        span: Span { since: query.since, until: query.until },
    };
    let read = async |tx: &mut TenantTx<'_>| attempt_page(tx, &filter, before, paging.rows()).await;
    let rows = app.pg.tenant_read("attempts.list", tenant.workspace_id, read).await?;
    let page = Page::of(rows, paging.limit(), |last| app.cursors.encode(&list, &last.id));
    Ok(Json(page.map(Attempt::from)))
}

/// The first and the last status that are meant.
fn statuses(asked: i32) -> Result<(i32, i32), Problem> {
    match asked {
        1..=5 => Ok((asked * 100, asked * 100 + 99)),
        100..=599 => Ok((asked, asked)),
        _ => {
            let detail = "must be 100 to 599, or a class of statuses, 1 to 5";
            Err(Problem::new(&codes::QUERY_INVALID).violation("status", "validation.range", detail))
        }
    }
}
