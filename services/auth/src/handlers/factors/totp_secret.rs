//! The secret that an app shares with us, as it is stored.

use witan_ids::UserId;
use witan_web::Problem;

use crate::app::App;
use crate::domain::totp::TotpSecret;
use crate::sealed::totp_secret as context;

pub(super) fn seal(app: &App, user: UserId, secret: &TotpSecret) -> Vec<u8> {
    app.cipher.seal(&app.clock, &context(user), secret.expose())
}

pub(super) fn open(app: &App, user: UserId, sealed: &[u8]) -> Result<TotpSecret, Problem> {
    let plain = app.cipher.open(&context(user), sealed).map_err(Problem::internal)?;
    TotpSecret::from_bytes(&plain).ok_or_else(|| Problem::internal("a stored TOTP secret has another length"))
}
