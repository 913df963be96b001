use witan_clients::{ClientError, CouncilQuestion};

use super::{Answered, Pieces, Question, hand_on};
use crate::app::App;
use crate::domain::outcome::AnswerError;
use crate::domain::prompt::Turn;

/// Asks the council, which answers in one piece.
pub(super) async fn answer(
    app: &App,
    agent: String,
    question: &Question,
    pieces: &Pieces,
) -> Result<Answered, AnswerError> {
    let asked = CouncilQuestion {
        workspace_id: question.workspace_id,
        user_id: question.user_id,
        agent,
        prompt: question.text.clone(),
        context: transcript(&question.history),
    };
    let answer = app.peers.council.run(&asked).await.map_err(refused)?;
    hand_on(pieces, answer.answer).await?;
    Ok(Answered::default())
}

fn transcript(history: &[Turn]) -> Option<String> {
    let lines: Vec<String> =
        history.iter().map(|turn| format!("{}: {}", turn.role.as_str(), turn.content)).collect();
    (!lines.is_empty()).then(|| lines.join("\n\n"))
}

fn refused(error: ClientError) -> AnswerError {
    match &error {
        ClientError::Refused { status, .. } if status.as_u16() == 402 => AnswerError::Budget,
        _ => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the council did not answer");
            AnswerError::Failed
        }
    }
}
