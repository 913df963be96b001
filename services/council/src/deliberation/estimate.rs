use witan_llm::Usage;
use witan_llm::fence::Fence;

use super::Panel;
use crate::domain::prompt::{self, Question};

impl Panel {
    /// What a run may cost, in millionths of the currency: every member and one chair read all that they are given and write
    /// as much as they may, once. A model whose price is not known costs nothing here.
    pub fn estimate(&self, question: &Question<'_>) -> u64 {
        let sitting = question.sitting;
        let fence = Fence::random(&self.clock);
        let answers = sitting.members.iter().map(|model| {
            let request = prompt::answer(question, model, &fence);
            self.cost(model, Usage::estimate(&request.messages, "").input_tokens, request.max_tokens)
        });
        let answers: u64 = answers.sum();
        if !sitting.mode.is_reviewed() {
            return answers;
        }
        let written = |each: u32| u64::from(each) * sitting.members.len() as u64;
        let reviews = sitting.members.iter().map(|model| {
            let request = prompt::critique(question, &[], model, &fence);
            let read = Usage::estimate(&request.messages, "").input_tokens + written(prompt::ANSWER_TOKENS);
            self.cost(model, read, request.max_tokens)
        });
        let reviews: u64 = reviews.sum();
        let chair = sitting.chairs.iter().take(1).map(|model| {
            let request = prompt::synthesis(question, &[], model, &fence);
            let given = written(prompt::ANSWER_TOKENS) + written(prompt::CRITIQUE_TOKENS);
            self.cost(model, Usage::estimate(&request.messages, "").input_tokens + given, request.max_tokens)
        });
        answers + reviews + chair.sum::<u64>()
    }

    fn cost(&self, model: &str, input_tokens: u64, max_tokens: Option<u32>) -> u64 {
        let output_tokens = max_tokens.map_or(0, u64::from);
        let usage = Usage { input_tokens, output_tokens, estimated: true };
        let model = self.models.get(model);
        model.map_or(0, |model| u64::try_from(model.cost_micros(usage)).unwrap_or_default())
    }
}
