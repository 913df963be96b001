//! The cookie by which a device is known again.

use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::domain::device::{AccountTag, Device, KNOWN_FOR};

/// The device that shows its cookie for this account.
pub(crate) fn known_device(app: &App, request: &HttpRequest, account: AccountTag) -> Option<Device> {
    let cookie = request.cookie(&name(account))?;
    app.devices.open(account, cookie.value(), app.clock.now())
}

/// Lets the device be known at its next log-in to the account.
pub(crate) fn remember_device(
    app: &App,
    response: &mut HttpResponse,
    account: AccountTag,
    device: Option<Device>,
) {
    let device = device.unwrap_or_else(|| Device::generate(&app.clock));
    let token = app.devices.token(account, device, app.clock.now());
    let cookie = Cookie::build(name(account), token)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(time::Duration::seconds(KNOWN_FOR.num_seconds()))
        .finish();
    if let Err(error) = response.add_cookie(&cookie) {
        tracing::warn!(%error, "the device will not be known again");
    }
}

/// Each account has its own, so that people who share a browser do not take each other's away.
fn name(account: AccountTag) -> String {
    format!("__Host-witan_device_{:.8}", account.text())
}
