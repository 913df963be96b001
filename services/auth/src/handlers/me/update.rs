use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use witan_pg::{PgError, SystemTx};
use witan_web::{Body, Caller, Json, Problem, State, Violations, codes};

use super::profile::{Profile, load};
use crate::app::App;
use crate::domain::locale::Locale;
use crate::domain::name::DisplayName;
use crate::domain::preferences::{Preferences, PreferencesError};
use crate::domain::time_zone::TimeZone;
use crate::events;
use crate::store::profiles::{Profile as Row, ProfileChanges, profile_lock, profile_update};

/// What changes (RFC 7396): what is missing stays, and `null` takes away.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdateProfile {
    /// What others see.
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    /// A language tag (BCP 47).
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35, example = "en-GB")]
    locale: Option<Option<String>>,
    /// A name of the IANA time zone database.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "Europe/London")]
    time_zone: Option<Option<String>>,
    /// Merged into what is there, member by member. At most 16 KiB and 8 levels in all.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Object>, example = json!({"theme": "dark", "sidebar": null}))]
    preferences: Option<Option<Map<String, Value>>>,
}

/// Tells `null` from what is missing.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Why the profile stays as it is.
#[derive(Debug, thiserror::Error)]
enum UpdateError {
    #[error("the account is gone")]
    Gone,
    #[error(transparent)]
    Preferences(#[from] PreferencesError),
    #[error(transparent)]
    Store(#[from] PgError),
}

impl From<UpdateError> for Problem {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::Gone => Self::new(&codes::SESSION_ENDED),
            UpdateError::Preferences(refused) => {
                let code = match refused {
                    PreferencesError::TooLarge => "validation.too_long",
                    PreferencesError::TooDeep => "validation.invalid",
                };
                Self::new(&codes::VALIDATION_FAILED).violation("/preferences", code, refused.to_string())
            }
            UpdateError::Store(error) => error.into(),
        }
    }
}

/// Changes the caller's profile.
///
/// The body is a merge patch (RFC 7396), also inside `preferences`. Two changes at once of different members both hold.
#[utoipa::path(patch, path = "/api/v1/users/me", operation_id = "updateProfile", tag = "users",
    request_body(content((UpdateProfile = "application/merge-patch+json"), (UpdateProfile = "application/json"))),
    responses((status = 200, description = "As it is now", body = Profile)))]
pub(crate) async fn handle(
    app: State<App>,
    caller: Caller,
    Body(wish): Body<UpdateProfile>,
) -> Result<Json<Profile>, Problem> {
    let mut violations = Violations::new();
    let name = wish.name.map(|name| violations.parse("/name", DisplayName::parse(&name)));
    let locale = wish.locale.map(|tag| tag.map(|tag| violations.parse("/locale", Locale::parse(&tag))));
    let zone =
        wish.time_zone.map(|name| name.map(|name| violations.parse("/timeZone", TimeZone::parse(&name))));
    violations.finish()?;
    let changes = ProfileChanges {
        name: name.flatten().map(|name| name.as_str().to_owned()),
        locale: locale.map(|tag| tag.flatten().map(|tag| tag.as_str().to_owned())),
        time_zone: zone.map(|zone| zone.flatten().map(|zone| zone.name().to_owned())),
        ..ProfileChanges::default()
    };
    let patch = wish.preferences.as_ref();
    let update = async |tx: &mut SystemTx<'_>| -> Result<(), UpdateError> {
        let row = profile_lock(tx, caller.user_id).await?.ok_or(UpdateError::Gone)?;
        apply(tx, &app, row, &changes, patch).await
    };
    app.pg.tx("me.update", update).await?;
    load(&app, &caller).await.map(Json)
}

async fn apply(
    tx: &mut SystemTx<'_>,
    app: &App,
    row: Row,
    changes: &ProfileChanges,
    patch: Option<&Option<Map<String, Value>>>,
) -> Result<(), UpdateError> {
    let preferences = match patch {
        None => None,
        Some(None) => Some(Preferences::default()),
        Some(Some(patch)) => Some(Preferences::stored(row.preferences).merge(patch.clone())?),
    };
    let changes = ProfileChanges {
        preferences: preferences.map(Preferences::into_value),
        updated_at: Some(app.clock.now()),
        ..changes.clone()
    };
    profile_update(tx, row.user.id, &changes).await?;
    if let Some(name) = changes.name.filter(|name| *name != row.user.name) {
        events::user_renamed(tx, &app.clock, row.user.id, &name).await?;
    }
    Ok(())
}
