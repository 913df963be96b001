//! Going on with a log-in that waits for its second factor.

use actix_web::{HttpRequest, HttpResponse};
use witan_pg::{PgError, SystemTx};
use witan_web::{Problem, codes, cookies};

use super::refusal::refusal;
use super::start::start;
use super::tokens::Carrier;
use crate::app::App;
use crate::domain::challenge::{Challenge, Purpose};
use crate::domain::method::Method;
use crate::handlers::client::Client;
use crate::handlers::factors::shown::{Judgement, Shown, closed, judge};
use crate::store::challenges::{ChallengeRow, challenge_find, challenge_take};
use crate::store::users::{User, user_lock};

/// Lets in who shows what their log-in waits for. A wrong factor leaves the challenge as it was, and is counted; a
/// right one ends it.
pub(super) async fn go_on(
    app: &App,
    request: &HttpRequest,
    token: &str,
    shown: Shown,
) -> Result<HttpResponse, Problem> {
    let gone = || refusal(&codes::auth::CHALLENGE_INVALID);
    let challenge = Challenge::parse(token).ok_or_else(gone)?;
    let now = app.clock.now();
    let find = async |conn: &mut _| challenge_find(conn, &challenge, Purpose::Login, now).await;
    let waiting = app.pg.read("login.challenged", find).await?.ok_or_else(gone)?;
    let carrier = carrier(request, &waiting)?;
    let client = Client::of(request);
    let check = async |tx: &mut SystemTx<'_>| check(tx, app, &challenge, &waiting, &shown, &client).await;
    let user = app.pg.tx("login.second-factor", check).await??;
    let before = waiting.methods.iter().filter_map(|name| Method::parse(name));
    let methods: Vec<Method> = before.chain([shown.method()]).collect();
    start(app, request, user, &methods, carrier).await
}

/// The way that was chosen when the log-in began. Cookies go to a page of an allowed origin only.
fn carrier(request: &HttpRequest, waiting: &ChallengeRow) -> Result<Carrier, Problem> {
    match waiting.cookies {
        true => cookies::check_origin(request).map(|()| Carrier::Cookies),
        false => Ok(Carrier::Body),
    }
}

/// The refusals inside are committed: what was wrong counts.
async fn check(
    tx: &mut SystemTx<'_>,
    app: &App,
    challenge: &Challenge,
    waiting: &ChallengeRow,
    shown: &Shown,
    client: &Client,
) -> Result<Result<User, Problem>, Problem> {
    let gone = || refusal(&codes::auth::CHALLENGE_INVALID);
    let id = waiting.user_id.ok_or_else(gone)?;
    let user = user_lock(tx, id).await?.ok_or_else(gone)?;
    // Whoever came first with the same challenge has it; nothing of what this one shows is spent.
    let taken: Result<_, PgError> =
        challenge_find(witan_pg::Tx::conn(tx), challenge, Purpose::Login, app.clock.now()).await;
    taken?.ok_or_else(gone)?;
    match judge(tx, app, user.id, shown, client).await? {
        Judgement::Good => {
            challenge_take(tx, challenge, Purpose::Login, app.clock.now()).await?.ok_or_else(gone)?;
            Ok(Ok(user))
        }
        Judgement::Wrong => Ok(Err(refusal(&codes::auth::SECOND_FACTOR_INVALID))),
        Judgement::Closed { until } => Ok(Err(closed(app, until))),
    }
}
