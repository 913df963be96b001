use chrono::{DateTime, SubsecRound as _, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::UserId;
use witan_web::{Json, Path, Problem, State};

use crate::app::App;
use crate::store::erasures::{ErasureRow, erasure_list};

/// How far the erasure of a person is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Erasure {
    /// The person.
    user_id: UserId,
    /// `RUNNING` or `DONE`.
    #[schema(example = "DONE")]
    state: &'static str,
    /// How far each service is.
    services: Vec<ServiceErasure>,
}

/// How far a service is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServiceErasure {
    /// The service.
    #[schema(example = "chat")]
    service: String,
    /// `REQUESTED` or `DONE`.
    #[schema(example = "DONE")]
    state: String,
    /// When it was asked first.
    requested_at: DateTime<Utc>,
    /// When it was asked for the last time.
    asked_at: DateTime<Utc>,
    /// When it reported.
    #[schema(required)]
    done_at: Option<DateTime<Utc>>,
    /// How many rows it removed or made anonymous.
    #[schema(required, minimum = 0)]
    rows: Option<i64>,
}

impl From<ErasureRow> for ServiceErasure {
    fn from(row: ErasureRow) -> Self {
        Self {
            service: row.service,
            state: row.state,
            requested_at: row.requested_at.trunc_subsecs(3),
            asked_at: row.asked_at.trunc_subsecs(3),
            done_at: row.done_at.map(|at| at.trunc_subsecs(3)),
            rows: row.rows,
        }
    }
}

/// Shows how far the erasure of a person is.
///
/// It begins when the grace of a deletion is over; services that do not report are asked again each day. What is told here
/// stays when nothing else does, and says nothing about the person.
#[utoipa::path(get, path = "/api/v1/users/{userId}/erasure", operation_id = "getErasure", tag = "user-administration",
    params(("userId" = UserId, Path, description = "The user")),
    responses((status = 200, description = "How far it is", body = Erasure)))]
pub(crate) async fn handle(app: State<App>, Path(user): Path<UserId>) -> Result<Json<Erasure>, Problem> {
    let rows = app.pg.read("erasure.list", async |conn| erasure_list(conn, user).await).await?;
    if rows.is_empty() {
        return Err(Problem::not_found());
    }
    let done = rows.iter().all(|row| row.done_at.is_some());
    let services = rows.into_iter().map(Into::into).collect();
    Ok(Json(Erasure { user_id: user, state: if done { "DONE" } else { "RUNNING" }, services }))
}
