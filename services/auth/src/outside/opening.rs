//! A token whose session is not there, or not any longer.

use witan_access::OutsideTokenVerdict;
use witan_ids::{SessionId, UserId};
use witan_pg::{PgError, SystemTx, Tx as _};
use witan_web::{Problem, codes};

use super::{JudgeError, accepted, remembered};
use crate::app::App;
use crate::audit::{Action, Audit};
use crate::domain::method::{Method, names};
use crate::domain::outside_token::OutsideToken;
use crate::domain::session::Deadlines;
use crate::handlers::client::Client;
use crate::handlers::federation::refusal;
use crate::handlers::sessions::ending::refuse_here;
use crate::handlers::sessions::start::{admit, begin};
use crate::oidc::{OidcError, Vouched};
use crate::recognition::{RecognitionError, recognise};
use crate::store::factors::factors_of;
use crate::store::outside::{OutsideSession, outside_past, outside_session};
use crate::store::sessions::{NewSession, RevokedSession};
use crate::store::users::{User, user_lock};

/// Why nobody was found.
#[derive(Debug, thiserror::Error)]
enum FindError {
    #[error(transparent)]
    Provider(#[from] OidcError),
    #[error(transparent)]
    Recognition(#[from] RecognitionError),
}

enum Opened {
    Live(Box<(OutsideSession, User)>, Vec<RevokedSession>),
    Ended,
    Refused(Problem),
}

/// Opens a session, or says why there is none.
pub(super) async fn enter(
    app: &App,
    vouched: Vouched<'_>,
    token: &OutsideToken,
) -> Result<OutsideTokenVerdict, JudgeError> {
    // The device is the product that the issuer belongs to: who called the service that asks is not known here.
    let client = Client { user_agent: token.issuer.clone(), ..Client::default() };
    let user = match find(app, &client, vouched).await {
        Ok(user) => user.id,
        Err(FindError::Recognition(RecognitionError::Store(error))) => return Err(error.into()),
        Err(FindError::Recognition(RecognitionError::Unlinked)) => return Ok(OutsideTokenVerdict::Ended),
        Err(FindError::Recognition(error)) => return refuse(app, &client, error.into()).await,
        Err(FindError::Provider(error @ OidcError::Token(_))) => {
            return refuse(app, &client, error.into()).await;
        }
        Err(FindError::Provider(error)) => return Err(JudgeError::Provider(error)),
    };
    let open = async |tx: &mut SystemTx<'_>| open(tx, app, &client, user, token).await;
    match app.pg.tx("outside.open", open).await? {
        Opened::Live(live, ended) => {
            refuse_here(app, &ended);
            Ok(accepted(app, &live.0, &live.1, token))
        }
        Opened::Ended => Ok(OutsideTokenVerdict::Ended),
        Opened::Refused(problem) => refuse(app, &client, problem).await,
    }
}

/// Whose token it is. Only of who is new here the provider is asked for more than the token says.
async fn find(app: &App, client: &Client, vouched: Vouched<'_>) -> Result<User, FindError> {
    match recognise(app, client, &vouched.subject()).await {
        Err(RecognitionError::Unproved) => {}
        known => return Ok(known?),
    }
    let outsider = vouched.person().await?;
    Ok(recognise(app, client, &outsider).await?)
}

async fn open(
    tx: &mut SystemTx<'_>,
    app: &App,
    client: &Client,
    user: UserId,
    token: &OutsideToken,
) -> Result<Opened, PgError> {
    let (now, id) = (app.clock.now(), SessionId::generate(&app.clock));
    // Of many who come at once one opens the session, and the others find it. None slips in while the account is closed
    // or unlinked.
    let Some(user) = user_lock(tx, user).await? else { return Ok(Opened::Ended) };
    if let Some(live) = outside_session(tx.conn(), token, now).await? {
        return Ok(Opened::Live(Box::new(live), Vec::new()));
    }
    let past = outside_past(tx.conn(), token, now).await?;
    if !token.may_open(&past, now, remembered(app)) {
        return Ok(Opened::Ended);
    }
    if let Err(problem) = admit(&user) {
        return Ok(Opened::Refused(problem));
    }
    // Nothing but a factor opens an account that has one; afterwards the session may have been proved by it here.
    if factors_of(tx.conn(), user.id).await?.any() {
        return Ok(Opened::Refused(Problem::new(&codes::auth::SECOND_FACTOR_NEEDED)));
    }
    let session = NewSession {
        id,
        user: user.id,
        user_agent: &client.user_agent,
        ip: &client.ip,
        methods: names(&[Method::Federated]),
        authenticated_at: token.proved_at(now, now),
        deadlines: Deadlines::at_login(now, &app.config.lifetimes),
        outside: Some((token, past)),
    };
    let entry = Audit::new(Action::LoginSuccess, user.id).to(id).by(client);
    let entry = entry.detail("methods", session.methods.join(" ")).detail("issuer", &token.issuer);
    let Some(ended) = begin(tx, app, &session, entry).await? else { return Ok(Opened::Ended) };
    let opened = OutsideSession::begun(&session, now);
    Ok(Opened::Live(Box::new((opened, user)), ended))
}

/// Only what its issuer really signed is written down: anybody can make up the rest.
async fn refuse(app: &App, client: &Client, problem: Problem) -> Result<OutsideTokenVerdict, JudgeError> {
    refusal::tell(app, client, &problem).await;
    Ok(OutsideTokenVerdict::Refused)
}
