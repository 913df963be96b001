//! The caller's profile as they see it.

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::PgError;
use witan_web::{Caller, Problem, codes};

use crate::app::App;
use crate::domain::account::Account;
use crate::domain::avatar;
use crate::store::profiles::{Profile as Row, Usage as UsageRow, profile_find, profile_usage};

/// What the caller says of themselves, and what is counted of them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    /// The user.
    id: UserId,
    /// The address of the account; `changeEmail` changes it.
    #[schema(example = "ada@example.org")]
    email: String,
    /// What others see.
    #[schema(example = "Ada Lovelace")]
    name: String,
    /// `ACTIVE`, or what it has become since the access token was issued.
    #[schema(example = "ACTIVE")]
    state: &'static str,
    /// The language to write to them in (BCP 47).
    #[schema(required, example = "en-GB")]
    locale: Option<String>,
    /// Where they are (IANA).
    #[schema(required, example = "Europe/London")]
    time_zone: Option<String>,
    /// What clients remember of them; nothing here reads it.
    #[schema(value_type = Object)]
    preferences: Value,
    /// Their picture by the length of its sides in pixels; null when there is none.
    #[schema(required, example = json!({"64": "/api/v1/users/usr_01h455vb4pex5vsknk084sn02q/avatar/64?v=Cd1…"}))]
    avatar_urls: Option<BTreeMap<u32, String>>,
    /// The workspace that is meant where a request selects none.
    #[schema(required)]
    default_workspace_id: Option<WorkspaceId>,
    /// How the account is used.
    usage: Usage,
    /// When the account was registered.
    created_at: DateTime<Utc>,
    /// When the account was last changed.
    updated_at: DateTime<Utc>,
}

/// How an account is used.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Usage {
    /// Log-ins that have not ended.
    #[schema(minimum = 0)]
    sessions: i64,
    /// API keys of the person that are good.
    #[schema(minimum = 0)]
    api_keys: i64,
    /// Log-ins since the account was made.
    #[schema(minimum = 0)]
    logins: i64,
    /// When the last of them was.
    #[schema(required)]
    last_login_at: Option<DateTime<Utc>>,
}

impl Profile {
    fn of(row: Row, usage: UsageRow) -> Self {
        let Row { user, locale, time_zone, preferences, logins, last_login_at, updated_at } = row;
        Self {
            id: user.id,
            email: user.email,
            name: user.name,
            state: Account::from(user.account).state(),
            locale,
            time_zone,
            preferences,
            avatar_urls: usage.avatar.map(|version| avatar::urls(user.id, &version)),
            default_workspace_id: user.default_workspace,
            usage: Usage {
                sessions: usage.sessions,
                api_keys: usage.api_keys,
                logins,
                last_login_at: last_login_at.map(|at| at.trunc_subsecs(3)),
            },
            created_at: user.created_at.trunc_subsecs(3),
            updated_at: updated_at.trunc_subsecs(3),
        }
    }
}

/// The caller's profile as it is now.
pub(super) async fn load(app: &App, caller: &Caller) -> Result<Profile, Problem> {
    let (id, now) = (caller.user_id, app.clock.now());
    let load = async |conn: &mut _| -> Result<_, PgError> {
        let Some(row) = profile_find(conn, id).await? else { return Ok(None) };
        Ok(Some(Profile::of(row, profile_usage(conn, id, now).await?)))
    };
    let profile = app.pg.read("me.profile", load).await?;
    profile.ok_or_else(|| Problem::new(&codes::SESSION_ENDED))
}
