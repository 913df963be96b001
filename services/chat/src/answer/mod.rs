//! Who answers for a persona: a webhook, a model, or the council. Each sends its text in pieces as it comes and says
//! at the end how it went; none of them knows about streams, storage or clients.

mod council;
mod model;
mod webhook;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;
use witan_egress::SigningSecret;
use witan_ids::{ConversationId, MessageId, PersonaId, UserId, WorkspaceId};

use crate::app::App;
use crate::domain::outcome::AnswerError;
use crate::domain::prompt::{Profile, Turn};

/// What a persona is asked.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    pub(crate) conversation_id: ConversationId,
    pub(crate) persona_id: PersonaId,
    /// The answer's id, made before anybody is asked: the idempotency key of the whole affair.
    pub(crate) answer_id: MessageId,
    pub(crate) text: String,
    /// What was said before, oldest first.
    pub(crate) history: Vec<Turn>,
    pub(crate) profile: Profile,
}

/// Who answers.
#[derive(Debug, Clone)]
pub(crate) enum Backend {
    /// The settings' model where none is named.
    Model {
        model: Option<String>,
    },
    Webhook {
        url: Url,
        secret: SigningSecret,
    },
    Council {
        agent: String,
    },
}

/// What is known of an answer besides its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) model: Option<String>,
    pub(crate) input_tokens: Option<i64>,
    pub(crate) output_tokens: Option<i64>,
}

/// Where the text goes. It is bounded: whoever answers faster than it can be stored waits.
pub(crate) type Pieces = mpsc::Sender<String>;

/// Asks the persona. Cancelling ends the call to whoever answers at once.
pub(crate) async fn answer(
    app: &App,
    backend: Backend,
    question: &Question,
    pieces: Pieces,
    cancel: &CancellationToken,
) -> Result<Answered, AnswerError> {
    let asked = async {
        match backend {
            Backend::Model { model } => model::answer(app, model.as_deref(), question, &pieces, cancel).await,
            Backend::Webhook { url, secret } => webhook::answer(app, &url, &secret, question, &pieces).await,
            Backend::Council { agent } => council::answer(app, agent, question, &pieces).await,
        }
    };
    tokio::select! {
        // A finished answer counts, even if it is stopped in the same moment.
        biased;
        outcome = tokio::time::timeout(app.config.answer_timeout, asked) => {
            outcome.unwrap_or(Err(AnswerError::Timeout))
        }
        () = cancel.cancelled() => Err(AnswerError::Stopped),
    }
}

/// Hands on a piece; nobody listens only when the writer has given up.
async fn hand_on(pieces: &Pieces, text: String) -> Result<(), AnswerError> {
    pieces.send(text).await.map_err(|_| AnswerError::Interrupted)
}
