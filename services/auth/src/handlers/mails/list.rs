use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use witan_ids::{MailId, UserId};
use witan_web::{Page, Paging, Problem, Query, State, codes};

use crate::app::App;
use crate::domain::email::EmailAddress;
use crate::mail::MailKind;
use crate::store::mails::{MailFilter, MailState, MailSummary, mail_list};

/// Which mails to list.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct MailQuery {
    /// Only those to this address.
    #[param(min_length = 3, max_length = 254, example = "ada@example.org")]
    recipient: Option<String>,
    /// Only those of this kind.
    #[param(min_length = 1, max_length = 40, example = "verify_email")]
    kind: Option<String>,
    /// Only those in this state.
    state: Option<Delivery>,
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Delivery {
    /// It waits to be sent, perhaps again.
    Queued,
    /// The mail server took it.
    Sent,
    /// It was given up.
    Failed,
    /// It was not sent: nobody needs it any longer, or its recipient got enough of them.
    Suppressed,
}

/// A mail. What was in it, and so the secret of its link, is kept nowhere.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mail {
    /// The mail; also the first part of its Message-ID.
    id: MailId,
    /// Whom it concerns; nobody where it goes to an address that may have no account.
    #[schema(required)]
    user_id: Option<UserId>,
    /// Where it goes.
    #[schema(example = "ada@example.org")]
    recipient: String,
    /// Which mail it is.
    #[schema(example = "verify_email")]
    kind: String,
    /// What a security notice is about.
    #[schema(required)]
    topic: Option<String>,
    /// What became of it.
    state: Delivery,
    /// How often it was handed over, or should have been.
    #[schema(minimum = 0)]
    attempts: i32,
    /// Why the last attempt failed.
    #[schema(required)]
    last_error: Option<String>,
    /// When it was ordered.
    created_at: DateTime<Utc>,
    /// When its state became final.
    #[schema(required)]
    settled_at: Option<DateTime<Utc>>,
}

/// Lists mails, newest first.
///
/// For who runs the installation: whether a mail left, how often it was tried, and what the mail server said.
#[utoipa::path(get, path = "/api/v1/auth/mails", operation_id = "listMails", tag = "auth",
    params(MailQuery, Paging), responses((status = 200, description = "Mails", body = Page<Mail>)))]
pub(crate) async fn handle(
    app: State<App>,
    Query(query): Query<MailQuery>,
    paging: Paging,
) -> Result<Page<Mail>, Problem> {
    let filter = wanted(&query)?;
    let list = ("auth.mails", &query);
    let (after, rows): (Option<MailId>, _) = (paging.position(&app.cursors, &list)?, paging.rows());
    let rows = app.pg.read("mail.list", async |conn| mail_list(conn, &filter, after, rows).await).await?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&list, &row.id));
    Ok(page.map(present))
}

fn wanted(query: &MailQuery) -> Result<MailFilter, Problem> {
    let refuse = |name: &str, detail: String| {
        Problem::new(&codes::QUERY_INVALID).violation(name, "validation.invalid", detail)
    };
    let recipient = query.recipient.as_deref().map(EmailAddress::parse).transpose();
    let recipient = recipient.map_err(|error| refuse("recipient", error.to_string()))?;
    let kind = query
        .kind
        .as_deref()
        .map(|name| MailKind::parse(name).ok_or_else(|| refuse("kind", "is no kind of mail".to_owned())));
    Ok(MailFilter { recipient, kind: kind.transpose()?, state: query.state.map(Into::into) })
}

fn present(row: MailSummary) -> Mail {
    Mail {
        id: row.id,
        user_id: row.user_id,
        recipient: row.recipient.or(row.email).unwrap_or_default(),
        kind: row.kind,
        topic: row.topic,
        state: MailState::parse(&row.state).into(),
        attempts: row.attempts,
        last_error: row.last_error,
        created_at: row.created_at.trunc_subsecs(3),
        settled_at: row.settled_at.map(|at| at.trunc_subsecs(3)),
    }
}

impl From<Delivery> for MailState {
    fn from(state: Delivery) -> Self {
        match state {
            Delivery::Queued => Self::Queued,
            Delivery::Sent => Self::Sent,
            Delivery::Failed => Self::Failed,
            Delivery::Suppressed => Self::Suppressed,
        }
    }
}

impl From<MailState> for Delivery {
    fn from(state: MailState) -> Self {
        match state {
            MailState::Queued => Self::Queued,
            MailState::Sent => Self::Sent,
            MailState::Failed => Self::Failed,
            MailState::Suppressed => Self::Suppressed,
        }
    }
}
