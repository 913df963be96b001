use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;
use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, Created, Problem, ProblemBody, State, Upload, codes};

use crate::app::App;
use crate::domain::avatar::{SIZES, urls, version};
use crate::images::ImageError;
use crate::store::avatars::avatar_replace;
use crate::store::users::user_lock;

/// Largest file, in bytes.
const MAX_FILE: usize = 5 * 1024 * 1024;
/// The same with what a form puts around it.
pub(crate) const MAX_BODY: usize = MAX_FILE + 16 * 1024;
/// About as long as the largest picture takes.
const COME_BACK: Duration = Duration::from_secs(2);

/// A form with the picture.
#[derive(ToSchema)]
pub(crate) struct AvatarForm {
    /// A JPEG, PNG or WebP of at most 5 MiB.
    #[expect(dead_code, reason = "describes a form that is read by hand")]
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// The picture as it is now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Avatar {
    /// Where it is, by the length of its sides in pixels.
    avatar_urls: BTreeMap<u32, String>,
}

/// Gives the caller another picture.
///
/// A JPEG, PNG or WebP, recognised by its content: in the field `file` of a form, or as the body itself. Its middle is
/// kept in four sizes, upright; where it was taken and all else that was in the file is not.
#[utoipa::path(post, path = "/api/v1/users/me/avatar", operation_id = "uploadAvatar", tag = "users",
    request_body(content(
        (AvatarForm = "multipart/form-data"),
        (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"),
    )),
    responses(
        (status = 201, description = "Taken", body = Avatar),
        (status = 413, description = "The file has more than 5 MiB.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "By its content the file is no JPEG, PNG or WebP.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The picture is damaged, has too many pixels, or is something else as well.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    caller: Caller,
    Upload(file): Upload,
) -> Result<Created<Avatar>, Problem> {
    if file.len() > MAX_FILE {
        let detail = format!("The picture may have {MAX_FILE} bytes.");
        return Err(Problem::new(&codes::BODY_TOO_LARGE).detail(detail));
    }
    let squares = app.images.squares(file, &SIZES).await?;
    let (user, version) = (caller.user_id, version(&app.clock));
    let replace = async |tx: &mut SystemTx<'_>| -> Result<bool, PgError> {
        // Two at once take turns: the later one stays.
        if user_lock(tx, user).await?.is_none() {
            return Ok(false);
        }
        avatar_replace(tx, user, &version, &squares, app.clock.now()).await?;
        Ok(true)
    };
    if !app.pg.tx("avatar.replace", replace).await? {
        return Err(Problem::new(&codes::SESSION_ENDED));
    }
    let avatar_urls = urls(user, &version);
    let largest = avatar_urls.values().next_back().cloned().unwrap_or_default();
    Ok(Created { location: largest, body: Avatar { avatar_urls } })
}

impl From<ImageError> for Problem {
    fn from(error: ImageError) -> Self {
        let code = match &error {
            ImageError::Unsupported => &codes::auth::IMAGE_UNSUPPORTED,
            ImageError::Broken(_) => &codes::auth::IMAGE_BROKEN,
            ImageError::Polyglot => &codes::auth::IMAGE_POLYGLOT,
            ImageError::TooLarge => &codes::auth::IMAGE_TOO_LARGE,
            ImageError::Busy => {
                return Self::new(&codes::auth::IMAGES_BUSY).retry_after(COME_BACK).source(error);
            }
            ImageError::Encoding(_) => return Self::internal(error),
        };
        Self::new(code).source(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_no_place_is_told_when_to_come_back() {
        let problem = Problem::from(ImageError::Busy);
        let answer = actix_web::ResponseError::error_response(&problem);
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers().get("retry-after").unwrap(), "2");
    }
}
