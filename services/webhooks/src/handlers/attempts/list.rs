use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;
use witan_ids::{AttemptId, EndpointId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Page, Paging, Problem, Query, State, Tenant, codes};

use crate::app::App;
use crate::domain::outcome::Outcome;
use crate::domain::span::{Span, made_at};
use crate::handlers::deliveries::view::Attempt;
use crate::store::attempts::{AttemptFilter, attempt_page};

/// A page is looked for in so much time first, and then in all that there is.
const RECENT: TimeDelta = TimeDelta::days(2);
/// Not above any id.
const ALL: AttemptId = AttemptId::from_uuid(Uuid::nil());

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
    let (recent, rows) = (recent(&app, &filter, before), paging.rows());
    let read = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        let page = attempt_page(tx, &filter, before, recent, rows).await?;
        if page.len() >= usize::try_from(rows).unwrap_or_default() || recent == ALL {
            return Ok(page);
        }
        attempt_page(tx, &filter, before, ALL, rows).await
    };
    let rows = app.pg.tenant_read("attempts.list", tenant.workspace_id, read).await?;
    let page = Page::of(rows, paging.limit(), |last| app.cursors.encode(&list, &last.id));
    Ok(Json(page.map(Attempt::from)))
}

/// What of them is looked at first: the last days nearly always fill a page. Who says since when has said it better.
fn recent(app: &App, filter: &AttemptFilter, before: Option<AttemptId>) -> AttemptId {
    if filter.span.since.is_some() {
        return ALL;
    }
    let page = before.map_or_else(|| app.clock.now(), |before| made_at(before.uuid()));
    let newest = filter.span.until.map_or(page, |until| until.min(page));
    let since = newest.checked_sub_signed(RECENT);
    AttemptId::from_uuid(Span { since, until: None }.lowest())
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
