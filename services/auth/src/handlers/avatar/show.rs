use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::IntoParams;
use witan_ids::UserId;
use witan_web::{Path, Problem, Query, State};

use crate::app::App;
use crate::store::avatars::avatar_find;

/// An address is of one picture for ever, so it need not be asked for again. Shared caches do not keep it: it is of a
/// person, who may take it away.
const CACHING: &str = "private, max-age=31536000, immutable";
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// Which picture.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Version {
    /// The version, as the profile names it.
    #[param(min_length = 1, max_length = 64)]
    v: String,
}

/// Shows a picture.
///
/// Pages show it without a token, so its address is what lets one see it: the version in it is 128 random bits.
#[utoipa::path(get, path = "/api/v1/users/{userId}/avatar/{size}", operation_id = "showAvatar", tag = "users",
    params(
        ("userId" = UserId, Path, description = "Whose picture"),
        ("size" = u32, Path, description = "The length of its sides in pixels: 64, 128, 256 or 512"),
        Version,
    ),
    responses(
        (status = 200, description = "The picture, as JPEG or as PNG",
            content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"))),
        (status = 304, description = "The one that `If-None-Match` names"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    Path((user, size)): Path<(UserId, u32)>,
    Query(Version { v }): Query<Version>,
) -> Result<HttpResponse, Problem> {
    let find = async |conn: &mut _| avatar_find(conn, user, size, &v).await;
    let avatar = app.pg.read("avatar.show", find).await?.ok_or_else(Problem::not_found)?;
    let tag = format!("\"{v}-{size}\"");
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let unchanged = known.is_some_and(|tags| tags.split(',').any(|one| matches(one.trim(), &tag)));
    let mut answer = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, CACHING))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY));
    if unchanged {
        return Ok(answer.finish());
    }
    Ok(answer.insert_header((CONTENT_TYPE, avatar.media_type)).body(avatar.bytes))
}

/// Weakly, as RFC 9110 §13.1.2 has it.
fn matches(given: &str, tag: &str) -> bool {
    given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag
}
