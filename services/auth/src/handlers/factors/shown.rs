//! Whether what somebody shows as a second factor holds.

use std::time::Duration;

use chrono::{DateTime, Utc};
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx, Tx};
use witan_web::{Problem, Violations, codes};

use super::totp_secret::open;
use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::challenge::Challenge;
use crate::domain::method::Method;
use crate::domain::recovery_code::RecoveryCode;
use crate::domain::totp::TotpCode;
use crate::domain::webauthn::Assertion;
use crate::handlers::client::Client;
use crate::handlers::passkeys::prove::prove;
use crate::jobs::mail::queue_security_notice;
use crate::mail::Topic;
use crate::store::factors::{
    factor_attempts_clear, factor_attempts_of, factor_attempts_set, recovery_code_spend, totp_find,
    totp_spend,
};

/// What somebody shows.
pub(crate) enum Shown {
    /// A code of their app.
    Totp(TotpCode),
    /// A code from paper.
    RecoveryCode(RecoveryCode),
    /// What their passkey signed.
    Passkey {
        /// It.
        assertion: Box<Assertion>,
        /// What it must answer. Whoever asks sees to it that nobody answers it twice.
        challenge: Challenge,
    },
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// It holds, and is spent.
    Good,
    /// It does not, which was counted.
    Wrong,
    /// It was not looked at: there were too many wrong ones.
    Closed {
        /// Until then.
        until: DateTime<Utc>,
    },
}

impl Shown {
    /// The code of an app, as it was typed at `pointer`.
    pub(crate) fn totp(pointer: &str, text: &str) -> Result<Self, Problem> {
        TotpCode::parse(text).map(Self::Totp).ok_or_else(|| invalid(pointer, "must be six digits"))
    }

    /// A recovery code, as it was typed at `pointer`.
    pub(crate) fn recovery_code(pointer: &str, text: &str) -> Result<Self, Problem> {
        let code = RecoveryCode::parse(text).map(Self::RecoveryCode);
        code.ok_or_else(|| invalid(pointer, "must be sixteen letters and digits from 2 to 7"))
    }

    /// What is shown, as `amr` names it.
    pub(crate) fn method(&self) -> Method {
        match self {
            Self::Totp(_) => Method::Otp,
            Self::RecoveryCode(_) => Method::RecoveryCode,
            Self::Passkey { .. } => Method::Passkey,
        }
    }
}

fn invalid(pointer: &str, detail: &str) -> Problem {
    let mut violations = Violations::new();
    violations.push(pointer, "validation.invalid", detail);
    violations.into()
}

/// Looks at what `user` shows, takes note, and says whether it holds. The caller holds the user's row, so that one
/// code is never looked at twice at once, and commits whatever the judgement is: otherwise nobody counts.
pub(crate) async fn judge(
    tx: &mut SystemTx<'_>,
    app: &App,
    user: UserId,
    shown: &Shown,
    client: &Client,
) -> Result<Judgement, Problem> {
    if let Shown::Passkey { assertion, challenge } = shown {
        // Nobody guesses a signature, so none is counted, and none is kept out by wrong codes.
        let good = prove(tx, app, user, challenge, assertion, client).await?;
        return Ok(if good { Judgement::Good } else { Judgement::Wrong });
    }
    let now = app.clock.now();
    let attempts = factor_attempts_of(tx, user).await?;
    if let Some(until) = attempts.closed_until.filter(|_| !attempts.is_open(now)) {
        return Ok(Judgement::Closed { until });
    }
    let good = match shown {
        Shown::Totp(code) => take_totp(tx, app, user, code).await?,
        Shown::RecoveryCode(code) => take_recovery_code(tx, app, user, code).await?,
        Shown::Passkey { .. } => false,
    };
    if good {
        factor_attempts_clear(tx, user).await?;
        return Ok(Judgement::Good);
    }
    let attempts = attempts.after_failure(now);
    factor_attempts_set(tx, user, attempts).await?;
    if !attempts.is_open(now) {
        queue_security_notice(tx, &app.clock, user, Topic::SecondFactorGuessed, None).await?;
    }
    let entry = Audit::new(Action::SecondFactorFailed, user).failed().by(client);
    record(tx, &app.clock, entry.detail("method", shown.method().as_str())).await?;
    Ok(Judgement::Wrong)
}

async fn take_totp(tx: &mut SystemTx<'_>, app: &App, user: UserId, code: &TotpCode) -> Result<bool, Problem> {
    let row = totp_find(tx.conn(), user).await?.filter(|row| row.confirmed_at.is_some());
    let Some(row) = row else { return Ok(false) };
    let secret = open(app, user, &row.secret)?;
    let Some(step) = secret.accept(code, app.clock.now(), row.last_step) else { return Ok(false) };
    totp_spend(tx, user, step).await?;
    Ok(true)
}

async fn take_recovery_code(
    tx: &mut SystemTx<'_>,
    app: &App,
    user: UserId,
    code: &RecoveryCode,
) -> Result<bool, PgError> {
    let spent = recovery_code_spend(tx, user, code).await?;
    if spent {
        queue_security_notice(tx, &app.clock, user, Topic::RecoveryCodeUsed, None).await?;
    }
    Ok(spent)
}

/// What somebody is told for whom no code is looked at.
pub(crate) fn closed(app: &App, until: DateTime<Utc>) -> Problem {
    let wait = (until - app.clock.now()).to_std().unwrap_or(Duration::from_secs(1));
    Problem::new(&codes::auth::SECOND_FACTOR_LOCKED).retry_after(wait)
}
