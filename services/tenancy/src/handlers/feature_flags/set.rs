use chrono::SubsecRound;
use witan_pg::{PgError, SystemTx};
use witan_web::{Body, Caller, HttpRequest, Json, Path, Problem, State, codes};

use super::view::Flag;
use super::wish::SetFlag;
use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::events;
use crate::store::feature_flags::{flag_count, flag_find, flag_set};

/// Every process keeps all of them in memory.
const MOST: i64 = 500;

enum Refused {
    Full,
    Pg(PgError),
}

impl From<PgError> for Refused {
    fn from(error: PgError) -> Self {
        Self::Pg(error)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Full => Self::new(&codes::tenancy::FEATURE_FLAGS_FULL),
            Refused::Pg(error) => error.into(),
        }
    }
}

/// Sets a feature flag, replacing what it said. Every service decides by it within two seconds.
#[utoipa::path(put, path = "/api/v1/feature-flags/{key}", operation_id = "setFeatureFlag", tag = "feature flags",
    params(("key" = String, Path, description = "The flag's key: lower-case letters, digits, and `.`, `_` or `-`")),
    request_body = SetFlag,
    responses((status = 200, description = "As it is now", body = Flag),
        (status = 409, description = "`tenancy.feature_flags_full`")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    Path(key): Path<String>,
    Body(wish): Body<SetFlag>,
) -> Result<Json<Flag>, Problem> {
    let flag = wish.of(key, app.clock.now().trunc_subsecs(3))?;
    let by = Author::of(&request, caller.user_id);
    let set = async |tx: &mut SystemTx<'_>| -> Result<_, Refused> {
        let new = flag_set(tx, &flag).await?;
        if new && flag_count(tx).await? > MOST {
            return Err(Refused::Full);
        }
        let key = &flag.row.key;
        events::feature_flag_changed(tx, &app.clock, key).await?;
        let entry = Entry::new("FEATURE_FLAG_SET", key)
            .detail("enabled", flag.row.enabled)
            .detail("percentage", flag.row.percentage)
            .detail("unit", &flag.row.unit)
            .detail("named", flag.names.len());
        audit::record(tx, &app.clock, &by, entry).await?;
        Ok(flag_find(tx, key).await?.ok_or(PgError::NotFound)?)
    };
    Ok(Json(app.pg.tx("feature_flag.set", set).await?.into()))
}
