use tokio::time::Instant;
use witan_llm::fence::Fence;

use super::Panel;
use super::calls::Calls;
use super::progress::Step;
use crate::domain::call::{CallKey, CallStage};
use crate::domain::prompt::{self, Question};

/// The share of the time for answers that a summary may take of it.
const SHARE: f64 = 1.0 / 3.0;

impl Panel {
    /// What a model makes of what was said in a session, added to what its beginning was summarised as before. None when it
    /// does not answer, and when the budget would not allow every member to answer the question after that.
    pub async fn summarise(
        &self,
        question: &Question<'_>,
        (earlier, said): (Option<&str>, &str),
        model: &str,
        calls: &Calls,
    ) -> Option<String> {
        calls.note(Step::Stage(CallStage::Summary));
        let fence = Fence::random(&self.clock);
        let members = question.sitting.members.iter();
        let answers: Vec<_> = members.map(|member| prompt::answer(question, member, &fence)).collect();
        let request = prompt::summary(earlier, said, model, &fence);
        let deadline = Instant::now() + question.sitting.limits.answers.mul_f64(SHARE);
        let called = calls.ask_beside(CallKey::summary(), &request, deadline, &answers).await;
        match called.outcome {
            Ok(reply) => Some(reply.text.trim().to_owned()).filter(|text| !text.is_empty()),
            Err(reason) => {
                tracing::warn!(model, reason, "a session is not summarised");
                None
            }
        }
    }
}
