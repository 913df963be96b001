use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_pg::PgError;
use witan_web::{Caller, Json, Problem, State};

use crate::app::App;
use crate::store::factors::{factors_of, totp_find};

/// What the caller can prove themselves with beside a password.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FactorList {
    /// Whether a log-in asks for one.
    second_factor: bool,
    /// The authenticator app, if there is one.
    totp: Option<TotpFactor>,
    /// How many passkeys there are.
    #[schema(example = 1)]
    passkeys: i64,
    /// How many recovery codes are left.
    #[schema(example = 10)]
    recovery_codes_left: i64,
}

/// An authenticator app.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TotpFactor {
    /// When it was set up.
    created_at: DateTime<Utc>,
    /// When the first code of it was seen; null while there was none, and until then no log-in asks for one.
    confirmed_at: Option<DateTime<Utc>>,
}

/// Lists the caller's second factors.
#[utoipa::path(get, path = "/api/v1/auth/factors", operation_id = "listFactors", tag = "factors",
    responses((status = 200, description = "The factors, without their secrets", body = FactorList)))]
pub(crate) async fn handle(app: State<App>, caller: Caller) -> Result<Json<FactorList>, Problem> {
    caller.session()?;
    let user = caller.user_id;
    let read = app.pg.read("factors.list", async |conn| {
        Ok::<_, PgError>((factors_of(conn, user).await?, totp_find(conn, user).await?))
    });
    let (factors, totp) = read.await?;
    Ok(Json(FactorList {
        second_factor: factors.any(),
        totp: totp.map(|row| TotpFactor {
            created_at: row.created_at.trunc_subsecs(3),
            confirmed_at: row.confirmed_at.map(|at| at.trunc_subsecs(3)),
        }),
        passkeys: factors.passkeys,
        recovery_codes_left: factors.recovery_codes,
    }))
}
